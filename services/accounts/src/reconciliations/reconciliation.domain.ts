/** BOOKED: an order was carried out. RETURNED: it came back later. */
export type BookingKind = 'BOOKED' | 'RETURNED';

/** A booking of the bank's file. What came in is positive. */
export interface BankLine {
  readonly bookingId: string;
  readonly reference: string;
  readonly kind: BookingKind;
  readonly amount: bigint;
  /** `2026-11-28`. */
  readonly bookedOn: string;
}

/** What we expect the bank to have booked. */
export interface OwnLine {
  readonly reference: string;
  readonly kind: BookingKind;
  readonly amount: bigint;
  /** The day of UTC on which it was booked or, where it is not, ordered. */
  readonly bookedOn: string;
  /** Whether it stands in the books; an order that is under way does not yet. */
  readonly booked: boolean;
  /** The bank's booking that was taken for it before, by a file, by a person or by the daily statement. */
  readonly bookingId?: string | undefined;
  /** Bookings under its name that the daily statement has kept aside as booked twice. */
  readonly aside?: readonly string[] | undefined;
  /** An order that is under way for less than a day. */
  readonly young: boolean;
}

/** MISSING: ours, and not the bank's. EXTRA: the bank's, and not ours. DIFFERENT: of both, and not the same. */
export type LineClass = 'MATCHED' | 'IN_TRANSIT' | 'MISSING' | 'EXTRA' | 'DIFFERENT';

export type LineReason = 'AMOUNT' | 'DIRECTION' | 'DATE' | 'NOT_BOOKED' | 'DUPLICATE' | 'UNKNOWN_REFERENCE';

/** A pair or one side of it, in its class. */
export interface ComparedLine {
  readonly class: LineClass;
  /** Why, of an EXTRA or DIFFERENT one. */
  readonly reason: LineReason | null;
  readonly bank: BankLine | undefined;
  readonly own: OwnLine | undefined;
  /** The booking is of an earlier file: the line is none of this one's. */
  readonly earlier: boolean;
}

/** So many days the bank's day and ours may lie apart: a bank books on working days, and tells of it later. */
export const DAYS_APART = 3;

/** What a booking and ours have in common, and by which they are compared. */
export const keyOf = ({ reference, kind }: { readonly reference: string; readonly kind: BookingKind }): string => `${kind}/${reference}`;

function daysApart(a: string, b: string): number {
  return Math.abs(Date.parse(`${a}T00:00:00Z`) - Date.parse(`${b}T00:00:00Z`)) / 86_400_000;
}

type Candidate = BankLine & { readonly earlier?: boolean };

/**
 * Compares the bank's bookings with what we expect, by reference, kind and amount. Each line of either side is in exactly one compared
 * line, whatever the order of both; of several bookings under one reference that which fits best is taken, and the others are extra.
 * @param earlier what earlier files have shown: a booking of theirs may be what we expect, and is then not missing in this one
 */
export function compare(bank: readonly BankLine[], own: readonly OwnLine[], earlier: readonly BankLine[] = []): ComparedLine[] {
  const expected = new Map(own.map((line) => [keyOf(line), line]));
  if (expected.size !== own.length) throw new Error('we expect a booking twice');
  const compared: ComparedLine[] = [];
  for (const [key, lines] of groupsOf(bank, earlier)) {
    const ours = expected.get(key);
    const best = ours && bestOf(lines, ours);
    if (best) expected.delete(key);
    for (const { earlier: before = false, ...line } of lines) {
      if (ours && line.bookingId === best?.bookingId) compared.push({ ...verdict(line, ours), bank: line, own: ours, earlier: before });
      else compared.push({ class: 'EXTRA', reason: ours ? 'DUPLICATE' : 'UNKNOWN_REFERENCE', bank: line, own: undefined, earlier: before });
    }
  }
  for (const line of expected.values()) {
    compared.push({ class: line.young && !line.booked ? 'IN_TRANSIT' : 'MISSING', reason: null, bank: undefined, own: line, earlier: false });
  }
  return compared.sort((a, b) => compareText(orderOf(a), orderOf(b)));
}

/** A part of what is compared: whole references or, where it is `open`, the next bookings of one reference, with more to come. */
export interface Part {
  readonly bank: readonly BankLine[];
  readonly own: readonly OwnLine[];
  readonly earlier: readonly BankLine[];
  readonly open: boolean;
}

