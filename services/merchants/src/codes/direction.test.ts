import bidiFactory from 'bidi-js';
import fc from 'fast-check';
import { levelsOf, seen } from './direction';

const asSeen = (text: string): string => {
  const levels = levelsOf(text);
  return seen(Array.from(text, (sign, at) => ({ sign, level: levels[at]! }))).map(({ sign }) => sign).join('');
};

// Hebrew is written here as it is stored: the first letter first. What is seen begins with what stands leftmost.
it.each([
  ['Corner 24', 'Corner 24'], ['', ''], ['שלום', 'םולש'], ['קפה 24', '24 הפק'], ['קפה 24 שלום', 'םולש 24 הפק'], ['קפה Corner', 'Corner הפק'], ['Corner קפה', 'Corner הפק'],
  // The first letter gives the direction to all: what comes after a Latin one goes on at the right.
  ['Corner קפה 24', 'Corner 24 הפק'], ['24 קפה', 'הפק 24'], ['קפה Corner Bar שלום', 'םולש Corner Bar הפק'], ['a אב 1 b', 'a 1 בא b'], ['مقهى 24', '24 ىهقم'],
])('%j is seen as %j', (text, expected) => {
  expect(asSeen(text)).toBe(expected);
});

it('is the order that the algorithm gives, whatever the text', () => {
  const bidi = bidiFactory();
  // Without brackets, which a font turns round.
  const text = fc.string({ unit: fc.constantFrom(...'aB אבم١2, .-'), maxLength: 24 }).map((any) => any.trim());
  fc.assert(fc.property(text, (any) => {
    expect(asSeen(any)).toBe(bidi.getReorderedString(any, bidi.getEmbeddingLevels(any)));
  }));
});
