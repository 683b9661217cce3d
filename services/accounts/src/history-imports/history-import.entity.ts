import type { CurrencyCode } from '@tael/money';
import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { AssetEntity } from '../ledger/account.entity';
import { type ImportStatus } from './history-import.domain';

/** A bank's history on its way into the books, from the first chunk to the last booking. */
@Entity('history_import')
@Check('history_import_status', 'a status of the domain')
@Check('history_import_counts', 'counts are not negative, and no more is applied than there is')
@Unique('history_import_reference', ['partnerId', 'reference'])
@Index('history_import_under_way', ['partnerId'], { unique: true, where: `status IN ('CHECKING', 'CHECKED', 'APPLYING')` })
@Index('history_import_to_clear', ['id'], { where: `"clearedAt" IS NULL AND status <> 'DONE'` })
@Index('history_import_work', ['id'], { where: `status IN ('CHECKING', 'APPLYING')` })
export class HistoryImportEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'history_import_pkey' })
  id: string;

  @Column('uuid')
  partnerId: string;

  @Column('uuid')
  clientId: string;

  /** The bank's own name for it: the same again is the same import. */
  @Column('text')
  reference: string;

  @ForeignKey(() => AssetEntity, { name: 'history_import_asset' })
  @Column('text')
  currency: CurrencyCode;

  @Column('text')
  status: ImportStatus;

  @Column('text', { array: true, nullable: true })
  header: string[] | null;

  @Column('integer')
  nextChunk: number;

  @Column('integer')
  nextLine: number;

  @Column('integer')
  lineCount: number;

  @Column('integer')
  problemCount: number;

  @Column('integer')
  checkedAccounts: number;

  @Column('integer')
  appliedLines: number;

  /** The line of the file up to which everything is booked. */
  @Column('integer')
  appliedThrough: number;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;

  /** Tries that failed since it last went on. */
  @Column('integer', { default: 0 })
  faults: number;

  /** When it is tried again; null is at once. */
  @Column('timestamptz', { nullable: true })
  lookAt: Date | null;

  /** It could not be booked: what is booked of it is taken back, and then it is REFUSED. */
  @Column('boolean', { default: false })
  undoing: boolean;

  /** When the bank last went on with it. */
  @Column('timestamptz', { default: () => 'now()' })
  heardAt: Date;

  /** What there was of accounts, and of those below zero, once they are removed. */
  @Column('integer', { nullable: true })
  keptAccounts: number | null;

  @Column('integer', { nullable: true })
  keptOverdrawn: number | null;

  /** When the last of what it brought was removed, of one that came to nothing. */
  @Column('timestamptz', { nullable: true })
  clearedAt: Date | null;
}

/** A chunk that was taken: the same again is passed over, another under its number is refused. */
@Entity('history_chunk')
export class HistoryChunkEntity {
  @ForeignKey(() => HistoryImportEntity, { name: 'history_chunk_import' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'history_chunk_pkey' })
  importId: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'history_chunk_pkey' })
  number: number;

  @Column('bytea')
  digest: Buffer;
}

@Entity('history_problem')
export class HistoryProblemEntity {
  @ForeignKey(() => HistoryImportEntity, { name: 'history_problem_import' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'history_problem_pkey' })
  importId: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'history_problem_pkey' })
  line: number;

  @Column('text')
  code: string;
}

/** An account of a bank. Its id is also that of its account in the books, which is there once `openedAt` says so. */
@Entity('partner_account')
@Check('partner_account_sealed', `number LIKE 'v1.%'`)
@Unique('partner_account_number', ['partnerId', 'currency', 'numberIndex'])
@Index('partner_account_of_partner', ['partnerId', 'id'], { where: '"openedAt" IS NOT NULL' })
@Index('partner_account_number_key', ['numberIndexKey'])
@Index('partner_account_number_sealed_by', { synchronize: false })
export class PartnerAccountEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_account_pkey' })
  id: string;

  @Column('uuid')
  partnerId: string;

  @ForeignKey(() => AssetEntity, { name: 'partner_account_asset' })
  @Column('text')
  currency: CurrencyCode;

  /** A keyed name of the number, by which it is found again. */
  @Column('text')
  numberIndex: string;

  @Column('text')
  numberIndexKey: string;

  /** Sealed for the account's id. */
  @Column('text')
  number: string;

  @Column('timestamptz', { nullable: true })
  openedAt: Date | null;
}

/** What an import brings for one account; lowest and closing balance once it was checked. */
@Entity('history_account')
@Check('history_account_checked', 'both balances or none, and at least a line')
@Index('history_account_unchecked', ['importId', 'accountId'], { where: 'closing IS NULL' })
export class HistoryAccountEntity {
  @ForeignKey(() => HistoryImportEntity, { name: 'history_account_import' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'history_account_pkey' })
  importId: string;

  @ForeignKey(() => PartnerAccountEntity, { name: 'history_account_account' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'history_account_pkey' })
  accountId: string;

  @Column('integer')
  lines: number;

  @Column({ ...bigintColumn, nullable: true })
  lowest: bigint | null;

  @Column({ ...bigintColumn, nullable: true })
  closing: bigint | null;

  /** What it moves in all; null of a dry run of before these were kept. */
  @Column({ ...bigintColumn, nullable: true })
  credits: bigint | null;

  @Column({ ...bigintColumn, nullable: true })
  debits: bigint | null;

  /** The line that its dry run has come to, and the balance, the lowest balance and the day there. */
  @Column('integer', { nullable: true })
  checkedThrough: number | null;

  @Column({ ...bigintColumn, nullable: true })
  balanceSoFar: bigint | null;

  @Column({ ...bigintColumn, nullable: true })
  lowestSoFar: bigint | null;

  @Column('date', { nullable: true })
  daySoFar: string | null;
}

/** A line of a history, and once it is booked the entry that it became. */
@Entity('history_line')
@Check('history_line_amount', 'amount <> 0')
@Check('history_line_sealed', `details LIKE 'v1.%'`)
@Unique('history_line_place', ['importId', 'line'])
@Index('history_line_of_account', ['accountId', 'importId', 'line'])
@Index('history_line_booked', ['accountId', 'bookedOn', 'version'], { where: 'version IS NOT NULL' })
@Index('history_line_details_sealed_by', { synchronize: false })
export class HistoryLineEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'history_line_pkey' })
  id: string;

  @Column('uuid')
  importId: string;

  @Column('integer')
  line: number;

  @ForeignKey(() => PartnerAccountEntity, { name: 'history_line_account' })
  @Column('uuid')
  accountId: string;

  @Column('date')
  bookedOn: string;

  @Column(bigintColumn)
  amount: bigint;

  @Column(bigintColumn)
  balanceAfter: bigint;

  /** What the bank says of it, sealed for the account's id. */
  @Column('text')
  details: string;

  @Column({ ...bigintColumn, nullable: true })
  version: bigint | null;
}