/**
 * Compares a part; all parts together say what {@link compare} says of the whole. Of a reference that goes on, our lines and the bookings
 * that fit best so far are held back: they belong into the next part once more.
 */
export function comparePart({ bank, own, earlier, open }: Part): ComparedLine[] {
  const compared = compare(bank, own, earlier);
  return open ? compared.filter((line) => line.own === undefined && !line.earlier) : compared;
}

/**
 * Cuts the next part off the bank's bookings, in the order of their references and names, and of the references that we expect, in theirs: whole
 * references, or the next bookings of one that alone has more than a part.
 * @param size lines of a side that a part has at most, 3 or more; each list has one more where it goes on
 * @returns `stop`: the reference at which the next part begins; none where this is the last
 */
export function cutPart(bank: readonly BankLine[], expected: readonly string[], size: number): {
  readonly bank: readonly BankLine[]; readonly references: readonly string[]; readonly stop: string | undefined; readonly open: boolean;
} {
  const [stop] = [bank[size]?.reference, expected[size]].filter((one) => one !== undefined).sort(compareText);
  const isBefore = (reference: string): boolean => stop === undefined || reference < stop;
  const whole = bank.filter(({ reference }) => isBefore(reference));
  const references = expected.filter(isBefore);
  const isOpen = whole.length === 0 && references.length === 0 && stop !== undefined;
  const part = isOpen ? bank.slice(0, size) : whole;
  return { bank: part, references: [...new Set([...references, ...part.map(({ reference }) => reference)])], stop, open: isOpen };
}

function groupsOf(bank: readonly BankLine[], earlier: readonly BankLine[]): Map<string, Candidate[]> {
  const groups = new Map<string, Candidate[]>();
  const add = (line: Candidate): void => {
    const group = groups.get(keyOf(line));
    if (group) group.push(line);
    else groups.set(keyOf(line), [line]);
  };
  const shown = new Set(bank.map(({ bookingId }) => bookingId));
  bank.forEach(add);
  for (const line of earlier) if (!shown.has(line.bookingId)) add({ ...line, earlier: true });
  return groups;
}

/** Gives the booking that fits ours best; none where all of them were kept aside as booked twice. */
function bestOf(lines: readonly Candidate[], ours: OwnLine): Candidate | undefined {
  let best: Candidate | undefined;
  for (const line of lines) {
    if (ours.aside?.includes(line.bookingId)) continue;
    if (!best || (misfit(line, ours) - misfit(best, ours) || byId(line, best)) < 0) best = line;
  }
  return best;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byId = (a: BankLine, b: BankLine): number => compareText(a.bookingId, b.bookingId);
const orderOf = ({ bank, own }: ComparedLine): string => `${(bank ?? own)!.bookedOn}/${keyOf((bank ?? own)!)}/${bank?.bookingId ?? ''}`;

/** How ill a booking fits: the one that was taken already fits best, and another amount is worse than another day. */
function misfit(bank: BankLine, own: OwnLine): number {
  if (bank.bookingId === own.bookingId) return -1;
  return (bank.amount === own.amount ? 0 : 1_000_000) + daysApart(bank.bookedOn, own.bookedOn);
}

function verdict(bank: BankLine, own: OwnLine): Pick<ComparedLine, 'class' | 'reason'> {
  if (bank.amount !== own.amount) return { class: 'DIFFERENT', reason: bank.amount === -own.amount ? 'DIRECTION' : 'AMOUNT' };
  // The bank has carried it out and we have not heard of it yet: its word is on the way.
  if (!own.booked) return own.young ? { class: 'IN_TRANSIT', reason: null } : { class: 'DIFFERENT', reason: 'NOT_BOOKED' };
  if (daysApart(bank.bookedOn, own.bookedOn) > DAYS_APART) return { class: 'DIFFERENT', reason: 'DATE' };
  return { class: 'MATCHED', reason: null };
}

/** Gives by how much the bank's account is above the books because of a line: what a write-off would book. */
export function differenceOf({ bank, own }: Pick<ComparedLine, 'bank' | 'own'>): bigint {
  return (bank?.amount ?? 0n) - (own?.booked ? own.amount : 0n);
}

/** Says whether a line is a break: somebody has to look at it. */
export function isBreak({ class: found }: Pick<ComparedLine, 'class'>): boolean {
  return found === 'MISSING' || found === 'EXTRA' || found === 'DIFFERENT';
}
