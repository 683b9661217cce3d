/** A family of fonts: of Latin, Cyrillic and Greek letters; those of Chinese, Japanese and Korean, which write some signs alike and some not; and one of each script that is shaped. */
export type Family = 'sans' | 'sc' | 'jp' | 'kr' | OwnFamily;
export type OwnFamily = (typeof OWN)[number][2];

/** Scripts with a font of their own: ISO 15924, Unicode and the font have each a name for it. */
const OWN = [
  ['Arab', 'Arabic', 'arabic'], ['Armn', 'Armenian', 'armenian'], ['Beng', 'Bengali', 'bengali'], ['Deva', 'Devanagari', 'devanagari'], ['Ethi', 'Ethiopic', 'ethiopic'],
  ['Geor', 'Georgian', 'georgian'], ['Gujr', 'Gujarati', 'gujarati'], ['Guru', 'Gurmukhi', 'gurmukhi'], ['Hebr', 'Hebrew', 'hebrew'], ['Khmr', 'Khmer', 'khmer'],
  ['Knda', 'Kannada', 'kannada'], ['Laoo', 'Lao', 'lao'], ['Mlym', 'Malayalam', 'malayalam'], ['Mymr', 'Myanmar', 'myanmar'], ['Orya', 'Oriya', 'oriya'],
  ['Sinh', 'Sinhala', 'sinhala'], ['Taml', 'Tamil', 'tamil'], ['Telu', 'Telugu', 'telugu'], ['Thai', 'Thai', 'thai'],
] as const;
const OTHERS = [
  ['Latn', 'Latin'], ['Cyrl', 'Cyrillic'], ['Grek', 'Greek'], ['Hani', 'Han'], ['Hira', 'Hiragana'], ['Kana', 'Katakana'], ['Hang', 'Hangul'], ['Bopo', 'Bopomofo'],
] as const;
/** Signs of no script of their own, and of all those that no font here is for. */
const COMMON = 'Zyyy';

const SCRIPTS = [...OWN, ...OTHERS].map(([code, name]) => ({ code, letter: new RegExp(`^\\p{Script=${name}}`, 'u'), used: new RegExp(`^\\p{Script_Extensions=${name}}`, 'u') }));
const FAMILIES: ReadonlyMap<string, Family> = new Map(OWN.map(([code, , family]) => [code, family]));
const NEUTRAL = /^[\p{Script=Common}\p{Script=Inherited}]/u;

/**
 * The script of each grapheme in a text, by ISO 15924: a space, a digit or a full stop is of the script before it, or of the one behind it where it comes first;
 * an Arabic digit or an Indian full stop, which some scripts use and others not, of one of those.
 */
export function scriptsOf(graphemes: readonly string[]): readonly string[] {
  const scripts = graphemes.map((grapheme): string | undefined => (NEUTRAL.test(grapheme) ? undefined : SCRIPTS.find(({ letter }) => letter.test(grapheme))?.code ?? COMMON));
  let last: string = scripts.find((script) => script !== undefined) ?? COMMON;
  return graphemes.map((grapheme, index) => {
    const users = scripts[index] === undefined ? SCRIPTS.filter(({ used }) => used.test(grapheme)).map(({ code }): string => code) : [scripts[index]!];
    if (users.length > 0 && !users.includes(last)) last = users[0]!;
    return last;
  });
}

/**
 * The families to look a sign up in, in order: first the one of its script, so that common signs beside its letters are drawn as they are. A name with kana is Japanese,
 * one with Hangul Korean, and every other with Chinese signs Chinese.
 */
export function familiesOf(script: string, name: string): readonly Family[] {
  const own = FAMILIES.get(script);
  const common = commonFamilies(name);
  return own ? [own, ...common] : common;
}

function commonFamilies(name: string): readonly Family[] {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(name)) return ['sans', 'jp', 'sc', 'kr'];
  if (/\p{Script=Hangul}/u.test(name)) return ['sans', 'kr', 'sc', 'jp'];
  return ['sans', 'sc', 'jp', 'kr'];
}

/** Languages that write some signs of their script otherwise than most who use it, by the letters that tell them: digits in Urdu, a letter in Serbian. */
const LANGUAGES: readonly (readonly [string, RegExp, string])[] = [['Arab', /[\u0679\u0688\u0691\u06BA\u06C1\u06D2]/, 'ur'], ['Cyrl', /[\u0452\u0459-\u045B\u045F\u0402\u0409-\u040B\u040F]/, 'sr']];

/** The language of a name in a script, where its letters say it and it makes a difference. */
export const languageOf = (script: string, name: string): string | undefined => LANGUAGES.find(([code, letters]) => code === script && letters.test(name))?.[2];
