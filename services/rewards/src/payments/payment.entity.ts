import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A payment that has been evaluated: its facts are kept for refunds and for a referral that becomes known later. */
@Entity('payment')
@Check('payment_amounts', `"amount" > 0 AND "fee" >= 0 AND "feeBeforeWaiver" >= 0 AND "waived" >= 0`)
@Index('payment_person', ['personId', 'occurredAt'])
export class PaymentEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'payment_pkey' })
  id: string;

  @Column('uuid')
  personId: string;

  @Column('uuid')
  walletId: string;

  @Column('uuid')
  merchantId: string;

  @Column('text')
  merchantCategoryCode: string;

  @Column('text')
  currency: string;

  @Column('bigint', bigintColumn)
  amount: bigint;

  @Column('bigint', bigintColumn)
  fee: bigint;

  @Column('bigint', bigintColumn)
  feeBeforeWaiver: bigint;

  @Column('uuid', { nullable: true })
  waiverCampaignId: string | null;

  @Column('bigint', bigintColumn)
  waived: bigint;

  @Column('integer')
  ordinal: number;

  @Column('timestamptz')
  occurredAt: Date;
}

/**
 * How much of a payment has been given back, the most that has been told. Payment and refund both touch the row, so that
 * whichever comes first, the later one sees it.
 */
@Entity('refund_progress')
@Check('refund_progress_total', `"refundedTotal" >= 0`)
export class RefundProgressEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'refund_progress_pkey' })
  paymentId: string;

  @Column('bigint', bigintColumn)
  refundedTotal: bigint;

  /** The refund that told of the total; null before the first. */
  @Column('uuid', { nullable: true })
  refundTransactionId: string | null;
}
