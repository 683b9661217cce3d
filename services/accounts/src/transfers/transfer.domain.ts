import type { Money } from '@tael/money';
import { refuseDebtor } from '../debts/debt.domain';
import { available, type LockedAccount } from '../ledger/account.domain';
import { type LimitState, type LimitUse, takeLimits } from '../limits/limit.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { spendable } from '../wallets/wallet-freeze.domain';

export interface TransferState {
  /** The wallet, where it is the sender's own. */
  readonly wallet: LockedAccount | undefined;
  /** The recipient's wallet in the currency, where there is one. */
  readonly recipientWallet: LockedAccount | undefined;
  /** What the sender owes, a sum a currency: what a bank took back after it was spent. */
  readonly owed: readonly Money[];
  readonly limits: readonly LimitState[];
}

/** Decides a transfer on locked state. Transfers are free. */
export function decideTransfer(state: TransferState, amount: Money): Outcome<{ limitUses: readonly LimitUse[] }> {
  const { recipientWallet } = state;
  const own = spendable(state.wallet);
  if (!own.ok) return own;
  const { wallet } = own;
  if (wallet.currency !== amount.currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  if (!recipientWallet) return refuse('NOT_FOUND', ['input', 'recipientEmail']);
  if (recipientWallet.personId === wallet.personId) return refuse('INVALID_INPUT', ['input', 'recipientEmail'], 'OWN_WALLET');
  if (state.owed.length > 0) return refuseDebtor(state.owed, 'DEBT_OPEN_TRANSFER');
  const limits = takeLimits(state.limits, amount.minor);
  if (!limits.ok) return limits;
  if (amount.minor > available(wallet)) return refuse('INSUFFICIENT_FUNDS', ['input', 'amount', 'amount']);
  return { ok: true, limitUses: limits.uses };
}
