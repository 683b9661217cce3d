import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import { reasonRefusals } from '../audit/audit.domain';
import { audit, auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { keyRefusals } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse, type Refused } from '../outcomes/outcome.domain';
import { whileSessionLives } from '../sessions/session.service';
import type { StepUpService } from '../step-ups/step-up.service';
import { digestOf } from './approval.digest';
import { type Approval, APPROVAL_HOURS, type ApprovalKind, type ApprovalStatus, mayDecide } from './approval.domain';
import type { ApprovalHandler, Asked, Operator } from './approval.handler';
import { readApproval, readApprovals } from './approval.reader';

interface ApprovalParts {
  readonly dataSource: DataSource;
  readonly stepUps: StepUpService;
  readonly handlers: readonly ApprovalHandler[];
  readonly now: () => Date;
}

/** What an operator decides, of exactly the request that they saw. */
export interface ApproveRequest {
  readonly approvalId: string;
  readonly digest: string;
  readonly reason: string;
  readonly stepUpId: string | undefined;
}

export type ApprovalOutcome = Outcome<{ approval: Approval }>;

const FIELD = ['input', 'approvalId'];

/** Two persons for what moves money by hand: one asks, another approves, and it is done in the transaction of the approval, once. */
export class ApprovalService {
  private readonly handlers: ReadonlyMap<ApprovalKind, ApprovalHandler>;

  constructor(private readonly parts: ApprovalParts) {
    this.handlers = new Map(parts.handlers.map((handler) => [handler.kind, handler]));
  }

  /** Asks for something. The same key again gives the same request. */
  async request(
    by: Operator, kind: ApprovalKind, command: Asked & { readonly reason: string; readonly idempotencyKey: string },
  ): Promise<ApprovalOutcome> {
    const { amount: minor, currency, reason, idempotencyKey } = command;
    const invalid = [...keyRefusals(idempotencyKey), ...reasonRefusals(reason)];
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const amount = checkAmount({ minor, currency });
    if (!amount.ok) return amount;
    return this.inSession(by, async (tx) => {
      await tx.query('/* approvals.key */ SELECT pg_advisory_xact_lock(hashtextextended($1, 30))', [`${by.personId}/${idempotencyKey}`]);
      const before = await readApproval(tx, { requestedBy: by.personId, idempotencyKey }, this.parts.now());
      if (before) return sameAs(before, kind, command);
      await this.expireOpen(tx, kind, command.subjectId);
      const checked = await this.handlerOf(kind).check(tx, command, by);
      return checked.ok ? this.keep(tx, by, kind, command) : checked;
    });
  }

  private async keep(
    tx: Tx, by: Operator, kind: ApprovalKind, { subjectId, currency, amount, payload, reason, idempotencyKey }: Parameters<ApprovalService['request']>[2],
  ): Promise<ApprovalOutcome> {
    const id = uuidv7();
    const at = this.parts.now();
    const kept: unknown[] = await tx.query(
      `/* approvals.keep */ INSERT INTO approval (id, kind, "subjectId", currency, amount, payload, status, reason, "requestedBy", "requestedAt",
         "idempotencyKey", "expiresAt")
       VALUES ($1, $2, $3, $4, $5, $6, 'REQUESTED', $7, $8, $9, $10, $11) ON CONFLICT (kind, "subjectId")
         WHERE status = 'REQUESTED' AND kind <> 'MANUAL_ADJUSTMENT' DO NOTHING RETURNING 1`,
      [
        id, kind, subjectId, currency, String(amount), JSON.stringify(payload), reason, by.personId, at, idempotencyKey,
        new Date(at.getTime() + APPROVAL_HOURS * 3_600_000),
      ],
    );
    if (kept.length === 0) return refuse('ALREADY_EXISTS', ['input'], 'APPROVAL_OPEN');
    const approval = (await readApproval(tx, { id }, at))!;
    await audit(tx, { kind: 'APPROVAL', id }, {
      actorId: by.personId, action: 'REQUESTED', before: null, reason, at,
      after: { kind, subjectId, currency, amount: String(amount), payload, digest: digestOf(approval) },
    });
    return { ok: true, approval };
  }

  /** Approves a request of somebody else and does what it asks for, or refuses and changes nothing. */
  async approve(by: Operator, command: ApproveRequest): Promise<ApprovalOutcome> {
    return this.decide(by, command, async (tx, approval) => {
      const { digest, reason, stepUpId } = command;
      if (digestOf(approval) !== digest) return refuse('INVALID_INPUT', ['input', 'digest'], 'OTHER_DIGEST');
      // An answer that was lost is given again to the same person, and to nobody else.
      if (approval.status === 'EXECUTED' && approval.decidedBy === by.personId) return { ok: true, approval };
      const allowed = mayDecide(approval, 'APPROVE', { personId: by.personId, now: this.parts.now() });
      if (!allowed.ok) return allowed;
      const action = { purpose: 'APPROVE_REQUEST', approvalId: approval.id, digest } as const;
      return this.parts.stepUps.guard(tx, { personId: by.personId, sessionId: by.sessionId, stepUpId, action }, async () => {
        const at = this.parts.now();
        const done = await this.handlerOf(approval.kind).execute(tx, approval, { ...by, at, reason });
        if (!done.ok) return aboutRequest(done);
        return this.end(tx, approval, { status: 'EXECUTED', by, reason, at, resultId: done.resultId });
      });
    });
  }

