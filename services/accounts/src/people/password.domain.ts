import { dictionary } from '@zxcvbn-ts/language-common';
import type { Refusal } from '../outcomes/outcome.domain';

const PASSWORD_MIN = 8;
const PASSWORD_MAX = 128;

/** What people choose most, of leaked lists, in small letters; what is too short anyway is left out. */
const COMMON = new Set(dictionary['passwords-common'].filter((password) => password.length >= PASSWORD_MIN));
/** What somebody tries first here, alone or with figures and marks around it. */
const OF_THE_HOUSE = new Set(['tael', 'taelwallet', 'taelpay', 'wallet', 'mywallet', 'cashback', 'payment', 'merchant', 'operator']);

/** So many figures and marks around a word make no password of it; more are one by themselves. */
const AROUND_MAX = 6;

/** Gives the form in which a password is hashed: the same characters, however a keyboard composes them. */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

/**
 * Says what is wrong with a new password, which is in its normal form; `field` is the input's name for it. There are no rules of what it is made of (NIST SP
 * 800-63B 3.1.1.2, ASVS 5.0 V6.2): it is long enough, and nobody's first guess.
 */
export function passwordRefusals(password: string, field = 'password'): Refusal[] {
  const length = [...password].length;
  const reason = length < PASSWORD_MIN ? 'TOO_SHORT' : length > PASSWORD_MAX ? 'TOO_LONG' : isFirstGuess(password) ? 'TOO_COMMON' : undefined;
  return reason ? [{ code: 'INVALID_INPUT', reason, field: ['input', field] }] : [];
}

function isFirstGuess(password: string): boolean {
  const small = password.toLowerCase();
  const word = small.replace(/[^\p{L}]/gu, '');
  return COMMON.has(small) || (OF_THE_HOUSE.has(word) && [...small].length - word.length <= AROUND_MAX);
}
