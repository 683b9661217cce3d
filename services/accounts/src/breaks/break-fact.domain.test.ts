import { type BankLine, compare, type OwnLine } from '../reconciliations/reconciliation.domain';
import { aboutOf, factsOf, followed } from './break-fact.domain';

const bank = (change: Partial<BankLine> = {}): BankLine => ({ bookingId: 'b1', reference: 'order-1', kind: 'BOOKED', amount: -6_000n, bookedOn: '2026-11-10', ...change });
const own = (change: Partial<OwnLine> = {}): OwnLine => ({ reference: 'order-1', kind: 'BOOKED', amount: -6_000n, bookedOn: '2026-11-10', booked: true, young: false, ...change });

it('a break is about the bank\'s booking or, where there is none, our order', () => {
  expect(aboutOf(bank())).toBe('bank/b1');
  for (const bookingId of [null, undefined]) expect(aboutOf({ ...own(), bookingId })).toBe('order/BOOKED/order-1');
});

const OURS = 'order/BOOKED/order-1';
it.each<[string, BankLine[], OwnLine[], object[]]>([
  ['a match explains both', [bank()], [own()], [{ about: OURS, explainedBy: 'b1' }, { about: 'bank/b1', explainedBy: 'order-1' }]],
  ['a different one explains ours, and is a break itself', [bank({ amount: -1n })], [own()],
    [{ about: OURS, explainedBy: 'b1' }, { about: 'bank/b1', explainedBy: null, class: 'DIFFERENT', reason: 'AMOUNT', difference: 5_999n }]],
  ['one of an order under way explains ours, and says no more', [bank()], [own({ booked: false, young: true })], [{ about: OURS, explainedBy: 'b1' }]],
  ['an order under way says nothing', [], [own({ booked: false, young: true })], []],
  ['missing', [], [own()], [{ about: OURS, explainedBy: null, class: 'MISSING', reason: null, difference: 6_000n }]],
  ['extra', [bank()], [], [{ about: 'bank/b1', explainedBy: null, class: 'EXTRA', reason: 'UNKNOWN_REFERENCE', difference: -6_000n }]],
])('%s', (_name, theirs, ours, expected) => {
  expect(factsOf(compare(theirs, ours))).toEqual(expected);
});

it.each([
  [{ class: 'EXTRA', difference: 5n }, { explainedBy: 'order-1' }, 'EXPLAINED'],
  [{ class: 'EXTRA', difference: 5n }, { explainedBy: null, class: 'EXTRA', reason: 'DUPLICATE', difference: 5n }, 'SAME'],
  [{ class: 'EXTRA', difference: 5n }, { explainedBy: null, class: 'EXTRA', reason: null, difference: 6n }, 'CHANGED'],
  [{ class: 'EXTRA', difference: 5n }, { explainedBy: null, class: 'DIFFERENT', reason: null, difference: 5n }, 'CHANGED'],
] as const)('%j by %j is %s', (found, fact, expected) => {
  expect(followed(found, { about: 'bank/b1', ...fact })).toBe(expected);
});
