// Crockford's base 32: no letter that is easily taken for a digit or another letter.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 12;

/** How many random bytes a code is made of: 60 bits go into it, far more than can be guessed. */
export const REFERRAL_CODE_BYTES = 8;

/** Makes a referral code of random bytes. */
export function referralCode(random: Uint8Array): string {
  if (random.length !== REFERRAL_CODE_BYTES)
    throw new RangeError(`a referral code takes ${REFERRAL_CODE_BYTES} random bytes`);
  let bits = random.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  let code = '';
  for (let index = 0; index < LENGTH; index++) {
    code += ALPHABET[Number(bits & 31n)];
    bits >>= 5n;
  }
  return code;
}

/** Reads a code as a person types it: any case, with blanks and hyphens, O for 0, I or L for 1. Null where it is none. */
export function readReferralCode(text: string): string | null {
  if (text.length > 64) return null;
  const code = text.replace(/[\s-]/g, '').toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return code.length === LENGTH && [...code].every((character) => ALPHABET.includes(character)) ? code : null;
}
