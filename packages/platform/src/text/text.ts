/** What is wrong with a text that somebody wrote. */
export type TextFault = 'EMPTY' | 'TOO_LONG' | 'CHARACTERS';

/** The most characters of why something is changed. */
export const REASON_LENGTH_MAX = 500;

// A text may have lines; other controls, lone surrogates and marks that turn the direction of text have no place in one.
const UNFIT = /[^\P{Cc}\n\t]|[\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** Says what is wrong with a text of lines: it must say something, in letters or digits. */
export function textFault(text: string, lengthMax: number): TextFault | undefined {
  if (UNFIT.test(text)) return 'CHARACTERS';
  if (!/[\p{L}\p{N}]/u.test(text)) return 'EMPTY';
  return Array.from(text).length > lengthMax ? 'TOO_LONG' : undefined;
}

/** Reads why something is changed, in one form: 1 to 500 characters without blanks around them. */
export function readReasonText(given: string): { readonly reason: string; readonly fault: TextFault | undefined } {
  const reason = given.normalize('NFC').trim();
  return { reason, fault: textFault(reason, REASON_LENGTH_MAX) };
}
