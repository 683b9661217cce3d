import { readReasonText } from '@tael/platform/text';
import type { DraftRefusal } from './campaign-draft.domain';

export type Reason = { readonly ok: true; readonly reason: string | null } | { readonly ok: false; readonly refusals: readonly DraftRefusal[] };

/** Reads why a campaign is changed, where that is said: 1 to 500 characters. Clients of before say nothing, and are not asked. */
export function readCampaignReason(given: string | null | undefined): Reason {
  if (given === null || given === undefined) return { ok: true, reason: null };
  const { reason, fault } = readReasonText(given);
  return fault ? { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: fault, field: ['input', 'reason'] }] } : { ok: true, reason };
}
