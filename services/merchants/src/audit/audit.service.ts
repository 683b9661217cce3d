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

/** A merchant, with its people, stores and endpoints: they are told of in its trail, and stay there when they are gone. */
export const MERCHANT_SUBJECT = 'MERCHANT';

/** What the trail says where nobody is asked for a reason. */
export const WITHOUT_REASON = { operator: 'By an operator', merchant: 'By the merchant', bank: 'By the bank' } as const;

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

/** Writes what a person changed of a merchant, in the transaction that changes it. Without a reason the trail says in what capacity. */
export async function auditMerchant(
  tx: Tx,
  merchantId: string,
  { viewer, reason, ...change }: Omit<AuditedChange, 'actor' | 'reason'> & {
    readonly viewer: { readonly personId: string; readonly isOperator: boolean };
    readonly reason?: string | undefined;
    readonly at: Date;
  },
): Promise<void> {
  await audit(tx, { kind: MERCHANT_SUBJECT, id: merchantId }, {
    ...change, actor: { kind: 'PERSON', id: viewer.personId }, reason: reason ?? WITHOUT_REASON[viewer.isOperator ? 'operator' : 'merchant'],
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
