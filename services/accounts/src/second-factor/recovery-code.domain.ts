import { readTypedCode, typedCode } from '../people/typed-code.domain';

export const RECOVERY_CODES = 10;
export const RECOVERY_CODE_BYTES = 10;

/** Writes a recovery code of random bytes: 50 bits, e.g. 7QK2M-X04TZ. */
export function recoveryCode(random: Uint8Array): string {
  return typedCode(random.subarray(0, RECOVERY_CODE_BYTES), 5);
}

/** Gives the recovery code that somebody typed, in the form in which it is kept, or undefined where it is none. */
export function readRecoveryCode(text: string): string | undefined {
  return readTypedCode(text, RECOVERY_CODE_BYTES);
}
