import type { EventData, EventType } from '@tael/events';
import { type CurrencyCode, formatAmount } from '@tael/money';
import type { OwnerKind } from './webhook.domain';

/** What an owner is told: thin, ids and amounts. People are left out, whoever they are: a shop is not told who paid. */
export interface Draft {
  readonly ownerKind: OwnerKind;
  readonly ownerId: string;
  /** What is told in the order in which it happened. */
  readonly orderKey: string;
  readonly occurredAt: Date;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What is told of an event; undefined where an event of before says too little to be told. */
export type Feeds = { readonly [Type in EventType]?: (data: EventData<Type>) => Draft | undefined };

const amountOf = (minor: bigint, currency: CurrencyCode) => ({ amount: formatAmount(minor, currency), currency });

type Lane = Pick<Draft, 'ownerKind' | 'ownerId' | 'orderKey'>;

/** In how many lanes the payments of a merchant are told. A power of two, and never changed: see the migration that made them. */
const PAYMENT_LANES = 64;

/**
 * What happens to one payment is told in order, and payments do not wait for each other: the one that a receiver cannot stomach
 * holds a sixty-fourth of the others up. A lane each would stay for ever, and an endpoint that is away would be tried once for each of them.
 */
const ofPayment = (merchantId: string, paymentId: string): Lane => ({
  ownerKind: 'MERCHANT', ownerId: merchantId,
  // The end of an id is drawn at random, so that lanes fill alike.
  orderKey: `${merchantId}/payments/${parseInt(paymentId.slice(-2), 16) % PAYMENT_LANES}`,
});

/** Settlements and what is paid out of them: few, and a payout comes after the settlement that it is of. */
const ofSettlement = (merchantId: string): Lane => ({ ownerKind: 'MERCHANT', ownerId: merchantId, orderKey: `${merchantId}/settlements` });

const ofPartner = (id: string): Lane => ({ ownerKind: 'PARTNER', ownerId: id, orderKey: id });
/**
 * A consent has ended: which, of the person as that bank knows them. All of a bank's are one lane beside its own: a lane a person would be kept for
 * ever, and hundreds that are due would hold up those of others.
 */
function consentDraft(data: EventData<'consent.withdrawn' | 'consent.ended'>): Draft | undefined {
  const { partnerId, consentId, subject: customerId, occurredAt } = data;
  if (customerId === null) return undefined;
  return { ...ofPartner(partnerId), orderKey: `${partnerId}/consents`, occurredAt, data: { consentId, customerId, ...('reason' in data ? { reason: data.reason } : {}) } };
}

const payoutDraft = (data: EventData<'payout.settled'>): Draft => ({
  ...ofSettlement(data.merchantId),
  occurredAt: data.occurredAt,
  data: { payoutId: data.payoutId, merchantId: data.merchantId, amount: amountOf(data.amount, data.currency) },
});

/** What is told, by the event that it is told of: another event is another row here. */
export const FEEDS: Feeds = {
  'payment.settled': (data) => ({
    ...ofPayment(data.merchantId, data.transactionId),
    occurredAt: data.occurredAt,
    data: {
      paymentId: data.transactionId,
      merchantId: data.merchantId,
      amount: amountOf(data.amount, data.currency),
    },
  }),
  'payment.refunded': (data) => ({
    ...ofPayment(data.merchantId, data.paymentId),
    occurredAt: data.occurredAt,
    data: {
      refundId: data.transactionId,
      paymentId: data.paymentId,
      merchantId: data.merchantId,
      amount: amountOf(data.amount, data.currency),
      refundedTotal: amountOf(data.refundedTotal, data.currency),
    },
  }),
  'history-import.ended': ({ occurredAt, lineCount, problemCount, ...data }) => ({
    ...ofPartner(data.partnerId),
    occurredAt,
    data: { importId: data.importId, status: data.status, currency: data.currency, lineCount, problemCount },
  }),
  // What has changed the bank asks for: it may be told of later than of a change after it.
  'partner.changed': ({ partnerId, version, status, occurredAt }) => ({ ...ofPartner(partnerId), occurredAt, data: { partnerId, version, status } }),
  'partner.key-expiring': ({ partnerId, clientId, kid, expiresAt, days, occurredAt }) => ({
    ...ofPartner(partnerId), occurredAt, data: { partnerId, clientId, kid, expiresAt: expiresAt.toISOString(), days },
  }),
  'consent.withdrawn': consentDraft,
  'consent.ended': consentDraft,
  'settlement.closed': (data) => ({
    ...ofSettlement(data.merchantId),
    occurredAt: data.occurredAt,
    data: {
      settlementId: data.settlementId,
      merchantId: data.merchantId,
      number: data.number,
      businessDay: data.businessDay,
      net: amountOf(data.net, data.currency),
    },
  }),
  'payout.settled': payoutDraft,
  'payout.failed': payoutDraft,
  'payout.returned': payoutDraft,
};

/** Writes the body of a message: what is signed. */
export function bodyOf(type: string, occurredAt: Date, data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type, timestamp: occurredAt.toISOString(), data });
}
