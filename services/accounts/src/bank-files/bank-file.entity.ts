import type { CurrencyCode } from '@tael/money';
import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { AssetEntity } from '../ledger/account.entity';
import { PersonEntity } from '../people/person.entity';
import { ReconciliationEntity } from '../reconciliations/reconciliation.entity';
import type { BookingKind } from '../reconciliations/reconciliation.domain';
import type { BankFileStatus } from './bank-file-status.domain';

export type BankFileFormat = 'CSV' | 'CAMT053';

/** A bank's file on its way to a comparison, from the first chunk to the last line. */
@Entity('bank_file')
@Check('bank_file_format', 'a format that is read')
@Check('bank_file_status', 'a status of the domain')
@Check('bank_file_state', 'each status has what belongs to it, and counts are not negative')
@Unique('bank_file_reference', ['reference'])
@Index('bank_file_comparing', ['currency'], { unique: true, where: `status = 'COMPARING'` })
@Index('bank_file_to_clear', ['id'], { where: `staged > 0 AND status IN ('DONE', 'DISCARDED')` })
@Index('bank_file_of_run', ['reconciliationId'], { where: '"reconciliationId" IS NOT NULL' })
export class BankFileEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'bank_file_pkey' })
  id: string;

  /** The operators' own name for it: the same again is the same file. */
  @Column('text')
  reference: string;

  @ForeignKey(() => AssetEntity, { name: 'bank_file_asset' })
  @Column('text')
  currency: CurrencyCode;

  @Column('text')
  format: BankFileFormat;

  @Column('date')
  periodFrom: string;

  @Column('date')
  periodTo: string;

  @Column(bigintColumn)
  opening: bigint;

  @Column(bigintColumn)
  closing: bigint;

  /** Why, for the audit trail. */
  @Column('text')
  reason: string;

  @Column('text')
  status: BankFileStatus;

  /** What the reader has to know of the chunks before; null before the first. */
  @Column('jsonb', { nullable: true })
  reader: unknown;

  @Column('integer')
  nextChunk: number;

  @Column('integer')
  nextLine: number;

  /** Bookings that were taken. */
  @Column('integer')
  lineCount: number;

  /** Those of them that are not compared, or not cleared away, yet. */
  @Column('integer')
  staged: number;

  /** What the bookings come to. */
  @Column(bigintColumn)
  moved: bigint;

  /** The digest over the bookings so far. */
  @Column('text')
  digest: string;

  @Column('integer')
  comparedLines: number;

  /** The reference up to which all is compared. */
  @Column({ type: 'text', collation: 'C' })
  through: string;

  @ForeignKey(() => ReconciliationEntity, { name: 'bank_file_run' })
  @Column('uuid', { nullable: true })
  reconciliationId: string | null;

  /** Tries that failed since it last went on. */
  @Column('integer', { default: 0 })
  faults: number;

  /** When it is tried again; null is at once. */
  @Column('timestamptz', { nullable: true })
  lookAt: Date | null;

  @ForeignKey(() => PersonEntity, { name: 'bank_file_person' })
  @Column('uuid')
  uploadedBy: string;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;
}

/** A chunk that was taken: the same again is passed over, another under its number is refused. */
@Entity('bank_file_chunk')
export class BankFileChunkEntity {
  @ForeignKey(() => BankFileEntity, { name: 'bank_file_chunk_file' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'bank_file_chunk_pkey' })
  fileId: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'bank_file_chunk_pkey' })
  number: number;

  @Column('bytea')
  digest: Buffer;
}

/** A booking that waits to be compared. */
@Entity('bank_file_line')
@Index('bank_file_line_by_reference', ['fileId', 'reference', 'bookingId'])
export class BankFileLineEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'bank_file_line_pkey' })
  fileId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'bank_file_line_pkey', collation: 'C' })
  bookingId: string;

  @Column({ type: 'text', collation: 'C' })
  reference: string;

  @Column('text')
  kind: BookingKind;

  @Column(bigintColumn)
  amount: bigint;

  @Column('date')
  bookedOn: string;
}

/** The name of an order that we expect in the file, as its comparison began. */
@Entity('bank_file_own')
export class BankFileOwnEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'bank_file_own_pkey' })
  fileId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'bank_file_own_pkey', collation: 'C' })
  reference: string;
}
