// The language that a script speaks for most often: where a name is not in Latin letters, the code names one of two letters.
const LANGUAGES: readonly (readonly [RegExp, string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Han}/u, 'zh'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/\p{Script=Greek}/u, 'el'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Hebrew}/u, 'he'],
  [/\p{Script=Thai}/u, 'th'],
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Bengali}/u, 'bn'],
  [/\p{Script=Gurmukhi}/u, 'pa'],
  [/\p{Script=Gujarati}/u, 'gu'],
  [/\p{Script=Oriya}/u, 'or'],
  [/\p{Script=Tamil}/u, 'ta'],
  [/\p{Script=Telugu}/u, 'te'],
  [/\p{Script=Kannada}/u, 'kn'],
  [/\p{Script=Malayalam}/u, 'ml'],
  [/\p{Script=Sinhala}/u, 'si'],
  [/\p{Script=Lao}/u, 'lo'],
  [/\p{Script=Myanmar}/u, 'my'],
  [/\p{Script=Khmer}/u, 'km'],
  [/\p{Script=Ethiopic}/u, 'am'],
  [/\p{Script=Georgian}/u, 'ka'],
  [/\p{Script=Armenian}/u, 'hy'],
];

/** Gives the language of a name that is not in Latin letters, two letters; undefined for Latin and for scripts without one here. */
export function languageOf(name: string): string | undefined {
  return LANGUAGES.find(([script]) => script.test(name))?.[1];
}

const PLAIN: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', Æ: 'AE', ø: 'o', Ø: 'O', đ: 'd', Đ: 'D', ł: 'l', Ł: 'L', '’': "'", '–': '-' };

/**
 * Gives a text in the printable ASCII that a code's own name and city have: accents fall away, what has no such letter is left
 * out. Undefined where nothing that can be read is left.
 */
export function asciiOf(text: string, lengthMax: number): string | undefined {
  const plain = text
    .replace(/[ßæÆøØđĐłŁ’–]/g, (letter) => PLAIN[letter]!)
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, lengthMax)
    .trim();
  return /[A-Za-z0-9]/.test(plain) ? plain : undefined;
}
