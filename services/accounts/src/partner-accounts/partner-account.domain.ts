import type { StatementSummary } from '../statements/statement.domain';
import type { CurrencyCode } from '@tael/money';

/** An account of a bank, as its histories left it. */
export interface PartnerAccount {
  readonly id: string;
  readonly partnerId: string;
  readonly currency: CurrencyCode;
  readonly number: string;
  readonly balance: bigint;
  /** How far below zero it may go. */
  readonly overdraft: bigint;
  /** Days of its first and last booking: `1993-01-31`. */
  readonly firstBookedOn: string;
  readonly lastBookedOn: string;
}

/** A month of an account of a bank. */
export interface PartnerStatement extends StatementSummary {
  readonly partnerId: string;
}
