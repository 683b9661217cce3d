import type { CurrencyCode } from '@tael/money';

/** What an account is for. Only a wallet, a bank's account and what is payable to a merchant have a floor; the others may go either way. */
export type AccountPurpose =
  | 'WALLET' | 'PARTNER_ACCOUNT' | 'PARTNER_CLEARING' | 'FEES' | 'CARD_CLEARING' | 'MERCHANT_INFLOW' | 'REWARD_FUNDING' | 'BANK_CLEARING'
  | 'BANK_SETTLEMENT' | 'BANK_RECEIVABLE' | 'CARD_RECEIVABLE' | 'ADJUSTMENTS' | 'WRITE_OFFS' | 'MERCHANT_PAYABLE' | 'MERCHANT_RESERVE' | 'MERCHANT_RECEIVABLE'
  | 'MERCHANT_FEES';

/** STRICT: the row is locked and moved by every posting. DEFERRED: postings append, a folder moves the row later. */
export type PostingMode = 'STRICT' | 'DEFERRED';

/** A wallet's account as it stands under its lock. */
export interface LockedAccount {
  readonly id: string;
  readonly personId: string;
  readonly currency: CurrencyCode;
  readonly posted: bigint;
  readonly pending: bigint;
  /** Whether an operator has frozen it: then nothing leaves it at its person's wish. */
  readonly frozen: boolean;
}

/** What can be spent now. */
export function available(account: Pick<LockedAccount, 'posted' | 'pending'>): bigint {
  return account.posted - account.pending;
}

/** What kind of movement a transaction is, as the API names it; a bank's history is not a person's transaction, and has no name there. */
export type TransactionKind =
  | 'TOP_UP' | 'PAYMENT' | 'TRANSFER' | 'WITHDRAWAL' | 'REFUND' | 'CASHBACK' | 'FEE_REBATE' | 'REFERRAL_REWARD'
  | 'REWARD_REVERSAL' | 'HISTORY_CREDIT' | 'HISTORY_DEBIT' | 'ADJUSTMENT_CREDIT' | 'ADJUSTMENT_DEBIT';

/** What the books have besides, which nobody sees as a transaction of theirs: what follows from a word of the bank or the card processor. */
export type BankPostingKind =
  | 'WITHDRAWAL_REVERSAL' | 'TOP_UP_RETURN' | 'BANK_SETTLEMENT' | 'BANK_RECEIVABLE' | 'BREAK_WRITE_OFF'
  | 'DEBT_COLLECTION' | 'DEBT_WRITE_OFF' | 'CARD_RECEIVABLE';

/** What settles with merchants and pays them: theirs to read as settlements, and nobody's transaction. */
export type SettlementPostingKind = 'MERCHANT_SETTLEMENT' | 'PAYOUT' | 'PAYOUT_REVERSAL' | 'MERCHANT_WRITE_OFF';
