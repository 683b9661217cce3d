import type { CurrencyCode } from '@tael/money';
import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AssetEntity } from '../ledger/account.entity';
import { PersonEntity } from '../people/person.entity';
import { ReconciliationEntity } from '../reconciliations/reconciliation.entity';
import type { BreakClass, BreakStatus } from './break.domain';

/** What of the bank's bookings and the books does not fit. Once for each fact, however many files and statements show it. */
@Entity('reconciliation_break')
@Check('reconciliation_break_class', 'class is known')
@Check('reconciliation_break_state', 'each status has what belongs to it, and nothing else')
@Index('reconciliation_break_about', ['about'], { unique: true })
@Index('reconciliation_break_side', ['reference', 'kind'])
@Index('reconciliation_break_by_age', ['openedAt', 'id'])
export class BreakEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'reconciliation_break_pkey' })
  id: string;

  /** The bank's booking or, where it has none, our order: what the break is one of. */
  @Column('text')
  about: string;

  @ForeignKey(() => AssetEntity, { name: 'reconciliation_break_asset' })
  @Column('text')
  currency: CurrencyCode;

  @Column('text')
  class: BreakClass;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('text')
  reference: string;

  @Column('text')
  kind: 'BOOKED' | 'RETURNED';

  @Column('text', { nullable: true })
  bookingId: string | null;

  @Column(bigintColumn)
  difference: bigint;

  @Column('text')
  status: BreakStatus;

  @ForeignKey(() => PersonEntity, { name: 'reconciliation_break_assignee' })
  @Column('uuid', { nullable: true })
  assigneeId: string | null;

  /** The comparison that found it; null where the statement's reader did. */
  @ForeignKey(() => ReconciliationEntity, { name: 'reconciliation_break_run' })
  @Column('uuid', { nullable: true })
  reconciliationId: string | null;

  @Column('timestamptz')
  openedAt: Date;

  @Column('timestamptz', { nullable: true })
  closedAt: Date | null;

  /** The booking or order that explains it. */
  @Column('text', { nullable: true })
  explainedBy: string | null;

  /** The write-off in the books. */
  @Column('uuid', { nullable: true })
  transactionId: string | null;
}
