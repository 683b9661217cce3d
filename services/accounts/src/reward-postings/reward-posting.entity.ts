import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { LedgerTxEntity } from '../ledger/ledger.entity';

/** A grant that rewards asked for, and what came of it: booked once, refused, or waiting for its offer. */
@Entity('reward_grant')
@Check('reward_grant_amounts', 'amount > 0 AND reversed >= 0 AND reversed <= amount')
@Check('reward_grant_status', 'a posted grant, and no other, has a transaction')
export class RewardGrantEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'reward_grant_pkey' })
  grantId: string;

  @Column('text')
  kind: string;

  @Index('reward_grant_waiting', { where: `status = 'WAITING'` })
  @Column('uuid')
  campaignId: string;

  @Column('uuid')
  personId: string;

  @Column('uuid', { nullable: true })
  walletId: string | null;

  @Column('text')
  currency: string;

  @Column(bigintColumn)
  amount: bigint;

  @Column('uuid')
  sourceTransactionId: string;

  @Column('text')
  status: 'WAITING' | 'POSTED' | 'REFUSED';

  @ForeignKey(() => LedgerTxEntity, { name: 'reward_grant_tx' })
  @Column('uuid', { nullable: true })
  transactionId: string | null;

  @Column(bigintColumn)
  reversed: bigint;

  @Column('timestamptz')
  receivedAt: Date;
}

/** A reversal that rewards asked for, once; it waits where its grant has not come yet. */
@Entity('reward_reversal')
@Check('reward_reversal_amounts', 'amount > 0 AND taken >= 0 AND owed >= 0 AND taken + owed <= amount')
@Check('reward_reversal_status', `status IN ('WAITING', 'DONE')`)
export class RewardReversalEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'reward_reversal_pkey' })
  reversalId: string;

  @Index('reward_reversal_grant')
  @Column('uuid')
  grantId: string;

  @Column(bigintColumn)
  amount: bigint;

  @Column('text')
  status: 'WAITING' | 'DONE';

  @Column(bigintColumn)
  taken: bigint;

  @Column(bigintColumn)
  owed: bigint;

  @Column('timestamptz')
  receivedAt: Date;
}

/** What a person owes of rewards that were taken back when the wallet had less: kept back of later rewards. */
@Entity('reward_debt')
@Check('reward_debt_owed', 'owed >= 0')
export class RewardDebtEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'reward_debt_pkey' })
  personId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'reward_debt_pkey' })
  currency: string;

  @Column(bigintColumn)
  owed: bigint;
}
