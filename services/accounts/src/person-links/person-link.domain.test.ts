import fc from 'fast-check';
import { isEnough, LINKS_MAX, pairsOf, type SameMethod, UNPROVED_MAX } from './person-link.domain';

const methods = (active: number, pending = 0): SameMethod[] => [
  ...Array.from({ length: active }, () => ({ id: 'm', personId: 'p', status: 'ACTIVE' as const })),
  ...Array.from({ length: pending }, () => ({ id: 'm', personId: 'p', status: 'PENDING_VERIFICATION' as const })),
];

it.each([
  [methods(0), 'CARD', false],
  [methods(LINKS_MAX - 1), 'CARD', false],
  [methods(LINKS_MAX), 'CARD', true],
  [methods(LINKS_MAX), 'BANK_ACCOUNT', false],
  [methods(LINKS_MAX, UNPROVED_MAX - 1), 'BANK_ACCOUNT', false],
  [methods(LINKS_MAX - 1, UNPROVED_MAX), 'BANK_ACCOUNT', false],
  [methods(LINKS_MAX, UNPROVED_MAX), 'BANK_ACCOUNT', true],
] as const)('case %#: enough of a %s: %s', (found, kind, enough) => {
  expect(isEnough(found, kind)).toBe(enough);
});

it('a pair is the same whoever of the two came first, no one is paired with themselves, and each pair comes once, in order', () => {
  const people = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 8 });
  fc.assert(fc.property(fc.constantFrom('a', 'c', 'e'), people, (person, others) => {
    const pairs = pairsOf(person, others).map(({ lowId, highId }) => lowId + highId);
    expect(pairs).toEqual([...new Set(others)].filter((other) => other !== person).map((other) => [person, other].sort().join('')).sort());
    for (const other of others) expect(pairsOf(other, [person])).toEqual(pairsOf(person, [other]));
  }));
});
