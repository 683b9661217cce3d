import { type CurrencyCode, formatAmount, least, type Money } from '@tael/money';
import { type Outcome, refuse, type Refused } from '../outcomes/outcome.domain';

/** What is owed for one returned top-up, under the lock of its order: what came of it is never more than what was owed. */
export interface DebtSums {
  readonly owed: bigint;
  readonly collected: bigint;
  readonly writtenOff: bigint;
}

/** Gives what is still open. */
export const openOf = ({ owed, collected, writtenOff }: DebtSums): bigint => owed - collected - writtenOff;

export type DebtStatus = 'OPEN' | 'SETTLED' | 'WRITTEN_OFF';

/** Gives what became of a debt: WRITTEN_OFF where nothing is open any more and some of it was never paid. */
export function debtStatus(debt: DebtSums): DebtStatus {
  if (openOf(debt) > 0n) return 'OPEN';
  return debt.writtenOff > 0n ? 'WRITTEN_OFF' : 'SETTLED';
}

/** Decides how much of a debt is taken from a wallet: what is there, and never more than what is open. A frozen one keeps all until it is let go. */
export function decideCollection(debt: DebtSums, wallet: { readonly available: bigint; readonly frozen: boolean }): bigint {
  return wallet.available > 0n && !wallet.frozen ? least(openOf(debt), wallet.available) : 0n;
}

/** Refuses what nobody does who owes, in whatever currency, and says how much that is. */
export function refuseDebtor(owed: readonly Money[], reason: 'DEBT_OPEN' | 'DEBT_OPEN_TRANSFER' | 'DEBT_OPEN_PAYMENT'): Refused {
  const amounts = owed.map(({ minor, currency }) => ({ amount: formatAmount(minor, currency), currency }));
  return { ok: false, refusals: [{ code: 'NOT_ALLOWED', reason, field: ['input', 'walletId'], amounts }] };
}

/** A debt and its wallet under their locks, as who writes it off sees them. */
export interface LockedDebt extends DebtSums {
  readonly personId: string;
  readonly currency: CurrencyCode;
  readonly wallet: { readonly available: bigint; readonly frozen: boolean };
}

/**
 * Says whether an operator may ask for a write-off of a debt, or approve it: not of their own, and of no more than is open and its
 * wallet cannot pay now.
 */
export function mayWriteOffDebt(debt: LockedDebt | undefined, { amount, currency }: { amount: bigint; currency: CurrencyCode }, operatorId: string): Outcome<object> {
  const field = ['input', 'debtId'];
  if (!debt) return refuse('NOT_FOUND', field);
  if (debt.personId === operatorId) return refuse('NOT_ALLOWED', field, 'OWN_DEBT');
  if (debt.currency !== currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  if (openOf(debt) === 0n) return refuse('NOT_ALLOWED', field, 'DEBT_CLOSED');
  return amount <= openOf(debt) - decideCollection(debt, debt.wallet) ? { ok: true } : refuse('NOT_ALLOWED', ['input', 'amount'], 'DEBT_LESS');
}
