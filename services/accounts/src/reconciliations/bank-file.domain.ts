import { type CurrencyCode, parseAmount } from '@tael/money';
import { type Outcome, refuse, type Refused } from '../outcomes/outcome.domain';
import { isDay } from '../uploads/file-text.domain';
import type { BankLine } from './reconciliation.domain';

/** The columns of a bank's file, in any order. Others are passed over and kept nowhere: they may hold names. */
const COLUMNS = ['booking_id', 'reference', 'kind', 'amount', 'booked_on'] as const;
type Column = (typeof COLUMNS)[number];

/** What of a file cannot be used, named by its line. */
export interface FileProblem {
  readonly line: number;
  /** A column, `header` or `csv`; of camt.053 the element. */
  readonly column: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_:./-]{0,63}$/;

/** Says whether a text can be the name of a booking or an order. */
export const isName = (text: string): boolean => NAME.test(text);

/** What the bank says of its own account in a period. Both days belong to it. */
export interface BankPeriod {
  readonly currency: CurrencyCode;
  readonly from: string;
  readonly to: string;
  readonly opening: bigint;
  readonly closing: bigint;
}

/** A booking and the line of the file that it begins in. */
export type FileLine = BankLine & { readonly line: number };

/** What was read; the header is wanted again where more of the file is to come. */
export type FileReading = { readonly lines: readonly FileLine[]; readonly header: readonly string[] } | { readonly problem: FileProblem };

/**
 * Reads a file whose first row names the columns. Nothing of a file with a wrong row is used.
 * @param header the names of the columns, where an earlier part of the file had them
 */
export function readBankFile(
  rows: readonly { readonly line: number; readonly cells: readonly string[] }[], currency: CurrencyCode, header?: readonly string[],
): FileReading {
  const body = header ? rows : rows.slice(1);
  const names = header ?? (rows[0]?.cells ?? []).map((cell) => cell.trim().toLowerCase());
  if (COLUMNS.some((column) => names.indexOf(column) < 0 || names.indexOf(column) !== names.lastIndexOf(column))) {
    return { problem: { line: rows[0]?.line ?? 1, column: 'header' } };
  }
  const lines: FileLine[] = [];
  const seen = new Set<string>();
  for (const { line, cells } of body) {
    const read = readRow(Object.fromEntries(COLUMNS.map((column) => [column, (cells[names.indexOf(column)] ?? '').trim()])) as Record<Column, string>, currency);
    if ('wrong' in read) return { problem: { line, column: read.wrong } };
    if (seen.has(read.bookingId)) return { problem: { line, column: 'booking_id' } };
    seen.add(read.bookingId);
    lines.push({ ...read, line });
  }
  return { lines, header: names };
}

function readRow(cells: Record<Column, string>, currency: CurrencyCode): BankLine | { readonly wrong: Column } {
  if (!isName(cells.booking_id)) return { wrong: 'booking_id' };
  if (!isName(cells.reference)) return { wrong: 'reference' };
  const kind = cells.kind.toUpperCase();
  if (kind !== 'BOOKED' && kind !== 'RETURNED') return { wrong: 'kind' };
  const amount = signed(cells.amount, currency);
  if (amount === undefined || amount === 0n) return { wrong: 'amount' };
  if (!isDay(cells.booked_on)) return { wrong: 'booked_on' };
  return { bookingId: cells.booking_id, reference: cells.reference, kind, amount, bookedOn: cells.booked_on };
}

/** Reads a decimal with or without a sign. */
export function signed(text: string, currency: CurrencyCode): bigint | undefined {
  const parsed = parseAmount(text.replace(/^[+-]/, ''), currency);
  if (!parsed.ok || parsed.minor < 0n) return undefined;
  return text.startsWith('-') ? -parsed.minor : parsed.minor;
}

const DAYS_MAX = 31;

/** Refuses a period that cannot be. */
export function checkPeriod({ from, to }: Pick<BankPeriod, 'from' | 'to'>, today: string): Outcome<object> {
  if (!isDay(from)) return refuse('INVALID_INPUT', ['input', 'from'], 'DATE');
  if (!isDay(to)) return refuse('INVALID_INPUT', ['input', 'to'], 'DATE');
  if (to < from) return refuse('INVALID_INPUT', ['input', 'to'], 'ENDS_BEFORE_START');
  const tooLong = Date.parse(to) - Date.parse(from) >= DAYS_MAX * 86_400_000;
  return to > today || tooLong ? refuse('INVALID_INPUT', ['input', 'to'], 'BANK_PERIOD') : { ok: true };
}

/** Refuses bookings that are not of the period; names the first. */
export function checkDays({ from, to }: Pick<BankPeriod, 'from' | 'to'>, lines: readonly FileLine[], field = 'csv'): Outcome<object> {
  const wrong = lines.find(({ bookedOn }) => bookedOn < from || bookedOn > to);
  return wrong ? refuse('INVALID_INPUT', ['input', field, String(wrong.line), 'booked_on'], 'BANK_PERIOD') : { ok: true };
}

/** Refuses bookings that do not lead from one balance to the other: some are missing. */
export function checkBalances({ opening, closing }: Pick<BankPeriod, 'opening' | 'closing'>, moved: bigint): Outcome<object> {
  return opening + moved === closing ? { ok: true } : refuse('INVALID_INPUT', ['input', 'closingBalance'], 'BANK_BALANCES');
}

/** What the bookings come to. */
export const movedBy = (lines: readonly BankLine[]): bigint => lines.reduce((total, { amount }) => total + amount, 0n);

/** Refuses a whole file for its period, its days or its balances. */
export function checkFile(period: BankPeriod, lines: readonly FileLine[], today: string): Outcome<object> {
  const checked = checkPeriod(period, today);
  if (!checked.ok) return checked;
  const days = checkDays(period, lines);
  return days.ok ? checkBalances(period, movedBy(lines)) : days;
}

/** Says which line and column of a file cannot be used. */
export function fileRefused({ line, column }: FileProblem, field = 'csv'): Refused {
  return refuse('INVALID_INPUT', ['input', field, String(line), column], 'BANK_FILE');
}
