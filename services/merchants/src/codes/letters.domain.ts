/** Signs that say how others are to look, or nothing at all: they are no letters, and a name without them is whole. Those that stand below Arabic numbers are seen. */
const INVISIBLE = /(?![\u0600-\u0605\u06DD\u0890\u0891\u08E2])[\p{Cf}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu;
/** Behind their letters and marks ZWNJ and ZWJ say whether the next is joined: Persian is written with the one, Sinhala with the other. */
const JOINING = ['Arabic', 'Devanagari', 'Bengali', 'Gujarati', 'Gurmukhi', 'Kannada', 'Khmer', 'Malayalam', 'Oriya', 'Sinhala', 'Tamil', 'Telugu'];
const JOINER = new RegExp(`(?<=(?=[\\p{L}\\p{M}])[${JOINING.map((script) => `\\p{Script_Extensions=${script}}`).join('')}])[\\u200C\\u200D]`, 'gu');
/** What is drawn wrong by whatever font: marks with no letter below them, what encloses others, halves of syllables, and what is no letter. Marks that take room begin graphemes in Burmese. */
const UNDRAWN = /^[\p{Mn}\u0E33\u0EB3]|^\s\p{M}|[\p{Me}\p{Cc}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u{1100}-\u{11FF}\u{A960}-\u{A97F}\u{D7B0}-\u{D7FF}]/u;
const PART_OF_WORD = /[\p{L}\p{M}\p{N}]/u;
const ASIAN = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u;

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** What a reader takes for one letter, with its marks (UAX 29): no rule here looks into it. */
export interface Grapheme {
  readonly text: string;
  /** Where in the text it begins. */
  readonly at: number;
}

export const graphemesOf = (text: string): readonly Grapheme[] => Array.from(GRAPHEMES.segment(text), ({ segment, index }) => ({ text: segment, at: index }));

/** A name with its accents on their letters, one space between words, and without what is not seen. Nobody's sign says in which direction it is read: the order comes of its letters. */
export function tidied(name: string): string {
  const joiners = new Set(Array.from(name.normalize('NFC').matchAll(JOINER), ({ index }) => index));
  return name.normalize('NFC')
    .replace(INVISIBLE, (sign, at: number) => (joiners.has(at) ? sign : ''))
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ').trim();
}

/** Whether a font can draw a grapheme rightly at all. */
export const mayBeDrawn = (grapheme: string): boolean => !UNDRAWN.test(grapheme);

/** Whether a grapheme is a letter of Chinese, Japanese or Korean with a mark: its font has one shape for both, or none that is right. */
export const isOneShape = (grapheme: string): boolean => ASIAN.test(grapheme) && /\p{M}/u.test(grapheme);

/**
 * Leaves out of a text what cannot be drawn: a word as a whole where one of its letters cannot, for half a word is another word; an emoji or a sign by itself.
 * Chinese, Japanese and Korean letters each count as a word. Undefined where no letter is left.
 */
export function drawable(text: string, canDraw: (grapheme: Grapheme) => boolean): string | undefined {
  const kept = wordsOf(graphemesOf(text)).map((word) => {
    const drawn = word.filter(canDraw);
    const isBroken = word.some((grapheme) => PART_OF_WORD.test(grapheme.text) && !canDraw(grapheme));
    return isBroken ? '' : drawn.map((grapheme) => grapheme.text).join('');
  });
  const left = kept.join('').replace(/ +/g, ' ').trim();
  return PART_OF_WORD.test(left) ? left : undefined;
}

function wordsOf(graphemes: readonly Grapheme[]): readonly (readonly Grapheme[])[] {
  const words: Grapheme[][] = [];
  let isOpen = false;
  for (const grapheme of graphemes) {
    const isAlone = grapheme.text === ' ' || ASIAN.test(grapheme.text);
    if (isOpen && !isAlone) words.at(-1)!.push(grapheme);
    else words.push([grapheme]);
    isOpen = !isAlone;
  }
  return words;
}
