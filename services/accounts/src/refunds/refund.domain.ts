import type { CurrencyCode, Money } from '@tael/money';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { Viewer } from '../transactions/transaction.domain';

/** A payment as its refund guard knows it, under the guard's lock. */
export interface RefundablePayment {
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  /** All refunds so far. */
  readonly refunded: bigint;
}

/** Who stands where in the transaction that somebody wants refunded. */
export interface RefundParties {
  readonly kind: string;
  readonly personId: string;
  readonly counterpartyId: string | null;
  /** The people who act for the merchant that was paid. */
  readonly merchantPeople: readonly string[];
  /** Those of them whose refunds are limited. */
  readonly cashiers: readonly string[];
  /** Those who own it; null where no event has told them apart yet. */
  readonly owners: readonly string[] | null;
}

export type MerchantRole = 'OWNER' | 'MANAGER' | 'CASHIER';

/** Says as what somebody acts for the merchant; undefined where they do not. */
export function roleOf({ merchantPeople, cashiers, owners }: Pick<RefundParties, 'merchantPeople' | 'cashiers' | 'owners'>, personId: string): MerchantRole | undefined {
  if (!merchantPeople.includes(personId)) return undefined;
  if (cashiers.includes(personId)) return 'CASHIER';
  // Events of before named no roles: whoever acted was an owner.
  return owners === null || owners.includes(personId) ? 'OWNER' : 'MANAGER';
}

/**
 * Says whether somebody may refund a transaction: the merchant's people and operators, and only payments; an operator not the own one, but as one of
 * the merchant's people. Who may see it but not refund it hears so; for everybody else it does not exist.
 */
export function mayRefund(parties: RefundParties | undefined, viewer: Viewer): Outcome<object> {
  if (!parties) return refuse('NOT_FOUND', ['input', 'transactionId']);
  const isParty = parties.personId === viewer.personId;
  const acts = parties.merchantPeople.includes(viewer.personId) || (viewer.operator && !isParty);
  if (acts && parties.kind === 'PAYMENT') return { ok: true };
  const sees = viewer.operator || acts || isParty || parties.counterpartyId === viewer.personId;
  return refuse(sees ? 'NOT_ALLOWED' : 'NOT_FOUND', ['input', 'transactionId']);
}

/** Says whether somebody's refunds are limited: a cashier's are, an operator's too who is one. */
export function isLimited({ cashiers }: Pick<RefundParties, 'cashiers'>, { personId }: Pick<Viewer, 'personId'>): boolean {
  return cashiers.includes(personId);
}

/** What bounds a cashier, under the lock of what they gave back today. */
export interface CashierBounds {
  /** Of one payment, in all its refunds by cashiers: `used` is what cashiers, this one or others, gave back of it before. */
  readonly payment: { readonly cap: bigint; readonly used: bigint };
  /** Of a day of UTC, in the payment's currency, whichever shop it is for. */
  readonly day: { readonly cap: bigint; readonly used: bigint };
}

/** What bounds what is given back of a merchant's money, under the lock of its settlements. */
export interface MerchantMeans {
  /** What Tael holds of the merchant: unsettled, payable and held back, less what it owes. */
  readonly funds: bigint;
  /** How much it may owe. */
  readonly credit: bigint;
}


/**
 * Decides how much goes back: the given amount, or all that remains. All refunds together never exceed the payment; those of its
 * cashiers never exceed their bounds either, so that neither many small ones nor another cashier nor many payments are a way around. What
 * an owner, a manager or Tael gave back is none of theirs: it leaves the cashiers what they may. And what was paid out to a merchant is given
 * back only as far as it may owe, by its people and by an operator: beyond that it is Tael's money, about which two decide.
 */
export function decideRefund(
  payment: RefundablePayment, amount: Money | undefined, { cashier, merchant }: { cashier?: CashierBounds | undefined; merchant?: MerchantMeans | undefined } = {},
): Outcome<{ refund: bigint }> {
  if (amount && amount.currency !== payment.currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  const remaining = payment.amount - payment.refunded;
  const refund = amount?.minor ?? remaining;
  if (refund > remaining || remaining === 0n) {
    return refuse('REFUND_EXCEEDS_PAYMENT', amount ? ['input', 'amount', 'amount'] : ['input', 'transactionId']);
  }
  const field = amount ? ['input', 'amount', 'amount'] : ['input', 'transactionId'];
  if (cashier && cashier.payment.used + refund > cashier.payment.cap) return refuse('LIMIT_EXCEEDED', field, 'CASHIER_REFUND');
  if (cashier && cashier.day.used + refund > cashier.day.cap) return refuse('LIMIT_EXCEEDED', field, 'CASHIER_REFUND_DAY');
  if (merchant && refund > merchant.funds + merchant.credit) return refuse('LIMIT_EXCEEDED', field, 'MERCHANT_OWING');
  return { ok: true, refund };
}