  /** Rejects a request of somebody else. */
  async reject(by: Operator, command: { approvalId: string; reason: string }): Promise<ApprovalOutcome> {
    return this.endWithout(by, command, 'REJECT');
  }

  /** Takes back a request of one's own. */
  async cancel(by: Operator, command: { approvalId: string; reason: string }): Promise<ApprovalOutcome> {
    return this.endWithout(by, command, 'CANCEL');
  }

  private async endWithout(by: Operator, command: { approvalId: string; reason: string }, decision: 'REJECT' | 'CANCEL'): Promise<ApprovalOutcome> {
    const status = decision === 'REJECT' ? 'REJECTED' : 'CANCELLED';
    return this.decide(by, command, async (tx, approval) => {
      if (approval.status === status && approval.decidedBy === by.personId) return { ok: true, approval };
      const at = this.parts.now();
      const allowed = mayDecide(approval, decision, { personId: by.personId, now: at });
      return allowed.ok ? this.end(tx, approval, { status, by, reason: command.reason, at, resultId: null }) : allowed;
    });
  }

  /** Looks at a request under its lock: of two who decide at once the second waits here, and sees what the first did. */
  private async decide(
    by: Operator, command: { approvalId: string; reason: string }, work: (tx: Tx, approval: Approval) => Promise<ApprovalOutcome>,
  ): Promise<ApprovalOutcome> {
    const invalid = reasonRefusals(command.reason);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const id = uuidOf(command.approvalId);
    if (!id) return refuse('NOT_FOUND', FIELD);
    return this.inSession(by, async (tx) => {
      await tx.query('/* approvals.lock */ SELECT 1 FROM approval WHERE id = $1 FOR NO KEY UPDATE', [id]);
      const approval = await readApproval(tx, { id }, this.parts.now());
      return approval ? work(tx, approval) : refuse('NOT_FOUND', FIELD);
    });
  }

  private async end(
    tx: Tx, approval: Approval,
    { status, by, reason, at, resultId }: { status: ApprovalStatus; by: Operator; reason: string; at: Date; resultId: string | null },
  ): Promise<ApprovalOutcome> {
    await tx.query(
      `/* approvals.end */ UPDATE approval SET status = $2, "decidedBy" = $3, "decidedAt" = $4, "decisionReason" = $5, "resultId" = $6 WHERE id = $1`,
      [approval.id, status, by.personId, at, reason, resultId],
    );
    await audit(tx, { kind: 'APPROVAL', id: approval.id }, {
      actorId: by.personId, action: status, before: { status: 'REQUESTED' }, after: { status, ...(resultId ? { resultId } : {}) }, reason, at,
    });
    return { ok: true, approval: (await readApproval(tx, { id: approval.id }, at))! };
  }

  /** Ends a request about the same that nobody decided in time, so that it can be asked for anew. */
  private async expireOpen(tx: Tx, kind: ApprovalKind, subjectId: string): Promise<void> {
    const at = this.parts.now();
    const [rows]: [{ id: string }[], number] = await tx.query(
      `/* approvals.expire */ UPDATE approval SET status = 'EXPIRED', "decidedAt" = $3
       WHERE kind = $1 AND "subjectId" = $2 AND status = 'REQUESTED' AND "expiresAt" <= $3 RETURNING id`,
      [kind, subjectId, at],
    );
    for (const { id } of rows) {
      await audit(tx, { kind: 'APPROVAL', id }, {
        actorId: null, action: 'EXPIRED', before: { status: 'REQUESTED' }, after: { status: 'EXPIRED' }, reason: 'Nobody decided it in time', at,
      });
    }
  }

  private inSession(by: Operator, work: (tx: Tx) => Promise<ApprovalOutcome>): Promise<ApprovalOutcome> {
    return inTransaction(this.parts.dataSource, (tx) => whileSessionLives(tx, by, () => work(tx), { held: true }));
  }

  private handlerOf(kind: ApprovalKind): ApprovalHandler {
    const handler = this.handlers.get(kind);
    if (!handler) throw new Error(`nobody carries out a ${kind}`);
    return handler;
  }

  /** Gives one request, or undefined. */
  async find(id: string): Promise<Approval | undefined> {
    const known = uuidOf(id);
    return known === undefined ? undefined : readApproval(this.parts.dataSource.manager, { id: known }, this.parts.now());
  }

  /** Gives requests, the newest first. */
  list(page: { status: ApprovalStatus | undefined; limit: number; after: string | undefined }): Promise<Approval[]> {
    return readApprovals(this.parts.dataSource.manager, page, this.parts.now());
  }

  trail(approvalId: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'APPROVAL', id: approvalId }, page);
  }
}

/** Answers a key that was used before: with its request where that asks for the same. */
function sameAs(before: Approval, kind: ApprovalKind, command: Asked & { reason: string }): ApprovalOutcome {
  const { id, requestedBy } = before;
  const same = digestOf({ ...command, kind, id, requestedBy }) === digestOf(before);
  return same ? { ok: true, approval: before } : refuse('IDEMPOTENCY_KEY_REUSED', ['input', 'idempotencyKey']);
}

/** A refusal of what was asked for names fields of the request; who decides sent none of them. */
function aboutRequest({ refusals }: Refused): Refused {
  return { ok: false, refusals: refusals.map((refusal) => ({ ...refusal, field: FIELD })) };
}
