import type { CurrencyCode } from '@tael/money';
import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AssetEntity } from '../ledger/account.entity';
import { PersonEntity } from '../people/person.entity';
import type { ApprovalKind, ApprovalStatus } from './approval.domain';

/** What one operator asked for and another decides. What was asked for is never changed, and what was decided stays: a trigger refuses it. */
@Entity('approval')
@Check('approval_kind', 'kind is known')
@Check('approval_amount', 'amount > 0')
@Check('approval_two_persons', '"decidedBy" <> "requestedBy", but where it is taken back')
@Check('approval_state', 'each status has what belongs to it, and nothing else')
@Check('approval_reason_length', 'reasons have 1 to 500 characters')
@Index('approval_once', ['requestedBy', 'idempotencyKey'], { unique: true })
@Index('approval_open', ['kind', 'subjectId'], { unique: true, where: `status = 'REQUESTED' AND kind <> 'MANUAL_ADJUSTMENT'` })
export class ApprovalEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'approval_pkey' })
  id: string;

  @Column('text')
  kind: ApprovalKind;

  @Column('uuid')
  subjectId: string;

  @ForeignKey(() => AssetEntity, { name: 'approval_asset' })
  @Column('text')
  currency: CurrencyCode;

  @Column(bigintColumn)
  amount: bigint;

  @Column('jsonb')
  payload: Readonly<Record<string, unknown>>;

  @Column('text')
  status: ApprovalStatus;

  @Column('text')
  reason: string;

  @ForeignKey(() => PersonEntity, { name: 'approval_requested_by' })
  @Column('uuid')
  requestedBy: string;

  @Column('timestamptz')
  requestedAt: Date;

  @Column('text')
  idempotencyKey: string;

  @Column('timestamptz')
  expiresAt: Date;

  @ForeignKey(() => PersonEntity, { name: 'approval_decided_by' })
  @Column('uuid', { nullable: true })
  decidedBy: string | null;

  @Column('timestamptz', { nullable: true })
  decidedAt: Date | null;

  @Column('text', { nullable: true })
  decisionReason: string | null;

  /** The transaction that it brought. */
  @Column('uuid', { nullable: true })
  resultId: string | null;
}
