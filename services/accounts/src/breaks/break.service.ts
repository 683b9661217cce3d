import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import type { Approval } from '../approvals/approval.domain';
import type { Operator } from '../approvals/approval.handler';
import type { ApprovalService } from '../approvals/approval.service';
import { reasonRefusals } from '../audit/audit.domain';
import { audit, auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { whileSessionLives } from '../sessions/session.service';
import { type Break, type BreakStatus, isOpen, mayResolve, mayWorkOn, sizeOf } from './break.domain';
import { followBreaks, readFact } from './break.following';

const COLUMNS = `id, currency, class, reason, reference, kind, "bookingId", difference, status, "assigneeId", "reconciliationId", "openedAt",
  "closedAt", "explainedBy", "transactionId"`;

export type BreakOutcome = Outcome<{ found: Break }>;

interface BreakParts {
  readonly dataSource: DataSource;
  readonly approvals: ApprovalService;
  readonly now: () => Date;
}

/** Locks a break; undefined where there is none. */
export async function lockBreak(tx: Tx, id: string): Promise<Break | undefined> {
  const [row]: Break[] = await tx.query(`/* breaks.lock */ SELECT ${COLUMNS} FROM reconciliation_break WHERE id = $1 FOR NO KEY UPDATE`, [id]);
  return row;
}

/** Breaks as operators work them off, each step with its entry in the trail. */
export class BreakService {
  constructor(private readonly parts: BreakParts) {}

  /** Takes a break on oneself. */
  assign(by: Operator, command: { breakId: string; reason: string }): Promise<BreakOutcome> {
    return this.work(by, command, async (tx, found, at) => {
      const status = 'INVESTIGATING';
      await tx.query('/* breaks.assign */ UPDATE reconciliation_break SET status = $2, "assigneeId" = $3 WHERE id = $1', [found.id, status, by.personId]);
      await this.tell(tx, found, by, { action: 'ASSIGNED', reason: command.reason, at, after: { status, assigneeId: by.personId } });
      return { ok: true };
    });
  }

  /** Adds a note to the trail. */
  note(by: Operator, command: { breakId: string; note: string }): Promise<BreakOutcome> {
    return this.work(by, { breakId: command.breakId, reason: command.note, field: 'note' }, async (tx, found, at) => {
      await this.tell(tx, found, by, { action: 'NOTED', reason: command.note, at, after: null });
      return { ok: true };
    });
  }

  /** Closes a break by what explains it: a booking of the bank, or an order or transaction of ours. */
  resolve(by: Operator, command: { breakId: string; explainedBy: string | undefined; reason: string }): Promise<BreakOutcome> {
    const { explainedBy, reason } = command;
    return this.work(by, command, async (tx, found, at) => {
      const known = explainedBy !== undefined && (await isExplanation(tx, found, explainedBy));
      const decided = mayResolve(found, { given: explainedBy !== undefined, known });
      if (!decided.ok) return decided;
      await tx.query(
        `/* breaks.resolve */ UPDATE reconciliation_break SET status = 'RESOLVED', "closedAt" = $2, "explainedBy" = $3 WHERE id = $1`,
        [found.id, at, explainedBy ?? null],
      );
      await this.tell(tx, found, by, { action: 'RESOLVED', reason, at, after: { status: 'RESOLVED', explainedBy: explainedBy ?? null } });
      return { ok: true };
    });
  }

  /** Asks for a break to be written off, whole. Another operator approves it. */
  async requestWriteOff(
    by: Operator, { breakId, reason, idempotencyKey }: { breakId: string; reason: string; idempotencyKey: string },
  ): Promise<Outcome<{ approval: Approval }>> {
    const found = await this.lookAgain(breakId);
    if (!found) return refuse('NOT_FOUND', ['input', 'breakId']);
    const { id: subjectId, currency, difference } = found;
    if (difference === 0n) return refuse('NOT_ALLOWED', ['input', 'breakId'], 'NOTHING_TO_WRITE_OFF');
    return this.parts.approvals.request(by, 'BREAK_WRITE_OFF', {
      subjectId, currency, amount: sizeOf(difference), payload: { difference: String(difference), reference: found.reference, bookingId: found.bookingId },
      reason, idempotencyKey,
    });
  }

  /** Gives a break as bank and books have it by now: what it says may be from a file of days ago. */
  private async lookAgain(breakId: string): Promise<Break | undefined> {
    const id = uuidOf(breakId);
    if (!id) return undefined;
    return inTransaction(this.parts.dataSource, async (tx) => {
      const found = await lockBreak(tx, id);
      if (!found || !isOpen(found)) return found;
      const at = this.parts.now();
      const fact = await readFact(tx, found, at);
      if (fact) await followBreaks(tx, found.currency, [fact], { at, reason: 'Looked at before it is written off' });
      return lockBreak(tx, id);
    });
  }

  private async work(
    by: Operator, { breakId, reason, field = 'reason' }: { breakId: string; reason: string; field?: string },
    change: (tx: Tx, found: Break, at: Date) => Promise<Outcome<object>>,
  ): Promise<BreakOutcome> {
    const invalid = reasonRefusals(reason, ['input', field]);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const id = uuidOf(breakId);
    if (!id) return refuse('NOT_FOUND', ['input', 'breakId']);
    return inTransaction(this.parts.dataSource, (tx) => whileSessionLives(tx, by, async () => {
      const found = await lockBreak(tx, id);
      const allowed = mayWorkOn(found);
      if (!allowed.ok) return allowed;
      const done = await change(tx, found!, this.parts.now());
      return done.ok ? { ok: true as const, found: (await lockBreak(tx, id))! } : done;
    }));
  }

  private tell(
    tx: Tx, found: Break, by: Operator, { after, ...entry }: { action: string; reason: string; at: Date; after: Record<string, unknown> | null },
  ): Promise<void> {
    const before = after && { status: found.status, ...('assigneeId' in after ? { assigneeId: found.assigneeId } : {}) };
    return audit(tx, { kind: 'BREAK', id: found.id }, { actorId: by.personId, before, after, ...entry });
  }

  async find(id: string): Promise<Break | undefined> {
    const known = uuidOf(id);
    if (!known) return undefined;
    const rows: Break[] = await this.parts.dataSource.query(`/* breaks.byId */ SELECT ${COLUMNS} FROM reconciliation_break WHERE id = $1`, [known]);
    return rows[0];
  }

  /** Gives breaks, the newest first. */
  list({ status, limit, after }: { status: BreakStatus | undefined; limit: number; after: string | undefined }): Promise<Break[]> {
    return this.parts.dataSource.query(
      `/* breaks.list */ SELECT ${COLUMNS} FROM reconciliation_break WHERE ($1::uuid IS NULL
         OR ("openedAt", id) < (SELECT "openedAt", id FROM reconciliation_break WHERE id = $1)) AND ($2::text IS NULL OR status = $2)
       ORDER BY "openedAt" DESC, id DESC LIMIT $3`,
      [after ?? null, status ?? null, limit],
    );
  }

  trail(breakId: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'BREAK', id: breakId }, page);
  }
}

/** Says whether there is such a booking of the bank or such an order or transaction of ours, in the break's currency and not the break's own booking. */
async function isExplanation(tx: Tx, found: Break, explainedBy: string): Promise<boolean> {
  // What banks and we call a booking has no other signs, and Postgres no NUL.
  if (!/^[\x21-\x7e]{1,200}$/.test(explainedBy)) return false;
  const id = uuidOf(explainedBy.replace(/^order-/, ''));
  const rows: unknown[] = await tx.query(
    `/* breaks.explanation */ SELECT 1 FROM reconciliation_line l JOIN reconciliation r ON r.id = l."reconciliationId"
       WHERE l."bookingId" = $1 AND r.currency = $2 AND l."bookingId" IS DISTINCT FROM $3
     UNION ALL SELECT 1 FROM bank_statement_line WHERE "bookingId" = $1 AND currency = $2 AND "bookingId" IS DISTINCT FROM $3
     UNION ALL SELECT 1 FROM bank_order WHERE id = $4::uuid AND currency = $2
     UNION ALL SELECT 1 FROM ledger_tx WHERE id = $4::uuid AND currency = $2 LIMIT 1`,
    [explainedBy, found.currency, found.bookingId, id ?? null],
  );
  return rows.length > 0;
}
