import { allCurrencies, type CurrencyCode, fractionDigits, type Money } from '@tael/money';
import { type PaymentMethodStatus, usable } from '../bank-accounts/bank-account.domain';
import { feeOf, type FeeRate } from '../fees/fee.domain';
import { refuseDebtor } from '../debts/debt.domain';
import { available, type LockedAccount } from '../ledger/account.domain';
import type { LimitDefinition } from '../limits/limit.definitions.domain';
import { type LimitState, type LimitUse, takeLimits } from '../limits/limit.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { spendable } from '../wallets/wallet-freeze.domain';

/** What a withdrawal depends on, read under the wallet's lock. */
export interface WithdrawalState {
  /** The wallet, where it is the person's own. */
  readonly wallet: LockedAccount | undefined;
  /** The payment method, where it is the person's own. */
  readonly method: { readonly kind: string; readonly status: PaymentMethodStatus } | undefined;
  /** What they owe, a sum a currency: what a bank took back after it was spent. */
  readonly owed: readonly Money[];
  readonly limits: readonly LimitState[];
  readonly schedule: FeeRate;
}

/** Decides a withdrawal on locked state: amount and fee must be there. */
export function decideWithdrawal(
  state: WithdrawalState, amount: Money,
): Outcome<{ fee: bigint; limitUses: readonly LimitUse[] }> {
  const own = spendable(state.wallet);
  if (!own.ok) return own;
  const { wallet } = own;
  const account = usable(state.method, 'BANK_ACCOUNT');
  if (!account.ok) return account;
  if (state.owed.length > 0) return refuseDebtor(state.owed, 'DEBT_OPEN');
  if (wallet.currency !== amount.currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  const limits = takeLimits(state.limits, amount.minor);
  if (!limits.ok) return limits;
  const fee = feeOf(amount.minor, state.schedule);
  if (amount.minor + fee > available(wallet)) return refuse('INSUFFICIENT_FUNDS', ['input', 'amount', 'amount']);
  return { ok: true, fee, limitUses: limits.uses };
}

/** The fee that a currency starts with, by its fraction digits: 0.5 %, between 0.25 and 2.50 of one with two. */
export function seededWithdrawalFee(digits: number): FeeRate {
  if (digits === 3) return { rateBasisPoints: 50, minimum: 100n, maximum: 1_000n };
  return { rateBasisPoints: 50, minimum: 25n, maximum: 250n };
}

const perTransaction = (currency: CurrencyCode): bigint => (fractionDigits(currency) === 3 ? 10_000_000n : 1_000_000n);

/** The limits that withdrawals start with: as much at once as a payment, and ten times as much a day. */
export function seededWithdrawalLimits(): LimitDefinition[] {
  const common = { kinds: ['WITHDRAWAL'] as const, measure: 'AMOUNT' as const };
  return allCurrencies().flatMap((currency): LimitDefinition[] => [
    { ...common, id: `withdrawal-amount-${currency}`, currency, window: 'TRANSACTION', cap: perTransaction(currency) },
    { ...common, id: `withdrawal-day-amount-${currency}`, currency, window: 'DAY', cap: 10n * perTransaction(currency) },
  ]);
}
