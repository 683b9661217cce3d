import fc from 'fast-check';
import { drawable, graphemesOf, isOneShape, mayBeDrawn, tidied } from './letters.domain';

describe('tidied', () => {
  it.each([
    ['Corner Coffee', 'Corner Coffee'], ['  Corner \t\n Coffee  ', 'Corner Coffee'], ['Cafe\u0301', 'Café'], ['한글', '한글'], ['ガ', 'ガ'],
    ['a\u200Bb\u200Dc\uFEFFd', 'abcd'], ['葛\u{E0100}城', '葛城'], ['✂\uFE0F', '✂'], ['a\u202Eb', 'ab'], ['a\0b', 'a b'], ['a\u00A0\u3000b', 'a b'], ['a\u2028b', 'a b'], ['', ''],
    // What joins letters or keeps them apart stays behind those that it can join; whatever would turn the order goes.
    ['می\u200Cخواهم', 'می\u200Cخواهم'], ['ශ්\u200Dරී', 'ශ්\u200Dරී'], ['ক্\u200Cষ', 'ক্\u200Cষ'], ['അവന്\u200D', 'അവന്\u200D'], ['می\u200C\u200Cخ', 'می\u200Cخ'], ['\u200Cمی', 'می'],
    ['می \u200C خ', 'می خ'], ['ק\u200Cפ', 'קפ'], ['👩\u200D💻', '👩💻'], ['\u2067קפה\u2069', 'קפה'], ['\u200Fא\u061C', 'א'], ['\u0600١', '\u0600١'],
  ])('%j is %j', (name, expected) => {
    expect(tidied(name)).toBe(expected);
  });
});

it.each([
  ['a', true], ['街', true], ['한', true], ['Я', true], ['👍', true], ['\u0301', false], ['ᄒ', false], ['ᇿ', false], ['ꥠ', false], ['ힰ', false], ['\u0000', false], ['\u2028', false], ['\u2029', false],
  ['\ud83d', false], ['\u0378', false], ['ံ', false], ['x\u0303', true], [' \u0303', false], ['a\u20DD', false], ['كَ', true], ['َ', false], ['नि', true], ['ที่', true], ['ำ', false], ['น้ำ', true],
  // In Burmese a letter that takes room is a grapheme, whatever it stands behind.
  ['ာ', true],
])('mayBeDrawn(%j) is %s', (grapheme, expected) => {
  expect(mayBeDrawn(grapheme)).toBe(expected);
});

it.each([['か', false], ['か\u309A', true], ['街\u0303', true], ['x\u0303', false], ['नि', false]])('isOneShape(%j) is %s', (grapheme, expected) => {
  expect(isOneShape(grapheme)).toBe(expected);
});

it.each([
  ['Café', ['C', 'a', 'f', 'é']], ['नि', ['नि']], ['ที่', ['ที่']], ['x\u0303y', ['x\u0303', 'y']], ['می\u200Cخ', ['م', 'ی\u200C', 'خ']], ['👩\u200D💻', ['👩\u200D💻']], ['', []],
])('graphemesOf(%j) are %j', (text, expected) => {
  const graphemes = graphemesOf(text);
  expect(graphemes.map((grapheme) => grapheme.text)).toEqual(expected);
  for (const { text: grapheme, at } of graphemes) expect(text.slice(at, at + grapheme.length)).toBe(grapheme);
});

describe('drawable', () => {
  const canDraw = ({ text }: { readonly text: string }): boolean => /^[ -~À-ÿЀ-ӿ一-鿿]$/.test(text);
  it.each<[string, string | undefined]>([
    ['Corner Coffee', 'Corner Coffee'], ['街角 Corner', '街角 Corner'], ["Joe's (2)", "Joe's (2)"],
    ['مقهى', undefined], ['', undefined], ['👍', undefined], ['...', undefined], [' ', undefined], ['مقهى -', undefined],
    ['مقهى Corner', 'Corner'], ['Corner مقهى Coffee', 'Corner Coffee'], ['Corner 👍', 'Corner'], ['👍Corner👍', 'Corner'], ['7 مقهى', '7'],
    // Half a word is another word, and half a letter another letter.
    ['Cornerش Coffee', 'Coffee'], ['Coxˆ̃ffee Bar', 'Bar'], ['街角가咖啡', '街角咖啡'], ['街̃角', '角'], ['街角مقهى咖啡', '街角咖啡'],
  ])('%j is %j', (text, left) => {
    expect(drawable(text, canDraw)).toBe(left);
  });
  it('asks of a grapheme where it stands: what can be drawn in one place cannot in another', () => {
    expect(drawable('कि कि', ({ at }) => at !== 0)).toBe('कि');
  });
  it('has nothing that cannot be drawn, and nothing new', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'ab é街角кش가👍\u0301-.') }), (text) => {
      const left = drawable(text, canDraw) ?? '';
      expect(graphemesOf(left).every(canDraw)).toBe(true);
      let at = 0;
      for (const sign of left) at = text.indexOf(sign, at) + sign.length;
      expect(at).toBeLessThanOrEqual(text.length);
    }));
  });
});
