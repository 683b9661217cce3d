import type { MessageClass } from './gate.domain';

/** A message that an event asks for: ids and amounts, no names. */
export interface MessageDraft {
  readonly dedupeKey: string;
  readonly personId: string;
  readonly class: MessageClass;
  readonly template: string;
  readonly facts: {
    readonly currency?: string;
    readonly amounts?: Readonly<Record<string, string>>;
    readonly words?: Readonly<Record<string, string>>;
    readonly rateBasisPoints?: number;
    /** Words that are sealed for the person, and opened only to be written. */
    readonly sealed?: Readonly<Record<string, string>>;
  };
  readonly transactionId?: string | undefined;
  readonly merchantId?: string | undefined;
  readonly counterpartyId?: string | undefined;
  readonly campaignId?: string | undefined;
  /** After this it is no news any more; null: always. */
  readonly validUntil: Date | null;
  /** Why this person gets it, for an offer; begins its trace. */
  readonly because?: string | undefined;
  /** The span of the event that asks for it. */
  readonly traceparent?: string | undefined;
}

const HOUR_MS = 3_600_000;

/** How long a message is news, from what happened on; null: for ever. Later it goes into the inbox alone. */
const NEWS_HOURS: Readonly<Record<Exclude<MessageClass, 'MARKETING'>, number | null>> = {
  SECURITY: null, TRANSACTIONAL: 24, SERVICE: 72,
};

/** Gives until when a message about something that happened at `occurredAt` is news. */
export function newsUntil(messageClass: Exclude<MessageClass, 'MARKETING'>, occurredAt: Date): Date | null {
  const hours = NEWS_HOURS[messageClass];
  return hours === null ? null : new Date(occurredAt.getTime() + hours * HOUR_MS);
}

interface Movement {
  readonly transactionId: string;
  readonly personId: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly occurredAt: Date;
}

export const receipt = (template: string, movement: Movement): Omit<MessageDraft, 'facts'> => ({
  dedupeKey: `${template}/${movement.transactionId}/${movement.personId}`,
  personId: movement.personId,
  class: 'TRANSACTIONAL',
  template,
  transactionId: movement.transactionId,
  validUntil: newsUntil('TRANSACTIONAL', movement.occurredAt),
});

const amounts = (values: Readonly<Record<string, bigint>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, minor]) => [name, minor.toString()]));

function feeKind(fee: bigint, waived: bigint): 'charged' | 'waived' | 'partly' | 'none' {
  if (fee > 0n) return waived > 0n ? 'partly' : 'charged';
  return waived > 0n ? 'waived' : 'none';
}

export function paymentReceipt(payment: Movement & { merchantId: string; fee: bigint; waived: bigint }): MessageDraft {
  const { currency, amount, fee, waived } = payment;
  return {
    ...receipt('payment.settled', payment),
    merchantId: payment.merchantId,
    facts: { currency, amounts: amounts({ amount, fee, waived }), words: { feeKind: feeKind(fee, waived) } },
  };
}

export function refundNotice(refund: Movement & { merchantId: string }): MessageDraft {
  return {
    ...receipt('payment.refunded', refund),
    merchantId: refund.merchantId,
    facts: { currency: refund.currency, amounts: amounts({ amount: refund.amount }) },
  };
}

export function transferNotice(
  direction: 'sent' | 'received',
  transfer: Movement & { counterpartyId: string },
): MessageDraft {
  return {
    ...receipt(`transfer.${direction}`, transfer),
    counterpartyId: transfer.counterpartyId,
    facts: { currency: transfer.currency, amounts: amounts({ amount: transfer.amount }) },
  };
}

export function topUpNotice(topUp: Movement & { last4: string }, failure?: string): MessageDraft {
  const words = { last4: topUp.last4, ...(failure ? { cause: failure } : {}) };
  return {
    ...receipt(failure ? 'topup.failed' : 'topup.settled', topUp),
    facts: { currency: topUp.currency, amounts: amounts({ amount: topUp.amount }), words },
  };
}

