import { Fonts } from '../src/codes/fonts';
import { letter, type Lettering } from '../src/codes/lettering';
import { shaped } from '../src/codes/shaping';

const WIDE = { width: 100_000, height: 10, sizeMax: 1, sizeMin: 1 };
const drawn = async (name: string, room = WIDE): Promise<Lettering> => (await letter(name, room))!;
const widthOf = async (name: string): Promise<number> => (await drawn(name)).lines[0]!.width;

interface Contour {
  /** The same wherever it stands. */
  readonly shape: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
}

/** The closed curves of a line, from left to right. */
function contoursOf({ lines }: Lettering, line = 0): readonly Contour[] {
  const contours = lines[line]!.outline.match(/M[^Z]*Z/g)!.map((curve) => {
    const numbers = curve.match(/-?[\d.]+/g)!.map(Number);
    const across = numbers.filter((_, index) => index % 2 === 0);
    const left = Math.min(...across);
    const shape = numbers.map((number, index) => (index % 2 === 0 ? number - left : number).toFixed(1)).join(' ');
    return { shape, left, right: Math.max(...across), top: Math.max(...numbers.filter((_, index) => index % 2 === 1)) };
  });
  return contours.sort((one, other) => one.left - other.left || one.shape.localeCompare(other.shape));
}

/** A sign alone is no name: it is drawn behind an H, which is one curve. */
async function shapesOf(name: string): Promise<readonly string[]> {
  if (!/[\p{L}\p{N}]/u.test(name)) return (await shapesOf(`H${name}`)).slice(1);
  return contoursOf(await drawn(name)).map(({ shape }) => shape);
}
/** What is drawn where names stand beside each other, from left to right. */
const sideBySide = async (...names: readonly string[]): Promise<readonly string[]> => (await Promise.all(names.map(shapesOf))).flat();

const unitsOf = (text: string) => new Fonts().lend((fontOf) => shaped(text, fontOf)).then(({ units }) => units);

describe('Arabic letters', () => {
  it('are joined, each to the next', async () => {
    expect(await shapesOf('مقهى')).not.toEqual(await sideBySide('ى', 'ه', 'ق', 'م'));
    expect(await widthOf('مقهى')).toBeLessThan(await widthOf('م') + await widthOf('ق') + await widthOf('ه') + await widthOf('ى') - 0.1);
    expect(await shapesOf('دار')).toEqual(await sideBySide('ر', 'ا', 'د'));
  });
  it('stand from right to left', async () => {
    const contours = contoursOf(await drawn('مقهى'));
    // ZWJ asks for the shape that a letter has before another.
    const [first] = await shapesOf('م\u200D');
    const rightmost = contours.reduce((one, other) => (other.right > one.right ? other : one));
    expect(rightmost.shape).toBe(first);
    expect(await shapesOf('م')).not.toContain(first);
  });
  it('are not joined where ZWNJ stands between them, as Persian writes', async () => {
    expect(await shapesOf('می\u200Cخواهم')).not.toEqual(await shapesOf('میخواهم'));
    expect([...await shapesOf('می\u200Cخ')].sort()).toEqual([...await sideBySide('خ', 'می')].sort());
  });
  it('have the digits of their language', async () => {
    expect(await shapesOf('چائے ۴')).not.toEqual(await sideBySide('۴', 'چائے'));
    expect(await shapesOf('کافه ۴')).toEqual(await sideBySide('۴', 'کافه'));
  });
});

it.each<[string, readonly string[]]>([
  ['שלום', ['ם', 'ו', 'ל', 'ש']],
  ['קם Corner 24', ['Corner 24', 'ם', 'ק']],
  ['Corner קם 24', ['Corner', '24', 'ם', 'ק']],
  ['שלום 24, קם', ['ם', 'ק', ',', '24', 'ם', 'ו', 'ל', 'ש']],
  // Brackets are turned round with what they enclose.
  ['קם (2)', ['(2)', 'ם', 'ק']],
  ['קם (של)', ['(', 'ל', 'ש', ')', 'ם', 'ק']],
])('%s is drawn as %j from left to right', async (name, parts) => {
  expect(await shapesOf(name)).toEqual(await sideBySide(...parts));
});

