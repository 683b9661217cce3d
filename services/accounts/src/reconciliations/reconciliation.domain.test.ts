import fc from 'fast-check';
import { type BankLine, compare, type ComparedLine, comparePart, cutPart, differenceOf, isBreak, keyOf, type OwnLine } from './reconciliation.domain';

const bank = (change: Partial<BankLine> = {}): BankLine => ({ bookingId: 'b1', reference: 'order-1', kind: 'BOOKED', amount: -6_000n, bookedOn: '2026-11-10', ...change });
const own = (change: Partial<OwnLine> = {}): OwnLine => ({
  reference: 'order-1', kind: 'BOOKED', amount: -6_000n, bookedOn: '2026-11-10', booked: true, young: false, ...change,
});
const brief = ({ class: found, reason, bank: b, own: o }: ComparedLine): unknown[] => [found, reason, b?.bookingId ?? null, o?.reference ?? null];

describe('compare', () => {
  // the bank's -> ours -> class, reason, how far the bank is above the books
  it.each<[string, BankLine[], OwnLine[], [string, string | null, bigint]]>([
    ['the same', [bank()], [own()], ['MATCHED', null, 0n]],
    ['the same, three days later', [bank({ bookedOn: '2026-11-13' })], [own()], ['MATCHED', null, 0n]],
    ['four days later', [bank({ bookedOn: '2026-11-14' })], [own()], ['DIFFERENT', 'DATE', 0n]],
    ['four days earlier, over a month\'s end', [bank({ bookedOn: '2026-10-29' })], [own({ bookedOn: '2026-11-02' })], ['DIFFERENT', 'DATE', 0n]],
    ['another amount', [bank({ amount: -5_900n })], [own()], ['DIFFERENT', 'AMOUNT', 100n]],
    ['the other direction', [bank({ amount: 6_000n })], [own()], ['DIFFERENT', 'DIRECTION', 12_000n]],
    ['another amount of an order under way', [bank({ amount: -5_900n })], [own({ booked: false, young: true })], ['DIFFERENT', 'AMOUNT', -5_900n]],
    ['what the bank has not', [], [own()], ['MISSING', null, 6_000n]],
    ['what the bank has not, booked today', [], [own({ young: true })], ['MISSING', null, 6_000n]],
    ['an order under way', [], [own({ booked: false, young: true })], ['IN_TRANSIT', null, 0n]],
    ['an order under way for long', [], [own({ booked: false })], ['MISSING', null, 0n]],
    ['an order that the bank has booked just now', [bank()], [own({ booked: false, young: true })], ['IN_TRANSIT', null, -6_000n]],
    ['an order that the bank has booked long ago', [bank()], [own({ booked: false })], ['DIFFERENT', 'NOT_BOOKED', -6_000n]],
    ['what we know nothing of', [bank({ reference: 'fee' })], [], ['EXTRA', 'UNKNOWN_REFERENCE', -6_000n]],
    ['what came back and we know nothing of', [bank({ kind: 'RETURNED', amount: 6_000n })], [], ['EXTRA', 'UNKNOWN_REFERENCE', 6_000n]],
  ])('%s', (_name, theirs, ours, expected) => {
    const lines = compare(theirs, ours);
    expect(lines.map((line) => [line.class, line.reason, differenceOf(line)])).toEqual([expected]);
    expect(isBreak(lines[0]!)).toBe(['MISSING', 'EXTRA', 'DIFFERENT'].includes(expected[0]));
  });

  it('takes of several bookings that which fits best, and the others are extra', () => {
    const lines = compare([bank({ bookingId: 'a', amount: -1n }), bank({ bookingId: 'c' }), bank({ bookingId: 'b' })], [own()]);
    expect(lines.map(brief)).toEqual([
      ['EXTRA', 'DUPLICATE', 'a', null], ['MATCHED', null, 'b', 'order-1'], ['EXTRA', 'DUPLICATE', 'c', null],
    ]);
  });

  it('takes of several bookings of the same amount that of the nearest day, and that of the same amount before that of the same day', () => {
    const [far, near] = [bank({ bookingId: 'a', bookedOn: '2026-11-13' }), bank({ bookingId: 'b', bookedOn: '2026-11-09' })];
    expect(compare([far, near], [own()]).map(brief)).toEqual([['MATCHED', null, 'b', 'order-1'], ['EXTRA', 'DUPLICATE', 'a', null]]);
    const late = bank({ bookingId: 'a', bookedOn: '2027-11-10' });
    expect(compare([late, bank({ bookingId: 'b', amount: -5_999n })], [own()]).map(brief)).toEqual([['EXTRA', 'DUPLICATE', 'b', null], ['DIFFERENT', 'DATE', 'a', 'order-1']]);
  });

  it('takes the booking that the daily statement showed', () => {
    const lines = compare([bank({ bookingId: 'a' }), bank({ bookingId: 'b' })], [own({ bookingId: 'b' })]);
    expect(lines.map(brief)).toEqual([['EXTRA', 'DUPLICATE', 'a', null], ['MATCHED', null, 'b', 'order-1']]);
  });

  it('keeps what was booked and what came back apart', () => {
    const lines = compare([bank(), bank({ bookingId: 'r', kind: 'RETURNED', amount: 6_000n })], [own(), own({ kind: 'RETURNED', amount: 6_000n })]);
    expect(lines.map(brief)).toEqual([['MATCHED', null, 'b1', 'order-1'], ['MATCHED', null, 'r', 'order-1']]);
  });

  it('does not take what the statement has kept aside, also where nothing else is there', () => {
    expect(compare([bank({ bookingId: 'b' })], [own({ aside: ['b'] })]).map(brief)).toEqual([['MISSING', null, null, 'order-1'], ['EXTRA', 'DUPLICATE', 'b', null]]);
    expect(compare([bank({ bookingId: 'a' }), bank({ bookingId: 'b' })], [own({ aside: ['a'] })]).map(brief))
      .toEqual([['EXTRA', 'DUPLICATE', 'a', null], ['MATCHED', null, 'b', 'order-1']]);
  });

  const withEarlier = (lines: readonly ComparedLine[]) => lines.map((line) => [...brief(line), line.earlier]);
  it('takes what an earlier file has shown: it is not missing now, and not there twice', () => {
    const [b1, b2] = [bank({ bookingId: 'b1' }), bank({ bookingId: 'b2' })];
    expect(withEarlier(compare([], [own()], [b1]))).toEqual([['MATCHED', null, 'b1', 'order-1', true]]);
    expect(withEarlier(compare([b2], [own({ bookingId: 'b1' })], [b1]))).toEqual([['MATCHED', null, 'b1', 'order-1', true], ['EXTRA', 'DUPLICATE', 'b2', null, false]]);
    expect(withEarlier(compare([b2], [own()], [bank({ amount: -1n })]))).toEqual([['EXTRA', 'DUPLICATE', 'b1', null, true], ['MATCHED', null, 'b2', 'order-1', false]]);
    // What this file shows again is this file's.
    expect(withEarlier(compare([b1], [own()], [bank({ amount: -1n })]))).toEqual([['MATCHED', null, 'b1', 'order-1', false]]);
    expect(withEarlier(compare([], [], [b1]))).toEqual([['EXTRA', 'UNKNOWN_REFERENCE', 'b1', null, true]]);
  });

  it('does not go on where we expect a booking twice', () => {
    expect(() => compare([], [own(), own()])).toThrow('twice');
  });
});

