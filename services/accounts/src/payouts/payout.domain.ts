/**
 * PENDING_VERIFICATION: its two small deposits are not named yet. REJECTED: they were named wrongly too often. HELD: a payout
 * failed or came back, and nothing is paid until somebody acts. REPLACED: another took its place.
 */
export type PayoutAccountStatus = 'PENDING_VERIFICATION' | 'ACTIVE' | 'REJECTED' | 'HELD' | 'REPLACED';

/** So long nothing is paid to an account that took another's place: time enough for an owner to see the message. */
export const CHANGE_HOLD_MS = 24 * 60 * 60 * 1_000;

/** What a payout depends on, under the merchant's lock. */
export interface PayoutState {
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

/** Decides whether a merchant is paid now, by itself. */
export function decidePayout(state: PayoutState): PayoutDecision {
  const { account, now, underWay } = state;
  const amount = payableNow(state);
  if (amount === 0n || underWay || account?.status !== 'ACTIVE') return { do: 'NOTHING' };
  return account.usableFrom > now ? { do: 'WAIT', until: account.usableFrom } : { do: 'PAY', amount };
}

/** Why a payout by hand is refused; undefined where it may go out. Two persons override a hold, but never what is there. */
export type ByHandDenial = 'NO_PAYOUT_ACCOUNT' | 'PAYOUT_UNDER_WAY' | 'INSUFFICIENT_FUNDS';

/** Decides a payout by hand of so much. An account that was never verified is paid nothing, whoever asks. */
export function byHandDenial(state: PayoutState, amount: bigint): ByHandDenial | undefined {
  if (state.account?.status !== 'ACTIVE' && state.account?.status !== 'HELD') return 'NO_PAYOUT_ACCOUNT';
  if (state.underWay) return 'PAYOUT_UNDER_WAY';
  return amount > payableNow(state) ? 'INSUFFICIENT_FUNDS' : undefined;
}
