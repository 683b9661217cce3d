import fc from 'fast-check';
import { fitted, LEADING, type Room, type Sign } from './fitting.domain';
import { tidied } from './letters.domain';

const read = (lines: readonly (readonly Sign[])[]): readonly string[] => lines.map((line) => line.map(({ text }) => text).join(''));

describe('fitted', () => {
  /** Signs of one width each; a line may end behind a space. */
  const signs = (text: string, width = 0.5): Sign[] => Array.from(text, (sign) => ({ text: sign, width, mayEnd: sign === ' ' }));
  const ROOM: Room = { width: 40, height: 26, sizeMax: 10, sizeMin: 2 };
  it.each<[string, Partial<Room>, number, readonly string[]]>([
    ['Coffee', {}, 10, ['Coffee']],
    ['Corner Coffee', {}, 10, ['Corner', 'Coffee']],
    // In one line 40 / 6.5 were left; in two lines of equal length 40 / 4.
    ['Corner Coffee', { height: 12 }, 80 / 13, ['Corner Coffee']],
    ['aaaa aaaa aaaa', {}, 40 / 4.5, ['aaaa aaaa', 'aaaa']],
    ['aaaa aaaa aaaa', { height: 39 }, 10, ['aaaa', 'aaaa', 'aaaa']],
    ['a'.repeat(16), {}, 5, ['a'.repeat(16)]],
    // A word that would get too small is broken; of four lines and five, which are as large, it gets four.
    ['a'.repeat(80), {}, 4, Array.from({ length: 4 }, () => 'a'.repeat(20))],
  ])('%j in %j', (text, room, size, lines) => {
    const found = fitted(signs(text), { ...ROOM, ...room });
    expect(read(found.lines)).toEqual(lines);
    expect(found.size).toBeCloseTo(size, 6);
  });
  it('draws nothing wide where letters have no width', () => {
    const { size, lines } = fitted(signs('ab', 0), ROOM);
    expect([size, ...read(lines)]).toEqual([10, 'ab']);
  });
  it('has lines as high as they are said to be', () => {
    const found = fitted(signs('Corner Coffee'), { ...ROOM, height: 40 }, 2);
    expect(read(found.lines)).toEqual(['Corner', 'Coffee']);
    expect(found.size).toBe(10);
    expect(fitted(signs('Coffee'), { ...ROOM, height: 10 }, 2).size).toBe(5);
  });
  it('breaks no sign, however small the letters get', () => {
    const syllables = Array.from({ length: 40 }, () => ({ text: 'ស្ត្រី', width: 0.6, mayEnd: false }));
    const { lines } = fitted(syllables, ROOM);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.flat().map(({ text }) => text)).toEqual(syllables.map(({ text }) => text));
  });
  it('keeps all letters in their order, in the room, whatever the text', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aW街 '), minLength: 1, maxLength: 120 }).map(tidied).filter((tidy) => tidy !== '');
    const rooms = fc.record({ width: fc.integer({ min: 20, max: 200 }), height: fc.integer({ min: 10, max: 100 }), sizeMax: fc.constant(10), sizeMin: fc.constant(1) });
    fc.assert(fc.property(text, rooms, (tidy, room) => {
      const widths: Readonly<Record<string, number>> = { a: 0.5, W: 0.95, 街: 1, ' ': 0.25 };
      const given = Array.from(tidy, (sign): Sign => ({ text: sign, width: widths[sign]!, mayEnd: sign === ' ' || sign === '街' }));
      const { size, lines } = fitted(given, room);
      expect(read(lines).join('').replaceAll(' ', '')).toBe(tidy.replaceAll(' ', ''));
      expect(size).toBeGreaterThan(0);
      expect(size).toBeLessThanOrEqual(room.sizeMax);
      expect(size * LEADING * lines.length).toBeLessThanOrEqual(room.height + 1e-6);
      for (const line of lines) expect(line.reduce((sum, { width }) => sum + width, 0) * size).toBeLessThanOrEqual(room.width + 1e-3);
    }));
  });
});
