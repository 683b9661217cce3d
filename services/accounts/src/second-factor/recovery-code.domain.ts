export const RECOVERY_CODES = 10;
export const RECOVERY_CODE_BYTES = 10;

// Crockford's alphabet: no letter that is taken for a digit, and no U, so that chance writes no words.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 10;

/** Writes a recovery code of random bytes: 50 bits, e.g. 7QK2M-X04TZ. */
export function recoveryCode(random: Uint8Array): string {
  const letters = Array.from({ length: LENGTH }, (_, index) => ALPHABET[random[index]! % 32]).join('');
  return `${letters.slice(0, 5)}-${letters.slice(5)}`;
}

/** Gives the code that somebody typed, in the form in which it is kept, or undefined where it is none. */
export function readRecoveryCode(text: string): string | undefined {
  if (text.length > 32) return undefined;
  const letters = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  const fits = letters.length === LENGTH && [...letters].every((letter) => ALPHABET.includes(letter));
  return fits ? letters : undefined;
}
