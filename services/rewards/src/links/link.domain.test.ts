import fc from 'fast-check';
import { isTooLate, LATE_LINK_MS, type Link, linkedSince, pairOf } from './link.domain';

const link = (pair: string, day: number): Link => ({ ...pairOf(pair[0]!, pair[1]!), at: new Date(day * 86_400_000) });
const dayOf = (since: Date | null): number | null => since && since.getTime() / 86_400_000;

it.each<[string, Link[], number | null]>([
  ['nobody is linked', [], null],
  ['others are', [link('cd', 1)], null],
  ['one card', [link('ab', 3)], 3],
  ['the same pair by two things: the first counts', [link('ab', 5), link('ab', 2)], 2],
  ['one who shares with both: the later of the two links counts', [link('ac', 2), link('bc', 7)], 7],
  ['two ways: the first that is whole', [link('ac', 2), link('bc', 7), link('ad', 4), link('bd', 3)], 4],
  ['a way that is shorter and later', [link('ab', 9), link('ac', 1), link('bc', 2)], 2],
  ['the family of a family: three links apart', [link('ac', 1), link('cd', 1), link('bd', 1)], null],
  ['only one of them', [link('ac', 1), link('ad', 1)], null],
])('a and b, where %s', (_case, links, day) => {
  expect(dayOf(linkedSince(links, 'a', 'b'))).toBe(day);
  expect(dayOf(linkedSince(links, 'b', 'a'))).toBe(day);
});

const people = ['a', 'b', 'c', 'd', 'e'];
const links = fc.array(
  fc.tuple(fc.constantFrom(...people), fc.constantFrom(...people), fc.nat(50)).filter(([one, other]) => one !== other)
    .map(([one, other, day]) => link(one + other, day)),
  { maxLength: 12 },
);

it('is the same in whatever order links come, however often, and whoever asks; one more never makes it later', () => {
  fc.assert(fc.property(links, links, (some, more) => {
    const since = linkedSince(some, 'a', 'b');
    expect(linkedSince([...some, ...some].reverse(), 'b', 'a')).toEqual(since);
    const after = linkedSince([...some, ...more], 'a', 'b');
    if (since !== null) expect(after!.getTime()).toBeLessThanOrEqual(since.getTime());
  }));
});

it('is what trying all ways by hand gives', () => {
  fc.assert(fc.property(links, (some) => {
    const edge = (one: string, other: string): number =>
      Math.min(...some.filter(({ lowId, highId }) => lowId + highId === pairOf(one, other).lowId + pairOf(one, other).highId)
        .map(({ at }) => at.getTime()));
    const ways = [edge('a', 'b'), ...['c', 'd', 'e'].map((middle) => Math.max(edge('a', middle), edge(middle, 'b')))];
    const first = Math.min(...ways);
    expect(linkedSince(some, 'a', 'b')?.getTime() ?? Number.POSITIVE_INFINITY).toBe(first);
  }));
});

it('keeps a pair the smaller id first, and lets a link act for ninety days', () => {
  expect([pairOf('a', 'b'), pairOf('b', 'a')]).toEqual(Array(2).fill({ lowId: 'a', highId: 'b' }));
  expect(LATE_LINK_MS).toBe(7_776_000_000);
});

it('nobody is linked to themselves', () => {
  expect(linkedSince([link('ab', 1)], 'a', 'a')).toBeNull();
});

it.each([[-1, false], [0, false], [LATE_LINK_MS, false], [LATE_LINK_MS + 1, true]])(
  'a link %d ms after the payment is too late: %s', (after, late) => {
    const paidAt = new Date('2026-03-01T00:00:00Z');
    expect(isTooLate(new Date(paidAt.getTime() + after), paidAt)).toBe(late);
  },
);
