import type { DraftRefusal } from './campaign-draft.domain';

const LENGTH_MAX = 500;
// A reason may have lines; other controls, lone surrogates and marks that turn the direction of text have no place in one.
const UNFIT = /[^\P{Cc}\n\t]|[\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

export type Reason = { readonly ok: true; readonly reason: string | null } | { readonly ok: false; readonly refusals: readonly DraftRefusal[] };

/** Reads why a campaign is changed, where that is said: 1 to 500 characters. Clients of before say nothing, and are not asked. */
export function readCampaignReason(given: string | null | undefined): Reason {
  if (given === null || given === undefined) return { ok: true, reason: null };
  const reason = given.normalize('NFC').trim();
  const fault = UNFIT.test(reason) ? 'CHARACTERS' : !/[\p{L}\p{N}]/u.test(reason) ? 'EMPTY' : Array.from(reason).length > LENGTH_MAX ? 'TOO_LONG' : undefined;
  return fault ? { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: fault, field: ['input', 'reason'] }] } : { ok: true, reason };
}
