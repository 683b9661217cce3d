import fc from 'fast-check';
import { drawable, familiesOf, fitted, LEADING, type Room, type Sign, standsAlone, tidied } from './letters.domain';

describe('tidied', () => {
  it.each([
    ['Corner Coffee', 'Corner Coffee'], ['  Corner \t\n Coffee  ', 'Corner Coffee'], ['Cafe\u0301', 'Café'], ['한글', '한글'], ['ガ', 'ガ'],
    ['a\u200Bb\u200Dc\uFEFFd', 'abcd'], ['葛\u{E0100}城', '葛城'], ['✂\uFE0F', '✂'], ['a\u202Eb', 'ab'], ['a\0b', 'a b'], ['a\u00A0\u3000b', 'a b'], ['a\u2028b', 'a b'], ['', ''],
  ])('%j is %j', (name, expected) => {
    expect(tidied(name)).toBe(expected);
  });
});

it.each([
  ['a', true], ['街', true], ['한', true], ['Я', true], ['👍', true], ['\u0301', false], ['ᄒ', false], ['ᇿ', false], ['ꥠ', false], ['ힰ', false], ['\u0000', false], ['\u2028', false], ['\u2029', false],
  ['\ud83d', false], ['\u0378', false], ['ံ', false],
])('standsAlone(%j) is %s', (sign, expected) => {
  expect(standsAlone(sign)).toBe(expected);
});

it.each([
  ['Corner', 'sans sc jp kr'], ['街角咖啡', 'sans sc jp kr'], ['街角カフェ', 'sans jp sc kr'], ['さくら', 'sans jp sc kr'], ['카페', 'sans kr sc jp'], ['카페 咖啡', 'sans kr sc jp'], ['카페 さくら', 'sans jp sc kr'],
])('familiesOf(%s) are %s', (name, expected) => {
  expect(familiesOf(name).join(' ')).toBe(expected);
});

describe('drawable', () => {
  const canDraw = (sign: string): boolean => /[ -~À-ÿЀ-ӿ一-鿿]/.test(sign);
  it.each<[string, string | undefined, boolean?]>([
    ['Corner Coffee', 'Corner Coffee'], ['街角 Corner', '街角 Corner'], ["Joe's (2)", "Joe's (2)"],
    ['مقهى', undefined], ['', undefined], ['👍', undefined], ['...', undefined], [' ', undefined], ['مقهى -', undefined],
    ['مقهى Corner', 'Corner', true], ['Corner مقهى Coffee', 'Corner Coffee', true], ['Corner 👍', 'Corner', true], ['👍Corner👍', 'Corner', true], ['7 مقهى', '7', true],
    // Half a word is another word, and half a letter another letter.
    ['Cornerش Coffee', 'Coffee', true], ['Coxˆ̃ffee Bar', 'Bar', true], ['街角가咖啡', '街角咖啡', true], ['街̃角', '角', true], ['街角مقهى咖啡', '街角咖啡', true],
  ])('%j is %j', (text, left, isLess = false) => {
    expect(drawable(text, canDraw)).toEqual(left === undefined ? undefined : { text: left, isLess });
  });
  it('has nothing that cannot be drawn, and nothing new', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'ab é街角кش가👍\u0301-.') }), (text) => {
      const left = drawable(text, canDraw)?.text ?? '';
      expect(Array.from(left).every(canDraw)).toBe(true);
      let at = 0;
      for (const sign of left) at = text.indexOf(sign, at) + sign.length;
      expect(at).toBeLessThanOrEqual(text.length);
    }));
  });
});

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
    expect(found.lines).toEqual(lines);
    expect(found.size).toBeCloseTo(size, 6);
  });
  it('draws nothing wide where letters have no width', () => {
    expect(fitted(signs('ab', 0), ROOM)).toEqual({ size: 10, lines: ['ab'] });
  });
  it('keeps all letters in their order, in the room, whatever the text', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aW街 '), minLength: 1, maxLength: 120 }).map(tidied).filter((tidy) => tidy !== '');
    const rooms = fc.record({ width: fc.integer({ min: 20, max: 200 }), height: fc.integer({ min: 10, max: 100 }), sizeMax: fc.constant(10), sizeMin: fc.constant(1) });
    fc.assert(fc.property(text, rooms, (tidy, room) => {
      const widths: Readonly<Record<string, number>> = { a: 0.5, W: 0.95, 街: 1, ' ': 0.25 };
      const given = Array.from(tidy, (sign): Sign => ({ text: sign, width: widths[sign]!, mayEnd: sign === ' ' || sign === '街' }));
      const { size, lines } = fitted(given, room);
      expect(lines.join('').replaceAll(' ', '')).toBe(tidy.replaceAll(' ', ''));
      expect(size).toBeGreaterThan(0);
      expect(size).toBeLessThanOrEqual(room.sizeMax);
      expect(size * LEADING * lines.length).toBeLessThanOrEqual(room.height + 1e-6);
      for (const line of lines) expect(Array.from(line, (sign) => widths[sign]!).reduce((sum, width) => sum + width, 0) * size).toBeLessThanOrEqual(room.width + 1e-3);
    }));
  });
});
