import type { Refusal } from '../outcomes/outcome.domain';

/** The most characters of a free text that goes with a transaction. */
export const DESCRIPTION_MAX = 140;

/** Refuses a free text that is too long or holds a control character other than a line break or tab. */
export function descriptionRefusals(text: string | undefined, field: 'description' | 'reason'): Refusal[] {
  if (text === undefined) return [];
  if ([...text].length > DESCRIPTION_MAX) return [{ code: 'INVALID_INPUT', reason: 'TOO_LONG', field: ['input', field] }];
  return /[^\P{Cc}\n\t]|\p{Cs}/u.test(text) ? [{ code: 'INVALID_INPUT', field: ['input', field] }] : [];
}
