import { readReasonText, REASON_LENGTH_MAX } from '@tael/platform/text';
import type { Refusal } from '../outcomes/outcome.domain';

/**
 * Refuses a reason or note of an operator that says nothing, is too long or holds what no text should. What is kept is what was written: of a request that
 * two decide its digest names it.
 */
export function reasonRefusals(text: string, field: readonly string[] = ['input', 'reason']): Refusal[] {
  const fault = readReasonText(text).fault ?? (Array.from(text).length > REASON_LENGTH_MAX ? 'TOO_LONG' : undefined);
  return fault === undefined ? [] : [{ code: 'INVALID_INPUT', reason: fault, field }];
}
