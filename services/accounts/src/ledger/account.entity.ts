import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { AccountPurpose, PostingMode } from './account.domain';

/** A currency that the books know; its number of fraction digits is fixed for life. */
@Entity('asset')
@Check('asset_scale', 'scale BETWEEN 0 AND 4')
export class AssetEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'asset_pkey' })
  code: string;

  @Column('smallint')
  scale: number;
}

/** An account of the books. Its counters only grow; posted = credits less debits, available = posted less debits pending. */
@Entity('account')
@Unique('account_id_asset', ['id', 'asset'])
@Check('account_counters', 'counters and version are at least 0')
@Check('account_min_available', 'available >= "minAvailable"')
@Check('account_max_balance', 'balance <= "maxBalance"')
@Index('account_inflows', ['id'], { where: `purpose = 'MERCHANT_INFLOW'` })
@Check('account_frozen', 'only a wallet is frozen')
@Check('account_mode', 'a wallet is strict and has a floor and an owner; the others are deferred and have none')
export class AccountEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'account_pkey' })
  id: string;

  @ForeignKey(() => AssetEntity, { name: 'account_asset' })
  @Column('text')
  asset: string;

  @Column('text')
  purpose: AccountPurpose;

  /** The person of a wallet, the merchant of an inflow; null for Tael's own. */
  @Index('account_owner')
  @Column('uuid', { nullable: true })
  ownerId: string | null;

  @Column('text')
  postingMode: PostingMode;

  /** The floor: null for none. */
  @Column({ ...bigintColumn, nullable: true })
  minAvailable: bigint | null;

  @Column({ ...bigintColumn, nullable: true })
  maxBalance: bigint | null;

  @Column(bigintColumn)
  debitsPosted: bigint;

  @Column(bigintColumn)
  creditsPosted: bigint;

  @Column(bigintColumn)
  debitsPending: bigint;

  @Column(bigintColumn)
  creditsPending: bigint;

  /** Grows by one with every entry: gap-free, so that a missing entry shows. */
  @Column(bigintColumn)
  version: bigint;

  @Column('timestamptz')
  openedAt: Date;

  /** Since when a wallet is frozen; null where it is not. It stands here because every movement reads this row under its lock. */
  @Column('timestamptz', { nullable: true })
  frozenAt: Date | null;
}