describe('Thai letters', () => {
  it('have their marks above them, one above the other', async () => {
    expect(await widthOf('ที่')).toBeCloseTo(await widthOf('ท'), 3);
    const top = async (name: string): Promise<number> => Math.max(...contoursOf(await drawn(name)).map((contour) => contour.top));
    expect(await top('ที')).toBeGreaterThan(await top('ท'));
    expect(await top('ที่')).toBeGreaterThan(await top('ที'));
  });
  it('are broken into lines between words, and within one between letters, each with its marks', async () => {
    const { lines } = await drawn('ร้านกาแฟที่มุมถนน', { width: 5, height: 4, sizeMax: 1, sizeMin: 0.5 });
    expect(lines).toHaveLength(2);
    const whole = { lines, text: '', isLess: false, size: 1, height: 1 };
    expect(contoursOf(whole, 0).map(({ shape }) => shape)).toEqual(await shapesOf('ร้านกาแฟ'));
    expect(contoursOf(whole, 1).map(({ shape }) => shape)).toEqual(await shapesOf('ที่มุมถนน'));
    const narrow = await drawn('ที่'.repeat(12), { width: 3, height: 20, sizeMax: 1, sizeMin: 0.9 });
    expect(narrow.lines.length).toBeGreaterThan(2);
    const letterWidth = await widthOf('ที่');
    for (const { width } of narrow.lines) expect(width / narrow.size / letterWidth).toBeCloseTo(Math.round(width / narrow.size / letterWidth), 3);
  });
});

describe('Indian letters', () => {
  it('become one where they are written as one', async () => {
    for (const conjunct of ['क्ष', 'ক্ষ', 'ક્ષ']) {
      const units = await unitsOf(conjunct);
      expect([units.length, units[0]!.glyphs.length, [...conjunct].length]).toEqual([1, 1, 3]);
    }
    // With ZWNJ the first keeps the sign that its vowel is mute.
    expect((await unitsOf('क्\u200Cष')).flatMap(({ glyphs }) => glyphs)).toHaveLength(3);
  });
  it('have the vowel before them that is written before them', async () => {
    const [unit] = await unitsOf('हि');
    const [letterAlone] = await unitsOf('ह');
    expect(unit!.glyphs.at(-1)!.outline).toBe(letterAlone!.glyphs[0]!.outline);
    expect(unit!.glyphs).toHaveLength(2);
  });
});

it.each([['ស្ត្រី', 1], ['ကြွှုံ့', 1], ['ශ්\u200Dරී', 1], ['น้ำ', 1], ['हिन्दी', 2], ['شاي', 3]])('%s is drawn in %i parts, which no line is broken in', async (text, count) => {
  expect(await unitsOf(text)).toHaveLength(count);
});

it('high and deep letters have higher lines', async () => {
  const [latin, burmese, thai] = await Promise.all([drawn('Corner'), drawn('ကြွှုံ့'), drawn('ที่')]);
  expect(latin.height).toBeCloseTo(1.3, 6);
  expect(burmese.height).toBeGreaterThan(1.4);
  expect(thai.height).toBeGreaterThan(1.33);
  // It is above the ground that the one has more room, and below it the other.
  expect(thai.lines[0]!.ground).toBeGreaterThan(latin.lines[0]!.ground);
  expect(burmese.height - burmese.lines[0]!.ground).toBeGreaterThan(0.3);
});

it('names that are drawn at once, of more files together than stay open, are drawn as each by itself', async () => {
  const rare = (from: number, step: number): string => Array.from({ length: 120 }, (_, index) => String.fromCodePoint(from + index * step)).join('');
  // In Chinese, Japanese and Korean forms: three families of a hundred files each.
  const names = [rare(0x4e00, 170), `${rare(0x4e01, 170)}か`, rare(0xac00, 93), 'مقهى', 'קפה', 'กาแฟ', 'कॉफ़ी'];
  const alone = async (fonts: Fonts, name: string) => fonts.lend((fontOf) => shaped(name, fontOf));
  const fonts = new Fonts();
  const together = await Promise.all(names.map((name) => alone(fonts, name)));
  for (const [index, name] of names.entries()) expect(together[index]).toEqual(await alone(fonts, name));
  expect(together.every(({ units }) => units.some(({ glyphs }) => glyphs.length > 0))).toBe(true);
});
