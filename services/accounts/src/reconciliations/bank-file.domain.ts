import { type CurrencyCode, parseAmount } from '@tael/money';
import { type Outcome, refuse, type Refused } from '../outcomes/outcome.domain';
import type { BankLine } from './reconciliation.domain';

/** The columns of a bank's file, in any order. Others are passed over and kept nowhere: they may hold names. */
const COLUMNS = ['booking_id', 'reference', 'kind', 'amount', 'booked_on'] as const;
type Column = (typeof COLUMNS)[number];

/** What of a file cannot be used, named by its line. */
export interface FileProblem {
  readonly line: number;
  readonly column: Column | 'header' | 'csv';
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_:./-]{0,63}$/;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Says whether a text is a day of the calendar, such as 2026-11-28. */
export function isDay(text: string): boolean {
  const match = DAY.exec(text);
  if (!match) return false;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1900 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** What the bank says of its own account in a period. Both days belong to it. */
export interface BankPeriod {
  readonly currency: CurrencyCode;
  readonly from: string;
  readonly to: string;
  readonly opening: bigint;
  readonly closing: bigint;
}

export type FileReading = { readonly lines: readonly BankLine[] } | { readonly problem: FileProblem };

/** Reads a file whose first row names the columns. Nothing of a file with a wrong row is used. */
export function readBankFile(rows: readonly { readonly line: number; readonly cells: readonly string[] }[], currency: CurrencyCode): FileReading {
  const [header, ...body] = rows;
  const names = (header?.cells ?? []).map((cell) => cell.trim().toLowerCase());
  if (COLUMNS.some((column) => names.indexOf(column) < 0 || names.indexOf(column) !== names.lastIndexOf(column))) {
    return { problem: { line: header?.line ?? 1, column: 'header' } };
  }
  const lines: BankLine[] = [];
  const seen = new Set<string>();
  for (const { line, cells } of body) {
    const read = readRow(Object.fromEntries(COLUMNS.map((column) => [column, (cells[names.indexOf(column)] ?? '').trim()])) as Record<Column, string>, currency);
    if ('wrong' in read) return { problem: { line, column: read.wrong } };
    if (seen.has(read.bookingId)) return { problem: { line, column: 'booking_id' } };
    seen.add(read.bookingId);
    lines.push(read);
  }
  return { lines };
}

function readRow(cells: Record<Column, string>, currency: CurrencyCode): BankLine | { readonly wrong: Column } {
  if (!NAME.test(cells.booking_id)) return { wrong: 'booking_id' };
  if (!NAME.test(cells.reference)) return { wrong: 'reference' };
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

/** Refuses a period that cannot be, and a file whose bookings are not of it or do not lead from one balance to the other: part of it is missing. */
export function checkFile(period: BankPeriod, lines: readonly BankLine[], today: string): Outcome<object> {
  const { from, to, opening, closing } = period;
  if (!isDay(from)) return refuse('INVALID_INPUT', ['input', 'from'], 'DATE');
  if (!isDay(to)) return refuse('INVALID_INPUT', ['input', 'to'], 'DATE');
  if (to < from) return refuse('INVALID_INPUT', ['input', 'to'], 'ENDS_BEFORE_START');
  if (to > today || Date.parse(to) - Date.parse(from) >= DAYS_MAX * 86_400_000) return refuse('INVALID_INPUT', ['input', 'to'], 'BANK_PERIOD');
  if (lines.some(({ bookedOn }) => bookedOn < from || bookedOn > to)) return refuse('INVALID_INPUT', ['input', 'csv'], 'BANK_PERIOD');
  const moved = lines.reduce((total, { amount }) => total + amount, 0n);
  return opening + moved === closing ? { ok: true } : refuse('INVALID_INPUT', ['input', 'closingBalance'], 'BANK_BALANCES');
}

/** Says which line and column of a file cannot be used. */
export function fileRefused({ line, column }: FileProblem): Refused {
  return refuse('INVALID_INPUT', ['input', 'csv', String(line), column], 'BANK_FILE');
}
