import { type CurrencyCode, parseAmount } from '@tael/money';
import { type FileLine, isName } from '../reconciliations/bank-file.domain';
import { isDay } from '../uploads/file-text.domain';

/** An element of a camt.053 file, without its namespace. */
export interface XmlElement {
  readonly name: string;
  /** The line of the file that it begins in. */
  readonly line: number;
  /** The `Ccy` of an amount. */
  readonly currency: string | undefined;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** What of an element cannot be used: its line, and the name of the part at fault. */
export interface CamtProblem {
  readonly line: number;
  readonly column: string;
}

/** A statement (`Stmt`) as far as it was read; amounts of minor units as text, since it waits in a row for the next chunk. */
export interface CamtStatement {
  readonly id: string;
  readonly opening: string | null;
  /** Whether its opening balance is an interim one, that only holds where no other comes. */
  readonly interim?: boolean;
  readonly closing: string | null;
  /** What its bookings come to. */
  readonly moved: string;
}

export const isProblem = (read: object): read is CamtProblem => 'column' in read;

/** Gives the first element on a path of names. */
export function at(element: XmlElement, ...path: string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((found, name) => found?.children.find((child) => child.name === name), element);
}

const textAt = (element: XmlElement, ...path: string[]): string => at(element, ...path)?.text.trim() ?? '';

/** Reads an amount (`Amt`) without its sign. Zeros after the currency's digits are allowed: the standard has up to five. */
function amountOf(amount: XmlElement | undefined, currency: CurrencyCode): bigint | undefined {
  const text = (amount?.text.trim() ?? '').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
  const read = parseAmount(text, currency);
  return amount?.currency === currency && read.ok && read.minor >= 0n ? read.minor : undefined;
}

function signOf(element: XmlElement): bigint | undefined {
  const side = textAt(element, 'CdtDbtInd');
  return side === 'CRDT' ? 1n : side === 'DBIT' ? -1n : undefined;
}

const OPENING = ['OPBD', 'PRCD'];

/** Reads a balance (`Bal`) into its statement. A page that has neither an opening nor a closing one has interim ones (ITBD). */
export function withBalance(statement: CamtStatement, element: XmlElement, currency: CurrencyCode): CamtStatement | CamtProblem {
  const code = textAt(element, 'Tp', 'CdOrPrtry', 'Cd');
  if (![...OPENING, 'CLBD', 'ITBD'].includes(code)) return statement;
  const [amount, sign] = [amountOf(at(element, 'Amt'), currency), signOf(element)];
  if (amount === undefined || sign === undefined) return { line: element.line, column: amount === undefined ? 'Amt' : 'CdtDbtInd' };
  const minor = String(sign * amount);
  if (OPENING.includes(code)) return { ...statement, opening: statement.interim ? minor : statement.opening ?? minor, interim: false };
  if (code === 'CLBD') return { ...statement, closing: minor };
  return statement.opening === null ? { ...statement, opening: minor, interim: true } : { ...statement, closing: statement.closing ?? minor };
}

/** Returned by the other bank, or taken back: what the codes of a booking (`BkTxCd`) say of it. */
const RETURNS = ['RRTN', 'UPDD', 'UPCT'];

const isReturn = (element: XmlElement): boolean =>
  ['true', '1'].includes(textAt(element, 'RvslInd')) || at(element, 'RtrInf') !== undefined || RETURNS.includes(textAt(element, 'BkTxCd', 'Domn', 'Fmly', 'SubFmlyCd'));

/** A UUID, with hyphens or without: a reference of the standard has 35 characters, one fewer than a UUID. */
const UUID = /^(?:order-)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

/**
 * What the bank and we call the order of a booking, from its `EndToEndId`. Where there is none, or a text of its sender that may be anything,
 * a name for people among them, it is the booking's own name.
 */
function referenceOf(details: XmlElement | undefined, bookingId: string): string {
  const given = details ? textAt(details, 'Refs', 'EndToEndId') : '';
  const ours = UUID.exec(given);
  if (ours) return `order-${ours.slice(1).join('-').toLowerCase()}`;
  return given !== 'NOTPROVIDED' && isName(given) ? given : bookingId;
}

const given = (text: string): string => (text === 'NOTPROVIDED' ? '' : text);

function bookingOf(entry: XmlElement, statementId: string, currency: CurrencyCode): string {
  const details = entry.children.filter(({ name }) => name === 'NtryDtls').flatMap(({ children }) => children).find(({ name }) => name === 'TxDtls');
  const own = given(textAt(entry, 'AcctSvcrRef')) || given(details ? textAt(details, 'Refs', 'AcctSvcrRef') : '');
  const number = given(textAt(entry, 'NtryRef'));
  // A number of an entry is one within its statement alone, and a statement's within its account: we have one a currency.
  return own || (number && statementId && `${currency}/${statementId}/${number}`);
}

/**
 * Reads an entry (`Ntry`): a booking, or one for each of the transactions that it sums up. Where these do not come to its amount (the bank kept
 * its charges back), the rest is a booking of its own; where they have no amounts in its currency, the entry is one booking. What is not booked,
 * or moves nothing, is passed over.
 */
export function readEntry(entry: XmlElement, statementId: string, currency: CurrencyCode): readonly FileLine[] | CamtProblem {
  const wrong = (column: string): CamtProblem => ({ line: at(entry, column)?.line ?? entry.line, column });
  if ((textAt(entry, 'Sts', 'Cd') || textAt(entry, 'Sts')) !== 'BOOK') return [];
  const [size, sign] = [amountOf(at(entry, 'Amt'), currency), signOf(entry)];
  if (size === undefined) return wrong('Amt');
  if (sign === undefined) return wrong('CdtDbtInd');
  const day = ['BookgDt', 'ValDt'].map((name) => textAt(entry, name, 'Dt') || textAt(entry, name, 'DtTm')).find((text) => text !== '')?.slice(0, 10);
  if (day === undefined || !isDay(day)) return wrong('BookgDt');
  const bookingId = bookingOf(entry, statementId, currency);
  if (!isName(bookingId)) return wrong('AcctSvcrRef');
  const details = entry.children.filter(({ name }) => name === 'NtryDtls').flatMap(({ children }) => children).filter(({ name }) => name === 'TxDtls');
  const kind = (of: XmlElement | undefined) => (isReturn(entry) || (of && isReturn(of)) ? 'RETURNED' as const : 'BOOKED' as const);
  const whole: FileLine = { bookingId, reference: details.length > 1 ? bookingId : referenceOf(details[0], bookingId), kind: kind(details[0]), amount: sign * size, bookedOn: day, line: entry.line };
  if (details.length < 2) return size === 0n ? [] : [whole];
  const amounts = details.map((one) => partOf(one, sign, currency));
  if (amounts.includes(undefined)) return size === 0n ? [] : [{ ...whole, kind: kind(undefined) }];
  const names = namesOf(details, bookingId);
  if (!names.every(isName)) return wrong('AcctSvcrRef');
  const lines = details.map((one, index): FileLine => ({
    bookingId: names[index]!, reference: referenceOf(one, names[index]!), kind: kind(one), amount: amounts[index]!, bookedOn: day, line: one.line,
  })).filter(({ amount }) => amount !== 0n);
  const rest = sign * size - lines.reduce((total, { amount }) => total + amount, 0n);
  if (rest === 0n) return lines;
  const name = `${bookingId}/rest`;
  return isName(name) ? [...lines, { ...whole, bookingId: name, reference: name, kind: 'BOOKED', amount: rest }] : wrong('AcctSvcrRef');
}

/** What a transaction of an entry moves: `Amt` in version 08, `AmtDtls` in 02. */
function partOf(details: XmlElement, sign: bigint, currency: CurrencyCode): bigint | undefined {
  const amount = at(details, 'Amt') ?? at(details, 'AmtDtls', 'TxAmt', 'Amt');
  const size = amountOf(amount, currency);
  if (size === undefined) return undefined;
  return size * (at(details, 'CdtDbtInd') ? signOf(details) ?? sign : sign);
}

/** The bank's names of an entry's transactions, where each has one of its own; else its name and their number. */
function namesOf(details: readonly XmlElement[], bookingId: string): string[] {
  const own = details.map((one) => given(textAt(one, 'Refs', 'AcctSvcrRef')));
  return own.includes('') || new Set(own).size < own.length ? own.map((_name, index) => `${bookingId}/${index + 1}`) : own;
}

/** Says whether a statement's bookings lead from its opening to its closing balance, where it has both. */
export function tiesOut({ opening, closing, moved }: CamtStatement): boolean {
  return opening === null || closing === null || BigInt(opening) + BigInt(moved) === BigInt(closing);
}
