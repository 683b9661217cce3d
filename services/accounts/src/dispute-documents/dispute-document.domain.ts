import { answering, type DisputeState, maySee, type PaymentParties } from '../disputes/dispute.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { Viewer } from '../transactions/transaction.domain';

export const EVIDENCE_KINDS = ['RECEIPT', 'PROOF_OF_DELIVERY', 'CORRESPONDENCE', 'PHOTOGRAPH', 'OTHER'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export const DISPUTE_SIDES = ['PERSON', 'MERCHANT'] as const;
export type DisputeSide = (typeof DISPUTE_SIDES)[number];

/** How many documents a side of a dispute has, whole or on their way. */
export const DOCUMENTS_MAX = 5;
/** How many documents a person announces in a day (UTC), in all disputes and withdrawn or not: payments of a cent are cheap, and room is not. */
export const DOCUMENTS_A_DAY = 100;

/**
 * How many days what is in documents is kept after the end of their dispute. 540 is the longest that the rules of card schemes let a payment be
 * disputed after it was made: so long the same evidence may be asked for. Later nobody needs what is personal in it; that there was a document stays.
 */
export const CONTENT_DAYS = 540;
const DAY_MS = 86_400_000;
/** The day of an instant, in UTC. */
export const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);
/** What ended at this instant or before is kept no longer. */
export const keptSince = (now: Date): Date => new Date(now.getTime() - CONTENT_DAYS * DAY_MS);

/** How long an upload may take. */
export const UPLOAD_MS = DAY_MS;
/** So long what an operator reads of one document is one reading. */
export const READING_MS = 60 * 60_000;

export type DisputeParties = Omit<PaymentParties, 'counterpartyId'>;

/** For whom somebody hands documents in: the payer, or those who answer for the merchant. Who is both is the payer, since that side is theirs alone. */
export function sideOf(parties: DisputeParties, viewer: Pick<Viewer, 'personId'>): DisputeSide | undefined {
  if (parties.personId === viewer.personId) return 'PERSON';
  return answering(parties).includes(viewer.personId) ? 'MERCHANT' : undefined;
}

/** Whether somebody knows of the dispute, as they know of its texts. */
const knowsOf = (parties: DisputeParties, viewer: Viewer): boolean => maySee({ ...parties, counterpartyId: null }, viewer);

/** Says for which side somebody may announce documents. */
export function mayAnnounce(dispute: DisputeState | undefined, viewer: Viewer): Outcome<{ side: DisputeSide }> {
  const field = ['input', 'disputeId'];
  if (!dispute || !knowsOf(dispute, viewer)) return refuse('NOT_FOUND', field);
  const side = sideOf(dispute, viewer);
  return side ? { ok: true, side } : refuse('NOT_ALLOWED', field);
}

/** Says whether somebody may go on with a document or withdraw it: its side alone. To everybody else there is none that could be changed. */
export function mayChange(document: { readonly side: DisputeSide } | undefined, dispute: DisputeState | undefined, viewer: Viewer): Outcome<object> {
  return document && dispute && sideOf(dispute, viewer) === document.side ? { ok: true } : refuse('NOT_FOUND', ['input', 'documentId']);
}

/**
 * Refuses what would change the evidence once the deadline or the end has come: from either on, what an operator decides upon stays as it is.
 * What was done before and comes again changes nothing, and so is not asked.
 */
export function mayStillChange({ status, respondBy }: Pick<DisputeState, 'status' | 'respondBy'>, now: Date, field: 'disputeId' | 'documentId'): Outcome<object> {
  if (status !== 'OPEN' && status !== 'CONTESTED') return refuse('NOT_ALLOWED', ['input', field], 'DISPUTE_STATUS');
  return now.getTime() >= respondBy.getTime() ? refuse('NOT_ALLOWED', ['input', field], 'EVIDENCE_OVERDUE') : { ok: true };
}

/** Refuses one document more than a side of a dispute, or a person in a day, may have. */
export function mayAddTo({ ofSide, ofDay }: { ofSide: number; ofDay: number }): Outcome<object> {
  if (ofSide >= DOCUMENTS_MAX) return refuse('LIMIT_EXCEEDED', ['input', 'disputeId'], 'EVIDENCE');
  return ofDay >= DOCUMENTS_A_DAY ? refuse('LIMIT_EXCEEDED', ['input', 'disputeId'], 'EVIDENCE_A_DAY') : { ok: true };
}

/** Whether somebody sees that there is a document: whoever sees the texts, once it is whole; its own side before that. */
export function isShown(document: { readonly side: DisputeSide; readonly stored: boolean }, parties: DisputeParties, viewer: Viewer): boolean {
  return knowsOf(parties, viewer) && (document.stored || sideOf(parties, viewer) === document.side);
}

/** How somebody reads what is in a document: as a side, or as an operator, whose reading is noted. Cashiers know of it and do not read it. */
export function readsAs(parties: DisputeParties, viewer: Viewer): 'SIDE' | 'OPERATOR' | undefined {
  if (sideOf(parties, viewer)) return 'SIDE';
  return viewer.operator ? 'OPERATOR' : undefined;
}
