/**
 * PENDING_VERIFICATION: its two small deposits are not named yet. REJECTED: they were named wrongly too often. HELD: a payout
 * failed or came back, and nothing is paid until somebody acts. REPLACED: another took its place.
 */
export type PayoutAccountStatus = 'PENDING_VERIFICATION' | 'ACTIVE' | 'REJECTED' | 'HELD' | 'REPLACED';

/** So long nothing is paid to an account that took another's place: time enough for an owner to see the message. */
export const CHANGE_HOLD_MS = 24 * 60 * 60 * 1_000;

/** So long after they ceased to be one former owners hear where the merchant is paid to: they may not have wished to cease. */
export const FORMER_OWNER_MS = 30 * CHANGE_HOLD_MS;

/**
 * Says from when on an account that is set now is paid to. A first one is at once, but not on the day on which the owners changed: whoever took
 * the merchant over would else be paid before those who were taken out have read of it.
 */
export function usableFrom({ now, isFirst, ownersChangedAt }: { now: Date; isFirst: boolean; ownersChangedAt: Date | null }): Date {
  const isChange = !isFirst || (ownersChangedAt !== null && now.getTime() - ownersChangedAt.getTime() < CHANGE_HOLD_MS);
  return isChange ? new Date(now.getTime() + CHANGE_HOLD_MS) : now;
}

/** Where a merchant stands with Tael: whether somebody has looked at its documents, and whether it may trade. */
export interface MerchantStanding {
  readonly verified: boolean;
  readonly status: 'PENDING' | 'ACTIVE' | 'SUSPENDED';
}

/** What a payout depends on, under the merchant's lock. */
export interface PayoutState {
  /** Undefined where accounts was never told of it: then nothing goes out. */
  readonly merchant: MerchantStanding | undefined;
  /** What is payable and not under way. */
  readonly payable: bigint;
  /** What the merchant owes: kept back. */
  readonly owed: bigint;
  readonly underWay: boolean;
  readonly account: { readonly status: PayoutAccountStatus; readonly usableFrom: Date } | undefined;
  readonly now: Date;
}

export type PayoutDecision =
  | { readonly do: 'PAY'; readonly amount: bigint }
  | { readonly do: 'WAIT'; readonly until: Date }
  /** Nothing to do until something happens: a batch, a word of the bank, an owner. */
  | { readonly do: 'NOTHING' };

/** Gives what can be paid to a merchant: never what it owes, and never less than nothing. */
export function payableNow({ payable, owed }: Pick<PayoutState, 'payable' | 'owed'>): bigint {
  return payable > owed ? payable - owed : 0n;
}

/** Why nothing is paid out by itself, whatever is payable. */
export type PayoutHold =
  | { readonly reason: 'NOT_VERIFIED' | 'SUSPENDED' | 'NO_ACCOUNT' | 'ACCOUNT_NOT_VERIFIED' | 'ACCOUNT_HELD' | 'OWES' }
  | { readonly reason: 'WAITING'; readonly until: Date };

/** Says what holds the payouts of a merchant; of several reasons, the one to be dealt with first. Undefined where nothing does. */
export function payoutHold({ merchant, account, now, payable, owed }: Omit<PayoutState, 'underWay'>): PayoutHold | undefined {
  if (!merchant?.verified) return { reason: 'NOT_VERIFIED' };
  if (merchant.status !== 'ACTIVE') return { reason: 'SUSPENDED' };
  if (!account) return { reason: 'NO_ACCOUNT' };
  if (account.status === 'HELD') return { reason: 'ACCOUNT_HELD' };
  if (account.status !== 'ACTIVE') return { reason: 'ACCOUNT_NOT_VERIFIED' };
  if (account.usableFrom > now) return { reason: 'WAITING', until: account.usableFrom };
  return owed > 0n && owed >= payable ? { reason: 'OWES' } : undefined;
}

/** Decides whether a merchant is paid now, by itself. */
export function decidePayout(state: PayoutState): PayoutDecision {
  const amount = payableNow(state);
  if (amount === 0n || state.underWay) return { do: 'NOTHING' };
  const hold = payoutHold(state);
  if (!hold) return { do: 'PAY', amount };
  return hold.reason === 'WAITING' ? { do: 'WAIT', until: hold.until } : { do: 'NOTHING' };
}

/** So often in a row an owner lets payouts go on to an account that did not take one. Then it is the account that is wrong. */
export const RESUMPTIONS_MAX = 3;

/** What letting payouts go on depends on, under the merchant's lock. */
export interface ResumptionState {
  readonly status: PayoutAccountStatus | undefined;
  /** The newest payout to the account that failed or came back. */
  readonly failed: string | undefined;
  /** How often payouts to this account were let go on since the last one that it took and kept. */
  readonly resumptions: number;
}

export type ResumptionDenial = 'NO_PAYOUT_ACCOUNT' | 'NOT_HELD' | 'OTHER_PAYOUT' | 'RESUMED_TOO_OFTEN';

/** Says why payouts may not go on after a payout that failed or came back; undefined where they may. */
export function resumptionDenial({ status, failed, resumptions }: ResumptionState, payoutId: string): ResumptionDenial | undefined {
  if (status === undefined) return 'NO_PAYOUT_ACCOUNT';
  if (status !== 'HELD') return 'NOT_HELD';
  if (failed !== payoutId) return 'OTHER_PAYOUT';
  return resumptions >= RESUMPTIONS_MAX ? 'RESUMED_TOO_OFTEN' : undefined;
}

/** Why a payout by hand is refused; undefined where it may go out. Two persons override a hold, but never what is there. */
export type ByHandDenial = 'MERCHANT_NOT_VERIFIED' | 'NO_PAYOUT_ACCOUNT' | 'PAYOUT_UNDER_WAY' | 'INSUFFICIENT_FUNDS';

/**
 * Decides a payout by hand of so much. A merchant that is suspended may be paid off by two persons; one whose documents nobody
 * has approved, or to an account that was never verified, is paid nothing, whoever asks.
 */
export function byHandDenial(state: PayoutState, amount: bigint): ByHandDenial | undefined {
  if (!state.merchant?.verified) return 'MERCHANT_NOT_VERIFIED';
  if (state.account?.status !== 'ACTIVE' && state.account?.status !== 'HELD') return 'NO_PAYOUT_ACCOUNT';
  if (state.underWay) return 'PAYOUT_UNDER_WAY';
  return amount > payableNow(state) ? 'INSUFFICIENT_FUNDS' : undefined;
}
