import type { CurrencyCode } from '@tael/money';
import { available, type LockedAccount } from '../ledger/account.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/** CREDIT puts money into a wallet, DEBIT takes it out. */
export type AdjustmentDirection = 'CREDIT' | 'DEBIT';

export interface Adjustment {
  readonly direction: AdjustmentDirection;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
}

/** Decides an adjustment of a wallet under its lock. Nobody asks for or approves one of their own wallet, and none takes it below zero. */
export function decideAdjustment(wallet: LockedAccount | undefined, { direction, currency, amount }: Adjustment, personId: string): Outcome<object> {
  if (!wallet) return refuse('NOT_FOUND', ['input', 'walletId']);
  if (wallet.personId === personId) return refuse('NOT_ALLOWED', ['input', 'walletId'], 'OWN_WALLET');
  if (wallet.currency !== currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  if (direction === 'DEBIT' && available(wallet) < amount) return refuse('INSUFFICIENT_FUNDS', ['input', 'amount']);
  return { ok: true };
}

export interface AdjustmentPosting {
  readonly kind: 'ADJUSTMENT_CREDIT' | 'ADJUSTMENT_DEBIT';
  readonly debit: 'WALLET' | 'ADJUSTMENTS';
  readonly credit: 'WALLET' | 'ADJUSTMENTS';
}

/** Gives what an adjustment books: between the wallet and the account of adjustments in its currency. */
export function postingOf(direction: AdjustmentDirection): AdjustmentPosting {
  return direction === 'CREDIT'
    ? { kind: 'ADJUSTMENT_CREDIT', debit: 'ADJUSTMENTS', credit: 'WALLET' }
    : { kind: 'ADJUSTMENT_DEBIT', debit: 'WALLET', credit: 'ADJUSTMENTS' };
}
