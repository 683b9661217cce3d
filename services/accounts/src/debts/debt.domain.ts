import { formatAmount, least, type Money } from '@tael/money';
import type { Refused } from '../outcomes/outcome.domain';

/** What is owed for one returned top-up, under the lock of its order: what came of it is never more than what was owed. */
export interface DebtSums {
  readonly owed: bigint;
  readonly collected: bigint;
  readonly writtenOff: bigint;
}

/** Gives what is still open. */
export const openOf = ({ owed, collected, writtenOff }: DebtSums): bigint => owed - collected - writtenOff;

/** Decides how much of a debt is taken from a wallet: what is there, and never more than what is open. A frozen one keeps all until it is let go. */
export function decideCollection(debt: DebtSums, wallet: { readonly available: bigint; readonly frozen: boolean }): bigint {
  return wallet.available > 0n && !wallet.frozen ? least(openOf(debt), wallet.available) : 0n;
}

/** Refuses what nobody does who owes, in whatever currency, and says how much that is. */
export function refuseDebtor(owed: readonly Money[], reason: 'DEBT_OPEN' | 'DEBT_OPEN_TRANSFER'): Refused {
  const amounts = owed.map(({ minor, currency }) => ({ amount: formatAmount(minor, currency), currency }));
  return { ok: false, refusals: [{ code: 'NOT_ALLOWED', reason, field: ['input', 'walletId'], amounts }] };
}
