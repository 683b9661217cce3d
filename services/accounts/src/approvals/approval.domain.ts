import type { CurrencyCode } from '@tael/money';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/** What wants two persons: one who asks for it and another who approves it. */
export type ApprovalKind = 'MANUAL_ADJUSTMENT' | 'BREAK_WRITE_OFF' | 'PAYOUT_BY_HAND' | 'LIMIT_RAISE' | 'DEBT_WRITE_OFF' | 'MERCHANT_WRITE_OFF';

export type ApprovalStatus = 'REQUESTED' | 'EXECUTED' | 'REJECTED' | 'EXPIRED' | 'CANCELLED';

/** So long a request can be approved: what it rests on may be otherwise a day later. */
export const APPROVAL_HOURS = 24;

/** A request and what became of it. */
export interface Approval {
  readonly id: string;
  readonly kind: ApprovalKind;
  /** What it is about: a wallet, a break, a merchant. */
  readonly subjectId: string;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  /** All that the kind needs besides, as its handler reads it. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly status: ApprovalStatus;
  readonly reason: string;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly decisionReason: string | null;
  /** The transaction that it brought. */
  readonly resultId: string | null;
}

/** Gives the status that a request has at an instant: nobody need look for it to have expired. */
export function statusAt({ status, expiresAt }: Pick<Approval, 'status' | 'expiresAt'>, now: Date): ApprovalStatus {
  return status === 'REQUESTED' && expiresAt <= now ? 'EXPIRED' : status;
}

export type Decision = 'APPROVE' | 'REJECT' | 'CANCEL';

/** Says whether a person may decide a request now: another than who asked, who alone may take it back, and only while it waits. */
export function mayDecide(
  approval: Pick<Approval, 'status' | 'expiresAt' | 'requestedBy'>, decision: Decision, by: { readonly personId: string; readonly now: Date },
): Outcome<object> {
  const field = ['input', 'approvalId'];
  const status = statusAt(approval, by.now);
  if (status === 'EXPIRED') return refuse('NOT_ALLOWED', field, 'APPROVAL_EXPIRED');
  if (status !== 'REQUESTED') return refuse('NOT_ALLOWED', field, 'APPROVAL_DECIDED');
  const own = approval.requestedBy === by.personId;
  if (decision === 'CANCEL') return own ? { ok: true } : refuse('NOT_ALLOWED', field, 'OTHERS_REQUEST');
  return own ? refuse('NOT_ALLOWED', field, 'OWN_REQUEST') : { ok: true };
}

/** Writes what is approved as one text, the same for the same request alone: who approves names its digest. */
export function approvalText(approval: Pick<Approval, 'id' | 'kind' | 'subjectId' | 'currency' | 'amount' | 'payload' | 'reason' | 'requestedBy'>): string {
  const { id, kind, subjectId, currency, amount, payload, reason, requestedBy } = approval;
  return JSON.stringify([id, kind, subjectId, currency, String(amount), sorted(payload), reason, requestedBy]);
}

/** A payload in one order of its keys, whatever order the database gives them in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, held]) => [key, sorted(held)]);
}
