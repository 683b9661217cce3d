import { answering, type DisputeState, maySee, type PaymentParties } from '../disputes/dispute.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { Viewer } from '../transactions/transaction.domain';

export const EVIDENCE_KINDS = ['RECEIPT', 'PROOF_OF_DELIVERY', 'CORRESPONDENCE', 'PHOTOGRAPH', 'OTHER'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export const DISPUTE_SIDES = ['PERSON', 'MERCHANT'] as const;
export type DisputeSide = (typeof DISPUTE_SIDES)[number];

/** How many documents a side of a dispute has, whole or on their way. */
export const DOCUMENTS_MAX = 5;
/** How many documents a person announces within a day, in all disputes: payments of a cent are cheap, and room is not. */
export const DOCUMENTS_A_DAY = 100;
export const DAY_MS = 86_400_000;

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

/** Both sides hand in and withdraw before the deadline and before the end: from either on what an operator decides upon stays as it is. */
function closed({ status, respondBy }: Pick<DisputeState, 'status' | 'respondBy'>, now: Date): 'DISPUTE_STATUS' | 'EVIDENCE_OVERDUE' | undefined {
  if (status !== 'OPEN' && status !== 'CONTESTED') return 'DISPUTE_STATUS';
  return now.getTime() >= respondBy.getTime() ? 'EVIDENCE_OVERDUE' : undefined;
}

/** Says whether somebody may announce a document, and for which side. */
export function mayAnnounce(dispute: DisputeState | undefined, viewer: Viewer, now: Date): Outcome<{ side: DisputeSide }> {
  const field = ['input', 'disputeId'];
  if (!dispute || !knowsOf(dispute, viewer)) return refuse('NOT_FOUND', field);
  const side = sideOf(dispute, viewer);
  if (!side) return refuse('NOT_ALLOWED', field);
  const fault = closed(dispute, now);
  return fault ? refuse('NOT_ALLOWED', field, fault) : { ok: true, side };
}

/** Says whether somebody may go on with a document or withdraw it: its side alone. To everybody else there is none that could be changed. */
export function mayChange(document: { readonly side: DisputeSide } | undefined, dispute: DisputeState | undefined, viewer: Viewer, now: Date): Outcome<object> {
  const field = ['input', 'documentId'];
  if (!document || !dispute || sideOf(dispute, viewer) !== document.side) return refuse('NOT_FOUND', field);
  const fault = closed(dispute, now);
  return fault ? refuse('NOT_ALLOWED', field, fault) : { ok: true };
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
