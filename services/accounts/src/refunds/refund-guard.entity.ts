import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { LedgerTxEntity } from '../ledger/ledger.entity';

/** All refunds of a payment so far: they never exceed it. Made by its first refund. */
@Entity('refund_guard')
@Check('refund_guard_cap', 'refunded >= 0 AND refunded <= amount AND refunds >= 0')
export class RefundGuardEntity {
  @ForeignKey(() => LedgerTxEntity, { name: 'refund_guard_payment' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'refund_guard_pkey' })
  paymentId: string;

  @Column(bigintColumn)
  amount: bigint;

  @Column(bigintColumn)
  refunded: bigint;

  @Column('integer')
  refunds: number;
}
