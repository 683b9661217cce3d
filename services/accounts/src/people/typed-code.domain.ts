// Crockford's alphabet: no letter that is taken for a digit, and no U, so that chance writes no words.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TEXT_MAX = 32;

/**
 * Writes a code of random bytes, for people to read and type: five bits of each byte, in groups.
 * @param group - how many letters stand together, with a hyphen between groups
 */
export function typedCode(random: Uint8Array, group: number): string {
  const letters = Array.from(random, (byte) => ALPHABET[byte % 32]).join('');
  return letters.match(new RegExp(`.{1,${group}}`, 'g'))!.join('-');
}

/** Gives the code of so many letters that somebody typed, in the form in which it is kept, or undefined where it is none. */
export function readTypedCode(text: string, length: number): string | undefined {
  if (text.length > TEXT_MAX) return undefined;
  const letters = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  const fits = letters.length === length && [...letters].every((letter) => ALPHABET.includes(letter));
  return fits ? letters : undefined;
}