/** A top-up from a bank account that is in the wallet, was not carried out, or was taken back later. */
export function bankTopUpNotice(topUp: Movement & { last4: string; reason?: string; owed?: bigint }): MessageDraft {
  const { currency, amount, last4, reason, owed = 0n } = topUp;
  const template = reason === undefined ? 'topup.from-bank' : reason === 'RETURNED' ? 'bank-topup.returned' : 'bank-topup.failed';
  return {
    ...receipt(template, topUp),
    facts: { currency, amounts: amounts({ amount, owed }), words: { last4, owes: owed > 0n ? 'yes' : 'no' } },
  };
}

export function withdrawalNotice(
  outcome: 'settled' | 'failed', withdrawal: Movement & { last4: string; fee: bigint },
): MessageDraft {
  const { currency, amount, fee, last4 } = withdrawal;
  return { ...receipt(`withdrawal.${outcome}`, withdrawal), facts: { currency, amounts: amounts({ amount, fee }), words: { last4 } } };
}

export function adjustmentNotice(adjustment: Movement & { direction: string }): MessageDraft {
  const { currency, amount, direction } = adjustment;
  return { ...receipt('wallet.adjusted', adjustment), facts: { currency, amounts: amounts({ amount }), words: { direction } } };
}

export function bankAccountAlarm(account: { personId: string; paymentMethodId: string; last4: string }): MessageDraft {
  return {
    dedupeKey: `bank-account.added/${account.paymentMethodId}`,
    personId: account.personId,
    class: 'SECURITY',
    template: 'bank-account.added',
    facts: { words: { last4: account.last4 } },
    validUntil: null,
  };
}

/** Tells an applicant that their application was approved or rejected, or that more is asked for. */
export function applicationNotice(
  application: { applicationId: string; applicantId: string; outcome: 'APPROVED' | 'REJECTED' | 'NEEDS_MORE'; occurredAt: Date },
): MessageDraft {
  const { applicationId, applicantId, outcome, occurredAt } = application;
  return {
    // More can be asked for more than once.
    dedupeKey: `merchant-application.decided/${applicationId}/${occurredAt.toISOString()}`,
    personId: applicantId,
    class: 'TRANSACTIONAL',
    template: 'merchant-application.decided',
    facts: { words: { outcome } },
    validUntil: newsUntil('TRANSACTIONAL', occurredAt),
  };
}

/** Tells every owner of a merchant, and who was one until lately, that somebody said where it is paid to; to them not where that is. */
export function payoutAccountAlarm(
  account: { personId: string; merchantId: string; payoutAccountId: string; last4: string; formerOwner: boolean },
): MessageDraft {
  return {
    dedupeKey: `payout-account.changed/${account.payoutAccountId}/${account.personId}`,
    personId: account.personId,
    class: 'SECURITY',
    template: account.formerOwner ? 'payout-account.changed-since' : 'payout-account.changed',
    merchantId: account.merchantId,
    facts: account.formerOwner ? {} : { words: { last4: account.last4 } },
    validUntil: null,
  };
}

/** Tells every owner of a merchant that one of them let payouts go on. */
export function payoutsResumedAlarm({ personId, merchantId, payoutId, last4 }: {
  personId: string; merchantId: string; payoutId: string; last4: string;
}): MessageDraft {
  return {
    dedupeKey: `payouts.resumed/${payoutId}/${personId}`, personId, class: 'SECURITY', template: 'payouts.resumed', merchantId,
    facts: { words: { last4 } }, validUntil: null,
  };
}

const REWARD_TEMPLATES = {
  CASHBACK: 'reward.cashback',
  REFERRAL_REWARD: 'reward.referral',
  FEE_REBATE: 'reward.fee-rebate',
} as const;

/** The message that a reward stands in the wallet; none where all of it was kept for earlier debts. */
export function rewardNotice(
  reward: Movement & { grantId: string; kind: keyof typeof REWARD_TEMPLATES; credited: bigint },
): MessageDraft | null {
  if (reward.credited <= 0n) return null;
  return {
    dedupeKey: `reward.paid/${reward.grantId}`,
    personId: reward.personId,
    class: 'SERVICE',
    template: REWARD_TEMPLATES[reward.kind],
    transactionId: reward.transactionId,
    facts: { currency: reward.currency, amounts: amounts({ amount: reward.credited }) },
    validUntil: newsUntil('SERVICE', reward.occurredAt),
  };
}

