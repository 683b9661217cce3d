import type { CurrencyCode } from '@tael/money';
import type { Month } from './month.domain';

/** What moved in a month, from the wallet's own entries. */
export interface StatementSummary {
  readonly walletId: string;
  readonly currency: CurrencyCode;
  readonly month: Month;
  readonly opening: bigint;
  readonly closing: bigint;
  readonly credits: bigint;
  readonly debits: bigint;
  readonly creditCount: number;
  readonly debitCount: number;
  /** The versions of the account before its first entry of the month and at its last; equal where nothing moved. */
  readonly versions: { readonly after: bigint; readonly last: bigint };
  /** The month is over: nothing is added to it any more. */
  readonly final: boolean;
}

/** A line: what a transaction moved, fee included, and the balance right after. */
export interface StatementLine {
  readonly version: bigint;
  readonly transactionId: string;
  readonly kind: string;
  /** Positive for what came in. */
  readonly amount: bigint;
  readonly fee: bigint;
  readonly balanceAfter: bigint;
  readonly bookedAt: Date;
  readonly merchantId: string | null;
  readonly counterparty: string | undefined;
  readonly description: string | undefined;
  /** Entries between the line before and this one that were taken back, with what took them back: together they move nothing. */
  readonly takenBack?: number;
}

/** What of a statement does not tie out: an empty list for every statement that may be shown. */
export function tieOut(summary: StatementSummary, lines: readonly StatementLine[]): string[] {
  const problems: string[] = [];
  const { opening, closing, credits, debits, versions } = summary;
  if (opening + credits - debits !== closing) problems.push('opening + credits - debits is not the closing balance');
  let balance = opening;
  let version = versions.after;
  for (const line of lines) {
    balance += line.amount;
    version += 1n + BigInt(line.takenBack ?? 0);
    if (line.version !== version) problems.push(`entry ${line.version} stands where ${version} is due`);
    if (line.balanceAfter !== balance) problems.push(`entry ${line.version} leaves ${line.balanceAfter}; ${balance} is what the entries before it add up to`);
  }
  if (version !== versions.last) problems.push(`entries end at ${version}, the statement at ${versions.last}`);
  if (balance !== closing) problems.push('the entries do not add up to the closing balance');
  return problems;
}
