/** A family of fonts: Latin, Cyrillic and Greek letters; and those of Chinese, Japanese and Korean, which write some signs alike and some not. */
export type Family = 'sans' | 'sc' | 'jp' | 'kr';

/** A text as it is drawn. */
export interface Drawable {
  readonly text: string;
  /** Whether something of the name is not in it. */
  readonly isLess: boolean;
}

/** Signs that say how others are to look, or nothing at all: they are no letters, and a name without them is whole. */
const INVISIBLE = /[\p{Cf}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu;
/** What is drawn wrong letter by letter: marks that stand on another letter, halves of syllables, and what is no letter. */
const SHAPED = /[\p{M}\p{C}\p{Zl}\p{Zp}\u{1100}-\u{11FF}\u{A960}-\u{A97F}\u{D7B0}-\u{D7FF}]/u;
const PART_OF_WORD = /[\p{L}\p{M}\p{N}]/u;
const ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u;
const WORDS = new RegExp(`${ASIAN.source}\\p{M}*|(?:(?!${ASIAN.source})\\S)+|\\s+`, 'gu');

/** A name with its accents on their letters, one space between words, and without what is not seen. */
export function tidied(name: string): string {
  return name.normalize('NFC').replace(INVISIBLE, '').replace(/[\p{Cc}\p{Z}]+/gu, ' ').trim();
}

/** Whether a sign can be right at all where each is drawn by itself, from left to right. */
export const standsAlone = (sign: string): boolean => !SHAPED.test(sign);

/** The families to look a sign up in, in order: a name with kana is Japanese, one with Hangul Korean, and every other with Chinese signs Chinese. */
export function familiesOf(name: string): readonly Family[] {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(name)) return ['sans', 'jp', 'sc', 'kr'];
  if (/\p{Script=Hangul}/u.test(name)) return ['sans', 'kr', 'sc', 'jp'];
  return ['sans', 'sc', 'jp', 'kr'];
}

/**
 * Leaves out of a text what cannot be drawn: a word as a whole where one of its letters cannot, for half a word is another word; an emoji or a sign by itself.
 * Chinese, Japanese and Korean letters each count as a word. Undefined where no letter is left.
 */
export function drawable(text: string, canDraw: (sign: string) => boolean): Drawable | undefined {
  const kept = (text.match(WORDS) ?? []).map((word) => {
    const signs = Array.from(word);
    if (signs.every(canDraw)) return word;
    return PART_OF_WORD.test(signs.filter((sign) => !canDraw(sign)).join('')) ? '' : signs.filter(canDraw).join('');
  });
  const left = kept.join('').replace(/ +/g, ' ').trim();
  return PART_OF_WORD.test(left) ? { text: left, isLess: left !== text } : undefined;
}

/** Room for some lines of letters; sizes and lengths in one unit. */
export interface Room {
  readonly width: number;
  readonly height: number;
  readonly sizeMax: number;
  /** Below it lines may be broken within words. */
  readonly sizeMin: number;
}

export interface Fitted {
  readonly size: number;
  readonly lines: readonly string[];
}

/** A sign with its width at size 1, and whether a line may end behind it. */
export interface Sign {
  readonly text: string;
  readonly width: number;
  readonly mayEnd: boolean;
}

/** From one line to the next, at size 1. */
export const LEADING = 1.3;

/** Breaks a text into the lines in which it is largest; of equal ones the fewest. */
export function fitted(signs: readonly Sign[], room: Room): Fitted {
  const byWords = largest(signs, room);
  return byWords.size >= room.sizeMin ? byWords : largest(signs.map((sign) => ({ ...sign, mayEnd: true })), room);
}

function largest(signs: readonly Sign[], room: Room): Fitted {
  let best: Fitted = { size: 0, lines: [] };
  for (let count = 1; count <= Math.max(1, Math.floor(room.height / (LEADING * Math.min(room.sizeMin, room.sizeMax)))); count += 1) {
    const lines = narrowest(signs, count);
    const width = Math.max(...lines.map(widthOf));
    const size = Math.min(room.sizeMax, room.height / (LEADING * lines.length), width > 0 ? room.width / width : Infinity);
    if (size > best.size * 1.000_001) best = { size, lines: lines.map(textOf) };
  }
  return best;
}

type Line = readonly Sign[];
const textOf = (line: Line): string => line.map(({ text }) => text).join('').trim();
/** The space that a line ends with is not seen. */
const widthOf = (line: Line): number => line.reduce((sum, { width }) => sum + width, 0) - (line.at(-1)?.text === ' ' ? line.at(-1)!.width : 0);

/** At most so many lines, the longest of them as short as it can be. */
function narrowest(signs: readonly Sign[], count: number): readonly Line[] {
  const words = wordsOf(signs);
  let [low, high] = [Math.max(...words.map(widthOf)), widthOf(signs)];
  if (broken(words, low).length <= count) high = low;
  // Forty halvings leave nothing that could be seen of any difference.
  for (let round = 0; round < 40 && high - low > 1e-6; round += 1) {
    const middle = (low + high) / 2;
    if (broken(words, middle).length <= count) high = middle;
    else low = middle;
  }
  return broken(words, high);
}

function wordsOf(signs: readonly Sign[]): readonly Line[] {
  const words: Sign[][] = [[]];
  for (const sign of signs) {
    words.at(-1)!.push(sign);
    if (sign.mayEnd) words.push([]);
  }
  return words.filter((word) => word.length > 0);
}

/** Lines of as many words as a width holds; a word is wider than it never, by whoever asks. */
function broken(words: readonly Line[], width: number): readonly Line[] {
  const lines: Sign[][] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line && widthOf([...line, ...word]) <= width + 1e-9) line.push(...word);
    else lines.push([...word]);
  }
  return lines;
}
