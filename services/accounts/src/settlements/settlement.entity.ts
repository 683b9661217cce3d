import type { CurrencyCode } from '@tael/money';
import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { BankOrderEntity } from '../bank-orders/bank-order.entity';
import { AccountEntity, AssetEntity } from '../ledger/account.entity';
import { LedgerTxEntity } from '../ledger/ledger.entity';
import { PersonEntity } from '../people/person.entity';

/** What a merchant is charged from an instant on, who said so and why. Append-only. */
@Entity('merchant_terms')
@Check('merchant_terms_amounts', 'rates are rates, and what is held back is held for some days')
@Check('merchant_terms_reason', 'char_length(reason) BETWEEN 1 AND 500')
@Index('merchant_terms_of_merchant', ['merchantId', 'currency', 'effectiveFrom', 'setAt'])
export class MerchantTermsEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_terms_pkey' })
  id: string;

  @Column('uuid')
  merchantId: string;

  @ForeignKey(() => AssetEntity, { name: 'merchant_terms_asset' })
  @Column('text')
  currency: CurrencyCode;

  @Column('integer')
  feeBasisPoints: number;

  @Column(bigintColumn)
  feeFixed: bigint;

  @Column('integer')
  reserveBasisPoints: number;

  @Column('integer')
  reserveDays: number;

  @Column('timestamptz')
  effectiveFrom: Date;

  @ForeignKey(() => PersonEntity, { name: 'merchant_terms_person' })
  @Column('uuid')
  setBy: string;

  @Column('timestamptz')
  setAt: Date;

  @Column('text')
  reason: string;
}

/** How far a merchant's inflow is settled. Whoever settles it, or opens a payout, holds this row first. */
@Entity('settlement_cursor')
@Check('settlement_cursor_counts', 'nothing is below zero')
@Index('settlement_cursor_merchant', ['merchantId', 'currency'], { unique: true })
@Index('settlement_cursor_due', ['lookAt'])
@Index('settlement_cursor_owing', { synchronize: false })
@Index('settlement_cursor_pay_due', ['payAt'], { where: '"payAt" IS NOT NULL' })
export class SettlementCursorEntity {
  @ForeignKey(() => AccountEntity, { name: 'settlement_cursor_inflow' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'settlement_cursor_pkey' })
  inflowId: string;

  @Column('uuid')
  merchantId: string;

  @Column('text')
  currency: CurrencyCode;

  /** Of the last batch; 0 before the first. */
  @Column('integer')
  number: number;

  /** The inflow's version up to which every entry is in a batch. */
  @Column(bigintColumn)
  closedVersion: bigint;

  @Column('timestamptz', { nullable: true })
  closedUntil: Date | null;

  /** What the merchant owes: carried into the next batch. */
  @Column(bigintColumn)
  owed: bigint;

  /** When the loop looks at it next. */
  @Column('timestamptz')
  lookAt: Date;

  /** When a payout is to be tried; null where nobody waits for one. */
  @Column('timestamptz', { nullable: true })
  payAt: Date | null;
}

/** A closed batch: a contiguous range of the inflow's entries, and what was made of it. Its figures never change. */
@Entity('settlement')
@Unique('settlement_number', ['merchantId', 'currency', 'number'])
@Check('settlement_range', 'the range goes on')
@Check('settlement_amounts', 'nothing but adjustments, net and balances is below zero')
@Check('settlement_ties_out', 'the parts make the net, and the net makes the closing balance')
@Check('settlement_reserve', 'what is held is held until a day, and released once')
@Index('settlement_start', ['inflowId', 'afterVersion'], { unique: true, where: '"lastVersion" > "afterVersion"' })
@Index('settlement_of_merchant', ['merchantId', 'closedAt', 'id'])
@Index('settlement_newest', ['closedAt', 'id'])
@Index('settlement_reserve_due', ['inflowId', 'reserveReleaseDay'], { where: '"reserveHeld" > 0 AND "reserveReleasedBy" IS NULL' })
@Index('settlement_of_payout', ['payoutId'], { where: '"payoutId" IS NOT NULL' })
export class SettlementEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'settlement_pkey' })
  id: string;

  @ForeignKey(() => SettlementCursorEntity, { name: 'settlement_of_cursor' })
  @Column('uuid')
  inflowId: string;

  @Column('uuid')
  merchantId: string;

  @Column('text')
  currency: CurrencyCode;

  @Column('integer')
  number: number;

  @Column('date')
  businessDay: string;

  /** The batch has the inflow's entries after this version, up to `lastVersion`, but for those of settlements themselves. */
  @Column(bigintColumn)
  afterVersion: bigint;

  @Column(bigintColumn)
  lastVersion: bigint;

  /** Lines of before this instant are in it. */
  @Column('timestamptz')
  until: Date;

  @Column(bigintColumn)
  gross: bigint;

  @Column(bigintColumn)
  refunds: bigint;

  @Column(bigintColumn)
  adjustments: bigint;

  @Column(bigintColumn)
  fees: bigint;

  @Column(bigintColumn)
  reserveHeld: bigint;

  @Column(bigintColumn)
  reserveReleased: bigint;

  @Column(bigintColumn)
  net: bigint;

  /** What the merchant had to get before it, and after it: below zero where it owes. */
  @Column(bigintColumn)
  opening: bigint;

  @Column(bigintColumn)
  closing: bigint;

  @Column('integer')
  paymentCount: number;

  @Column('integer')
  refundCount: number;

  @Column('integer')
  feeBasisPoints: number;

  @Column(bigintColumn)
  feeFixed: bigint;

  @Column('date', { nullable: true })
  reserveReleaseDay: string | null;

  @ForeignKey(() => SettlementEntity, { name: 'settlement_released_by' })
  @Column('uuid', { nullable: true })
  reserveReleasedBy: string | null;

  /** Null where the parts make nothing that moves. */
  @ForeignKey(() => LedgerTxEntity, { name: 'settlement_transaction' })
  @Column('uuid', { nullable: true })
  transactionId: string | null;

  /** The newest payout that carries it. */
  @ForeignKey(() => BankOrderEntity, { name: 'settlement_payout' })
  @Column('uuid', { nullable: true })
  payoutId: string | null;

  @Column('timestamptz')
  closedAt: Date;
}
