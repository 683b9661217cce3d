import { type CurrencyCode, parseAmount } from '@tael/money';
import { isDay } from '../uploads/file-text.domain';

/** The columns of a history file, in any order; the others are passed over. */
export const COLUMNS = [
  'date', 'account', 'kind', 'operation', 'purpose', 'amount', 'balance_after', 'counterparty_bank', 'counterparty_account', 'bank_ref',
] as const;
export type Column = (typeof COLUMNS)[number];
export const REQUIRED: readonly Column[] = ['date', 'account', 'kind', 'amount', 'balance_after'];

export const PROBLEM_CODES = [
  'CSV', 'COLUMN_COUNT', 'DATE', 'ACCOUNT', 'KIND', 'AMOUNT', 'BALANCE', 'TEXT', 'BALANCE_DIFFERS', 'DATE_GOES_BACK', 'DATE_IN_FUTURE',
  'TURNOVER', 'NOT_BOOKED',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

export interface Problem {
  /** The line of the file, the header's is 1. */
  readonly line: number;
  readonly code: ProblemCode;
}

/** What a bank says of a booking beside its amount; kept sealed. */
export interface HistoryDetails {
  readonly operation: string;
  readonly purpose: string;
  readonly counterpartyBank: string;
  readonly counterpartyAccount: string;
  readonly bankReference: string;
}

export interface HistoryRow {
  readonly line: number;
  readonly account: string;
  /** `1993-01-31`. */
  readonly bookedOn: string;
  /** Positive for a credit. */
  readonly amount: bigint;
  readonly balanceAfter: bigint;
  readonly details: HistoryDetails;
}

const ACCOUNT = /^[A-Za-z0-9][A-Za-z0-9 ./-]{0,39}$/;
const TEXT_MAX = 140;

// Control characters and halves of characters: no text of a bank has them, and the database does not take them all.
const UNFIT = /[\p{Cc}\p{Cs}]/u;

/** Where each column stands in a file; the names that are missing, stand twice or cannot be kept where it is no header. */
export function readHeader(cells: readonly string[]): { readonly at: ReadonlyMap<Column, number> } | { readonly wrong: readonly string[] } {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const known = COLUMNS.filter((column) => names.includes(column));
  const wrong = [
    ...REQUIRED.filter((column) => !names.includes(column)),
    ...known.filter((column) => names.indexOf(column) !== names.lastIndexOf(column)),
    ...names.filter((name) => UNFIT.test(name)),
  ];
  return wrong.length > 0 ? { wrong } : { at: new Map(known.map((column) => [column, names.indexOf(column)])) };
}

/** Reads one row of a file; gives what is wrong with it, the first thing from the left, where it cannot be read. */
export function readRow(
  cells: readonly string[],
  line: number,
  header: { readonly at: ReadonlyMap<Column, number>; readonly columns: number; readonly currency: CurrencyCode; readonly today: string },
): HistoryRow | Problem {
  if (cells.length !== header.columns) return { line, code: 'COLUMN_COUNT' };
  const cell = (column: Column): string => cells[header.at.get(column) ?? -1]?.trim() ?? '';
  const bookedOn = cell('date');
  if (!isDay(bookedOn)) return { line, code: 'DATE' };
  if (bookedOn > header.today) return { line, code: 'DATE_IN_FUTURE' };
  const account = cell('account');
  if (!ACCOUNT.test(account)) return { line, code: 'ACCOUNT' };
  const kind = cell('kind').toLowerCase();
  if (kind !== 'credit' && kind !== 'debit') return { line, code: 'KIND' };
  const amount = parseAmount(cell('amount'), header.currency);
  if (!amount.ok || amount.minor <= 0n) return { line, code: 'AMOUNT' };
  const balance = parseAmount(cell('balance_after'), header.currency);
  if (!balance.ok) return { line, code: 'BALANCE' };
  const details = {
    operation: cell('operation'), purpose: cell('purpose'), counterpartyBank: cell('counterparty_bank'),
    counterpartyAccount: cell('counterparty_account'), bankReference: cell('bank_ref'),
  };
  if (Object.values(details).some((text) => [...text].length > TEXT_MAX || UNFIT.test(text))) return { line, code: 'TEXT' };
  return { line, account, bookedOn, amount: kind === 'credit' ? amount.minor : -amount.minor, balanceAfter: balance.minor, details };
}

export const isProblem = (row: HistoryRow | Problem): row is Problem => 'code' in row;
