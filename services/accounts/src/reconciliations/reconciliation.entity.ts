import type { CurrencyCode } from '@tael/money';
import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AssetEntity } from '../ledger/account.entity';
import { PersonEntity } from '../people/person.entity';
import type { BookingKind, LineClass, LineReason } from './reconciliation.domain';

/** A bank's file of Tael's own account, held against the books. Append-only: the same file is the same row. */
@Entity('reconciliation')
@Check('reconciliation_period', '"periodTo" >= "periodFrom"')
@Index('reconciliation_file', ['digest'], { unique: true })
export class ReconciliationEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'reconciliation_pkey' })
  id: string;

  @ForeignKey(() => AssetEntity, { name: 'reconciliation_asset' })
  @Column('text')
  currency: CurrencyCode;

  @Column('date')
  periodFrom: string;

  @Column('date')
  periodTo: string;

  /** SHA-256 of the file with its period and balances, in hexadecimal. */
  @Column('text')
  digest: string;

  @Column(bigintColumn)
  bankOpening: bigint;

  @Column(bigintColumn)
  bankClosing: bigint;

  @Column(bigintColumn)
  booksOpening: bigint;

  @Column(bigintColumn)
  booksClosing: bigint;

  @ForeignKey(() => PersonEntity, { name: 'reconciliation_person' })
  @Column('uuid')
  uploadedBy: string;

  @Column('timestamptz')
  createdAt: Date;
}

/** A line of a comparison: the bank's booking, ours, or both. Append-only. */
@Entity('reconciliation_line')
@Check('reconciliation_line_class', 'class is known')
@Check('reconciliation_line_sides', 'a line has at least one side, whole')
@Index('reconciliation_line_matched', ['reference', 'kind'], { where: `class = 'MATCHED'` })
@Index('reconciliation_line_shown', ['reference', 'kind'], { where: '"bookingId" IS NOT NULL' })
@Index('reconciliation_line_by_day', { synchronize: false })
export class ReconciliationLineEntity {
  @ForeignKey(() => ReconciliationEntity, { name: 'reconciliation_line_run' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'reconciliation_line_pkey' })
  reconciliationId: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'reconciliation_line_pkey' })
  seq: number;

  @Column('text')
  class: LineClass;

  @Column('text', { nullable: true })
  reason: LineReason | null;

  @Column('text')
  reference: string;

  @Column('text')
  kind: BookingKind;

  @Column('text', { nullable: true })
  bookingId: string | null;

  @Column({ ...bigintColumn, nullable: true } as never)
  bankAmount: bigint | null;

  @Column('date', { nullable: true })
  bankBookedOn: string | null;

  @Column({ ...bigintColumn, nullable: true } as never)
  ownAmount: bigint | null;

  @Column('date', { nullable: true })
  ownBookedOn: string | null;

  /** Whether ours stands in the books; null where there is none. */
  @Column('boolean', { nullable: true })
  ownBooked: boolean | null;
}