describe('cutPart', () => {
  const of = (...references: string[]) => references.map((reference, index) => bank({ reference, bookingId: `${reference}/${index}` }));
  // the bank's references, those that we expect -> of the part: the bank's, all references, where the next begins, whether its reference goes on
  it.each<[string[], string[], [string, string, string | undefined, boolean]]>([
    [[], [], ['', '', undefined, false]],
    [['a', 'b', 'b'], ['b', 'c', 'd'], ['a b b', 'b c d a', undefined, false]],
    [['a', 'b', 'c', 'd'], [], ['a b c', 'a b c', 'd', false]],
    [[], ['a', 'b', 'c', 'd'], ['', 'a b c', 'd', false]],
    // Where both go on, the part ends where the first of them does: what lies behind it is not known yet.
    [['a', 'b', 'c', 'g'], ['a', 'd', 'e', 'f'], ['a b c', 'a d e b c', 'f', false]],
    [['a', 'd', 'e', 'f'], ['a', 'b', 'c', 'g'], ['a d e', 'a b c d e', 'f', false]],
    // What began within the part and goes on is left to the next, unless it is alone.
    [['a', 'b', 'b', 'b'], [], ['a', 'a', 'b', false]],
    [['b', 'b', 'b', 'b'], ['a', 'b'], ['', 'a', 'b', false]],
    [['b', 'b', 'b', 'b'], ['b', 'c'], ['b b b', 'b', 'b', true]],
  ])('of %j and %j is %j', (theirs, expected, [part, all, end, isOpen]) => {
    const { bank: lines, references, stop, open } = cutPart(of(...theirs), expected, 3);
    expect([lines.map(({ reference: name }) => name).join(' '), references.join(' '), stop, open]).toEqual([part, all, end, isOpen]);
  });
});

const reference = fc.constantFrom('order-1', 'order-2', 'order-3', 'order-4', 'order-5', 'fee');
const kind = fc.constantFrom('BOOKED' as const, 'RETURNED' as const);
const amount = fc.constantFrom(-6_000n, -5_900n, 6_000n, 1n, 250n);
const bookedOn = fc.constantFrom('2026-11-01', '2026-11-04', '2026-11-05', '2026-10-31');
const banks = fc.uniqueArray(fc.record({ bookingId: fc.uuid(), reference, kind, amount, bookedOn }), { selector: ({ bookingId }) => bookingId, maxLength: 12 });
const owns = fc.uniqueArray(fc.record({ reference, kind, amount, bookedOn, booked: fc.boolean(), young: fc.boolean() }), {
  selector: keyOf, maxLength: 9,
});
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

