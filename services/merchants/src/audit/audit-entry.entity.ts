import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export type ActorKind = 'PERSON' | 'PARTNER_CLIENT' | 'INVITATION' | 'TAEL';

/** What somebody changed, and why. Never changed and never deleted: a trigger refuses it to everybody. */
@Entity('audit_entry')
@Check('audit_entry_actor_known', `"actorKind" IN ('PERSON', 'PARTNER_CLIENT', 'INVITATION', 'TAEL')`)
@Check('audit_entry_reason_length', 'char_length(reason) BETWEEN 1 AND 500')
@Index('audit_entry_of_subject', ['subjectKind', 'subjectId', 'id'])
export class AuditEntryEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_entry_pkey' })
  id: string;

  @Column('timestamptz')
  at: Date;

  @Column('text')
  actorKind: ActorKind;

  @Column('uuid')
  actorId: string;

  @Column('text')
  action: string;

  @Column('text')
  subjectKind: string;

  @Column('uuid')
  subjectId: string;

  /** What was changed, as it was; null where there was nothing before. Never personal data: an entry cannot be erased. */
  @Column('jsonb', { nullable: true })
  before: Readonly<Record<string, unknown>> | null;

  @Column('jsonb', { nullable: true })
  after: Readonly<Record<string, unknown>> | null;

  @Column('text')
  reason: string;
}