/** The message that a reward was taken back; none where nothing left the wallet and nothing is owed. */
export function rewardReversalNotice(reversal: Movement & { reversalId: string; owed: bigint }): MessageDraft | null {
  if (reversal.amount <= 0n && reversal.owed <= 0n) return null;
  const wasTaken = reversal.amount > 0n;
  return {
    dedupeKey: `reward.reversed/${reversal.reversalId}`,
    personId: reversal.personId,
    class: 'SERVICE',
    template: wasTaken ? 'reward.reversed' : 'reward.owed',
    // Where nothing was taken there is no transaction to show.
    transactionId: wasTaken ? reversal.transactionId : undefined,
    facts: {
      currency: reversal.currency,
      amounts: amounts({ amount: reversal.amount, owed: reversal.owed }),
      words: { owes: reversal.owed > 0n ? 'yes' : 'no' },
    },
    validUntil: newsUntil('SERVICE', reversal.occurredAt),
  };
}

export function walletWelcome(wallet: {
  personId: string;
  walletId: string;
  currency: string;
  occurredAt: Date;
}): MessageDraft {
  return {
    dedupeKey: `wallet.opened/${wallet.walletId}`,
    personId: wallet.personId,
    class: 'SERVICE',
    template: 'wallet.opened',
    facts: { currency: wallet.currency },
    validUntil: newsUntil('SERVICE', wallet.occurredAt),
  };
}

/** An alarm: no preference holds it back, and it never grows old. `id` is of what happened, so that it comes once. */
const alarm = (template: string, personId: string, id: string, words?: Readonly<Record<string, string>>): MessageDraft => ({
  dedupeKey: `${template}/${id}`,
  personId,
  class: 'SECURITY',
  template,
  facts: words ? { words } : {},
  validUntil: null,
});

export function cardAlarm(card: {
  personId: string;
  paymentMethodId: string;
  brand: string;
  last4: string;
}): MessageDraft {
  const { brand, last4 } = card;
  return alarm('card.added', card.personId, card.paymentMethodId, { brand, last4 });
}

export function reuseAlarm(reuse: { personId: string; familyId: string }): MessageDraft {
  return alarm('session.reuse-detected', reuse.personId, reuse.familyId);
}

export function deviceAlarm(device: {
  personId: string;
  sessionId: string;
  browser: string;
  platform: string;
}): MessageDraft {
  const { browser, platform } = device;
  return alarm('device.added', device.personId, device.sessionId, { browser, platform });
}

export function consentAlarm(consent: { personId: string; consentId: string }): MessageDraft {
  return alarm('consent.given', consent.personId, consent.consentId);
}

/** The message that a consent ended by itself; none where its person withdrew it, which is no surprise to them. */
export function consentEndedAlarm(end: { personId: string; consentId: string; reason: 'PERSON' | 'CODE_REUSED' }): MessageDraft | null {
  return end.reason === 'PERSON' ? null : alarm('consent.withdrawn', end.personId, end.consentId);
}

/** The message that an operator ended a consent: at the person's wish, since the bank has left, or for safety. */
export function consentEndedByOperatorAlarm(end: { personId: string; consentId: string; onRequest: boolean; bankLeft: boolean }): MessageDraft {
  const request = end.onRequest ? 'yes' : end.bankLeft ? 'left' : 'no';
  return alarm('consent.ended', end.personId, end.consentId, { request });
}

export function secondFactorAlarm(change: { personId: string; changeId: string; change: string }): MessageDraft {
  return alarm('second-factor.changed', change.personId, change.changeId, { change: change.change });
}

/** The message that sessions were ended from elsewhere; none for a sign-out, which is no surprise to who does it. */
export function sessionsEndedAlarm(end: {
  personId: string;
  changeId: string;
  reason: 'SIGNED_OUT' | 'ENDED_BY_OWNER';
  count: number;
}): MessageDraft | null {
  if (end.reason === 'SIGNED_OUT') return null;
  return alarm('sessions.ended', end.personId, end.changeId, { count: end.count === 1 ? 'ONE' : 'MANY' });
}