describe('every comparison', () => {
  it('puts each line of either side into exactly one class', () => {
    fc.assert(fc.property(banks, owns, (theirs, ours) => {
      const lines = compare(theirs, ours);
      expect(lines.every((line) => !line.earlier)).toBe(true);
      expect(lines.flatMap((line) => line.bank ?? []).sort(byText)).toEqual([...theirs].sort(byText));
      expect(lines.flatMap((line) => line.own ?? []).sort(byText)).toEqual([...ours].sort(byText));
    }));
  });

  it('ties out: the differences are the bank\'s total less that of the books', () => {
    fc.assert(fc.property(banks, owns, (theirs, ours) => {
      const booked = ours.filter((line) => line.booked);
      expect(sum(compare(theirs, ours).map(differenceOf))).toBe(sum(theirs.map((line) => line.amount)) - sum(booked.map((line) => line.amount)));
      expect(compare(theirs, ours).filter((line) => line.class === 'MATCHED').every((line) => differenceOf(line) === 0n)).toBe(true);
    }));
  });

  it('is the same whatever the order of the lines', () => {
    fc.assert(fc.property(
      banks.chain((theirs) => fc.tuple(fc.constant(theirs), fc.shuffledSubarray(theirs, { minLength: theirs.length }))),
      owns.chain((ours) => fc.tuple(fc.constant(ours), fc.shuffledSubarray(ours, { minLength: ours.length }))),
      ([theirs, shuffled], [ours, mixed]) => expect(compare(shuffled, mixed)).toEqual(compare(theirs, ours)),
    ));
  });
});

/** Compares two sides part by part, as a file that came in parts is compared. */
function inParts(theirs: readonly BankLine[], ours: readonly OwnLine[], earlier: readonly BankLine[], size: number): { lines: ComparedLine[]; largest: number } {
  const text = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  let bankLeft = [...theirs].sort((a, b) => text(a.reference, b.reference) || text(a.bookingId, b.bookingId));
  let expected = [...new Set(ours.map((line) => line.reference))].sort();
  const lines: ComparedLine[] = [];
  let largest = 0;
  let parts = 0;
  for (let more = true; more; parts += 1) {
    // Each part takes a booking or a reference with it.
    expect(parts).toBeLessThanOrEqual(theirs.length + ours.length);
    const { stop, references, ...part } = cutPart(bankLeft.slice(0, size + 1), expected.slice(0, size + 1), size);
    largest = Math.max(largest, part.bank.length, references.length / 2);
    expect(new Set(references).size).toBe(references.length);
    const own = ours.filter(({ reference: name }) => references.includes(name));
    const keys = new Set(own.map(keyOf));
    const done = comparePart({ ...part, own, earlier: earlier.filter((line) => keys.has(keyOf(line))) });
    lines.push(...done);
    const taken = new Set(part.open ? done.map(({ bank: one }) => one!.bookingId) : part.bank.map(({ bookingId }) => bookingId));
    bankLeft = bankLeft.filter(({ bookingId }) => !taken.has(bookingId));
    expected = stop === undefined ? [] : expected.filter((name) => name >= stop);
    more = stop !== undefined;
  }
  return { lines, largest };
}

it('says part by part what it says of the whole, however small the parts are and however many bookings have one name', () => {
  fc.assert(fc.property(banks, owns, banks, fc.integer({ min: 3, max: 6 }), fc.nat(3), (theirs, ours, older, size, taken) => {
    const names = new Set(theirs.map(({ bookingId }) => bookingId));
    const keys = new Set(ours.map(keyOf));
    const earlier = older.filter((line) => !names.has(line.bookingId) && keys.has(keyOf(line)));
    // Of some of ours a booking was taken before, or kept aside.
    const known = ours.map((line, index) => ({
      ...line, bookingId: index % 4 === taken ? theirs[index]?.bookingId : undefined, aside: index % 4 === taken + 1 ? theirs.slice(0, 2).map(({ bookingId }) => bookingId) : [],
    }));
    const { lines, largest } = inParts(theirs, known, earlier, size);
    expect([...lines].sort(byText)).toEqual([...compare(theirs, known, earlier)].sort(byText));
    expect(largest).toBeLessThanOrEqual(size);
  }), { numRuns: 500 });
});

function byText(a: object, b: object): number {
  const text = (value: object) => JSON.stringify(value, (_key, held) => (typeof held === 'bigint' ? String(held) : held));
  return text(a) < text(b) ? -1 : 1;
}
