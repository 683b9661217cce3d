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
  /** The bank's booking that its daily statement showed for it, where it did. */
  readonly bookingId?: string | undefined;
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
}

/** So many days the bank's day and ours may lie apart: a bank books on working days, and tells of it later. */
export const DAYS_APART = 3;

const keyOf = ({ reference, kind }: { readonly reference: string; readonly kind: BookingKind }): string => `${kind}/${reference}`;

function daysApart(a: string, b: string): number {
  return Math.abs(Date.parse(`${a}T00:00:00Z`) - Date.parse(`${b}T00:00:00Z`)) / 86_400_000;
}

/**
 * Compares the bank's bookings with what we expect, by reference, kind and amount. Each line of either side is in exactly one compared
 * line, whatever the order of both; of several bookings under one reference that which fits best is taken, and the others are extra.
 */
export function compare(bank: readonly BankLine[], own: readonly OwnLine[]): ComparedLine[] {
  const expected = new Map(own.map((line) => [keyOf(line), line]));
  if (expected.size !== own.length) throw new Error('we expect a booking twice');
  const groups = new Map<string, BankLine[]>();
  for (const line of bank) groups.set(keyOf(line), [...(groups.get(keyOf(line)) ?? []), line]);
  const compared: ComparedLine[] = [];
  for (const [key, lines] of groups) {
    const ours = expected.get(key);
    expected.delete(key);
    const [best, ...others] = ours ? [...lines].sort((a, b) => misfit(a, ours) - misfit(b, ours) || byId(a, b)) : [undefined, ...lines];
    if (best && ours) compared.push({ ...verdict(best, ours), bank: best, own: ours });
    for (const other of others) compared.push({ class: 'EXTRA', reason: ours ? 'DUPLICATE' : 'UNKNOWN_REFERENCE', bank: other, own: undefined });
  }
  for (const line of expected.values()) {
    compared.push({ class: line.young && !line.booked ? 'IN_TRANSIT' : 'MISSING', reason: null, bank: undefined, own: line });
  }
  return compared.sort((a, b) => compareText(orderOf(a), orderOf(b)));
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
