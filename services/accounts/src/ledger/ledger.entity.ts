import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { BankPostingKind, SettlementPostingKind, TransactionKind } from './account.domain';
import { AccountEntity } from './account.entity';

/** A transaction of the books. Append-only, but that its free text may be sealed under another key. */
@Entity('ledger_tx')
@Check('ledger_tx_kind', 'kind is a kind of the API, or of what follows from a word of the bank')
@Check('ledger_tx_amounts', 'amount > 0 AND fee >= 0 AND "feeWaived" >= 0')
@Check('ledger_tx_sides', 'a transfer, and nothing else, has another person and their wallet')
@Index('ledger_tx_description_sealed_by', { synchronize: false })
@Index('ledger_tx_person', ['personId', 'recordedAt', 'id'])
@Index('ledger_tx_counterparty', ['counterpartyId', 'recordedAt', 'id'], { where: '"counterpartyId" IS NOT NULL' })
@Index('ledger_tx_parent_id', ['parentId'], { where: '"parentId" IS NOT NULL' })
@Index('ledger_tx_order', ['recordedAt', 'id'])
@Index('ledger_tx_merchant_write_off', ['merchantId', 'currency'], { where: `kind = 'MERCHANT_WRITE_OFF'` })
@Index('ledger_tx_external_ref', ['externalRef'], { unique: true, where: '"externalRef" IS NOT NULL' })
export class LedgerTxEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ledger_tx_pkey' })
  id: string;

  @Column('text')
  kind: TransactionKind | BankPostingKind | SettlementPostingKind;

  @Column('text')
  currency: string;

  @Column(bigintColumn)
  amount: bigint;

  /** Charged on top of the amount. */
  @Column(bigintColumn)
  fee: bigint;

  @Column(bigintColumn)
  feeWaived: bigint;

  @Column('uuid')
  personId: string;

  @Column('uuid')
  walletId: string;

  @Column('uuid', { nullable: true })
  counterpartyId: string | null;

  @Column('uuid', { nullable: true })
  counterWalletId: string | null;

  @Column('uuid', { nullable: true })
  merchantId: string | null;

  @ForeignKey(() => LedgerTxEntity, { name: 'ledger_tx_parent' })
  @Column('uuid', { nullable: true })
  parentId: string | null;

  /** The campaign of a reward, or of the waiver that a payment used. */
  @Column('uuid', { nullable: true })
  campaignId: string | null;

  @Column('text', { nullable: true })
  externalRef: string | null;

  /** Sealed for the transaction's id. */
  @Column('text', { nullable: true })
  description: string | null;

  @Column('timestamptz')
  recordedAt: Date;
}

/** One leg: balanced by construction, since it names both accounts and one amount. Append-only. */
@Entity('posting')
@Check('posting_amount', 'amount > 0')
@Check('posting_two_accounts', '"debitAccountId" <> "creditAccountId"')
@ForeignKey(() => AccountEntity, ['debitAccountId', 'asset'], ['id', 'asset'], { name: 'posting_debit' })
@ForeignKey(() => AccountEntity, ['creditAccountId', 'asset'], ['id', 'asset'], { name: 'posting_credit' })
export class PostingEntity {
  @ForeignKey(() => LedgerTxEntity, { name: 'posting_tx' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'posting_pkey' })
  txId: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'posting_pkey' })
  seq: number;

  @Column('uuid')
  debitAccountId: string;

  @Column('uuid')
  creditAccountId: string;

  @Column('text')
  asset: string;

  @Column(bigintColumn)
  amount: bigint;
}

/** A line of an account's statement: what a transaction moved, and the balance right after. Append-only. */
@Entity('entry')
@Check('entry_version', '"accountVersion" > 0')
@Index('entry_tx_account', ['txId', 'accountId'], { unique: true })
export class EntryEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'entry_pkey' })
  accountId: string;

  @PrimaryColumn({ ...bigintColumn, primaryKeyConstraintName: 'entry_pkey' } as never)
  accountVersion: bigint;

  @Column('uuid')
  txId: string;

  @Column(bigintColumn)
  amount: bigint;

  @Column(bigintColumn)
  postedAfter: bigint;

  @Column(bigintColumn)
  availableAfter: bigint;

  @Column('timestamptz')
  recordedAt: Date;
}

/** What a transaction moved on a deferred account, until the folder gives it its entry. */
@Entity('pending_delta')
@Check('pending_delta_amounts', 'debits >= 0 AND credits >= 0')
export class PendingDeltaEntity {
  @PrimaryColumn({ ...bigintColumn, primaryKeyConstraintName: 'pending_delta_pkey', generatedIdentity: 'ALWAYS', generated: 'identity' } as never)
  id: bigint;

  @Index('pending_delta_account')
  @Column('uuid')
  accountId: string;

  @Column('uuid')
  txId: string;

  @Column(bigintColumn)
  debits: bigint;

  @Column(bigintColumn)
  credits: bigint;

  @Column('timestamptz')
  recordedAt: Date;
}
