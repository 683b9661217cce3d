import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { AuditEntryEntity, AuditSubject } from './audit-entry.entity';

export interface Subject {
  readonly kind: AuditSubject;
  readonly id: string;
}

/** A change as the trail tells it. Before and after hold what was changed alone, and no personal data. */
export interface AuditedChange {
  /** The operator, or whoever handed a document in; null where the service did it by itself. */
  readonly actorId: string | null;
  readonly action: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly reason: string;
  readonly at: Date;
}

/** Writes a change into the trail, in the transaction that makes it. */
export async function audit(tx: Tx, subject: Subject, change: AuditedChange): Promise<void> {
  const { at, actorId, action, before, after, reason } = change;
  await tx.query(
    `/* audit.write */ INSERT INTO audit_entry (id, at, "actorId", action, "subjectKind", "subjectId", before, after, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [uuidv7(), at, actorId, action, subject.kind, subject.id, before && JSON.stringify(before), after && JSON.stringify(after), reason],
  );
}

/** Gives up to `page.limit` entries about a subject, the newest first. */
export async function auditTrail(
  dataSource: DataSource, subject: Subject, page: { limit: number; after: string | undefined },
): Promise<AuditEntryEntity[]> {
  return dataSource.query(
    `/* audit.trail */ SELECT * FROM audit_entry WHERE "subjectKind" = $1 AND "subjectId" = $2
       AND id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $4`,
    [subject.kind, subject.id, page.after ?? null, page.limit],
  );
}
