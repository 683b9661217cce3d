import { readTypedCode, typedCode } from './typed-code.domain';

/** One byte a letter, of which five bits count: 80 bits, which nobody finds by trying. */
export const MAILED_CODE_BYTES = 16;
const GROUP = 4;
/** ASVS 6.5.5: a code that is sent lives ten minutes at most. */
const MINUTES = 10;

/** A code that goes to somebody's mail. */
export interface MailedCode {
  /** As it is written in the mail. */
  readonly code: string;
  /** As {@link readMailedCode} gives it, to be kept as a hash. */
  readonly letters: string;
  readonly expiresAt: Date;
}

/** Makes a code of {@link MAILED_CODE_BYTES} random bytes at an instant. */
export function mailedCode(random: Uint8Array, at: Date): MailedCode {
  const code = typedCode(random, GROUP);
  return { code, letters: readMailedCode(code)!, expiresAt: new Date(at.getTime() + MINUTES * 60_000) };
}

/** Reads a code as somebody typed it; undefined where it is none. */
export const readMailedCode = (text: string): string | undefined => readTypedCode(text, MAILED_CODE_BYTES);
