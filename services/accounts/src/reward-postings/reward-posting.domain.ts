import { least } from '@tael/money';

/** Decides a reversal: what is there is taken, the rest is owed. Never more than the grant has left to take back. */
export function decideReversal(
  grant: { readonly amount: bigint; readonly reversed: bigint },
  wallet: { readonly available: bigint },
  asked: bigint,
): { readonly taken: bigint; readonly owed: bigint } {
  const due = least(asked, grant.amount - grant.reversed);
  const taken = least(due, wallet.available);
  return { taken, owed: due - taken };
}

/** Decides how much of a new reward goes to what is still owed for earlier ones that were taken back. */
export function decideCollection(debt: bigint, reward: bigint, wallet: { readonly available: bigint }): bigint {
  return least(debt, least(reward, wallet.available));
}

/** Why a fee rebate is not paid. */
export type RebateRefusal = 'ALREADY_WAIVED' | 'LIMIT_REACHED' | 'BUDGET_EXHAUSTED' | 'UNKNOWN_PAYMENT';

/** What a fee rebate depends on, under the lock of the person's counter row. */
export interface RebateState {
  /** The payment whose fee it gives back, where it is the person's own. */
  readonly payment: { readonly fee: bigint; readonly feeWaived: bigint; readonly rebated: boolean } | undefined;
  readonly offer: { readonly maximumRewardsPerUser: number | null; readonly uses: number; readonly budgetLeft: bigint };
}

/** Decides a fee rebate: one waiver or rebate a fee, within the same cap and budget as the waivers of its offer. */
export function decideRebate(
  state: RebateState,
  asked: bigint,
): { readonly ok: true; readonly amount: bigint } | { readonly ok: false; readonly reason: RebateRefusal } {
  const { payment, offer } = state;
  if (!payment) return { ok: false, reason: 'UNKNOWN_PAYMENT' };
  if (payment.feeWaived > 0n || payment.rebated || payment.fee === 0n) return { ok: false, reason: 'ALREADY_WAIVED' };
  if (offer.maximumRewardsPerUser !== null && offer.uses >= offer.maximumRewardsPerUser) return { ok: false, reason: 'LIMIT_REACHED' };
  const amount = least(asked, payment.fee);
  if (amount > offer.budgetLeft) return { ok: false, reason: 'BUDGET_EXHAUSTED' };
  return { ok: true, amount };
}
