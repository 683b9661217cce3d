import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What an entry of the trail is about. */
export type AuditSubject = 'APPROVAL' | 'RECONCILIATION' | 'BANK_FILE' | 'BREAK' | 'LIMIT' | 'FEE_SCHEDULE' | 'MERCHANT' | 'DISPUTE' | 'CONSENT' | 'CONSENT_ORDER' | 'WALLET' | 'DEBT' | 'OPERATOR';

/** What somebody changed in accounts, and why. Never changed and never deleted: a trigger refuses it to everybody. */
@Entity('audit_entry')
@Check('audit_entry_reason_length', 'char_length(reason) BETWEEN 1 AND 500')
@Index('audit_entry_of_subject', ['subjectKind', 'subjectId', 'id'])
export class AuditEntryEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_entry_pkey' })
  id: string;

  @Column('timestamptz')
  at: Date;

  /** The operator, or whoever handed a document in; null where the service did it by itself. */
  @Column('uuid', { nullable: true })
  actorId: string | null;

  @Column('text')
  action: string;

  @Column('text')
  subjectKind: AuditSubject;

  @Column('text')
  subjectId: string;

  /** What was changed, as it was; null where there was nothing before. Never personal data: an entry cannot be erased. */
  @Column('jsonb', { nullable: true })
  before: Readonly<Record<string, unknown>> | null;

  @Column('jsonb', { nullable: true })
  after: Readonly<Record<string, unknown>> | null;

  @Column('text')
  reason: string;
}
