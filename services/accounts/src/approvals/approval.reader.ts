import type { EntityManager } from 'typeorm';
import { type Approval, type ApprovalStatus, statusAt } from './approval.domain';

const COLUMNS = `id, kind, "subjectId", currency, amount, payload, status, reason, "requestedBy", "requestedAt", "expiresAt", "decidedBy",
  "decidedAt", "decisionReason", "resultId"`;

/** Reads one request, by its id or by who asked under which key; with the status that it has now. */
export async function readApproval(
  manager: EntityManager, by: { id: string } | { requestedBy: string; idempotencyKey: string }, now: Date,
): Promise<Approval | undefined> {
  const rows: Approval[] = 'id' in by
    ? await manager.query(`/* approvals.byId */ SELECT ${COLUMNS} FROM approval WHERE id = $1`, [by.id])
    : await manager.query(
      `/* approvals.byKey */ SELECT ${COLUMNS} FROM approval WHERE "requestedBy" = $1 AND "idempotencyKey" = $2`, [by.requestedBy, by.idempotencyKey],
    );
  return rows.map((row) => ({ ...row, status: statusAt(row, now) }))[0];
}

/** Reads requests, the newest first, of one status where it is given. */
export async function readApprovals(
  manager: EntityManager, { status, limit, after }: { status: ApprovalStatus | undefined; limit: number; after: string | undefined }, now: Date,
): Promise<Approval[]> {
  const rows: Approval[] = await manager.query(
    `/* approvals.list */ SELECT ${COLUMNS} FROM approval
     WHERE id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
       AND ($2::text IS NULL OR CASE WHEN status = 'REQUESTED' AND "expiresAt" <= $3 THEN 'EXPIRED' ELSE status END = $2)
     ORDER BY id DESC LIMIT $4`,
    [after ?? null, status ?? null, now, limit],
  );
  return rows.map((row) => ({ ...row, status: statusAt(row, now) }));
}
