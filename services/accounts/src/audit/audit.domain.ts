import type { Refusal } from '../outcomes/outcome.domain';

/** The most characters of a reason or note of an operator. */
export const REASON_MAX = 500;

/** Refuses a reason that says nothing, is too long or holds a control character other than a line break or tab. */
export function reasonRefusals(text: string, field: readonly string[] = ['input', 'reason']): Refusal[] {
  if (text.trim() === '') return [{ code: 'INVALID_INPUT', reason: 'EMPTY', field }];
  if ([...text].length > REASON_MAX) return [{ code: 'INVALID_INPUT', reason: 'TOO_LONG', field }];
  return /[^\P{Cc}\n\t]|\p{Cs}/u.test(text) ? [{ code: 'INVALID_INPUT', reason: 'CHARACTERS', field }] : [];
}
