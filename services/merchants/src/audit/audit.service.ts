import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type ActorKind, AuditEntryEntity } from './audit-entry.entity';

export interface Actor {
  readonly kind: ActorKind;
  readonly id: string;
}

/** Who did what nobody asked for: the service, by itself. It has no id. */
export const BY_TAEL: Actor = { kind: 'TAEL', id: '00000000-0000-0000-0000-000000000000' };

export interface Subject {
  readonly kind: string;
  readonly id: string;
}

/** A change as the trail tells it. Before and after hold what was changed alone, and no personal data. */
export interface AuditedChange {
  readonly actor: Actor;
  readonly action: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly reason: string;
}

/** Writes a change into the trail, in the transaction that makes it. */
export async function audit(tx: Tx, subject: Subject, change: AuditedChange & { readonly at: Date }): Promise<void> {
  const { actor, action, before, after, reason, at } = change;
  await tx.insert(AuditEntryEntity, {
    id: uuidv7(),
    at,
    actorKind: actor.kind,
    actorId: actor.id,
    action,
    subjectKind: subject.kind,
    subjectId: subject.id,
    before: before as object | null,
    after: after as object | null,
    reason,
  });
}

/** Gives up to `page.limit` entries about a subject, the newest first. */
export async function auditTrail(
  dataSource: DataSource,
  subject: Subject,
  page: { limit: number; after: string | undefined },
): Promise<AuditEntryEntity[]> {
  return dataSource.query(
    `/* audit.trail */ SELECT * FROM audit_entry WHERE "subjectKind" = $1 AND "subjectId" = $2
       AND id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $4`,
    [subject.kind, subject.id, page.after ?? null, page.limit],
  );
}
