import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CampaignEntity } from '../campaigns/campaign.entity';

/** What a campaign gave to a person for a payment, once. */
@Entity('benefit')
@Check('benefit_kind', `"kind" IN ('CASHBACK', 'FEE_WAIVER', 'FEE_REBATE', 'REFERRAL_REWARD')`)
@Check('benefit_side', `"side" IN ('PAYER', 'REFERRER', 'FRIEND')`)
@Check('benefit_status', `"status" IN ('PENDING', 'PAID', 'REFUSED')`)
@Check('benefit_amounts', `"amount" > 0 AND "takenBack" >= 0 AND "takenBack" <= "reversed" AND "reversed" <= "amount"`)
@Check('benefit_debts', `"owed" >= 0 AND "owed" <= "takenBack" AND "withheld" >= 0 AND "withheld" <= "amount"`)
@Index('benefit_once', ['paymentId', 'campaignId', 'kind', 'side'], { unique: true })
@Index('benefit_person', ['personId', 'status'])
export class BenefitEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'benefit_pkey' })
  id: string;

  @Column('text')
  kind: string;

  @Column('text')
  side: string;

  @Column('uuid')
  @ForeignKey(() => CampaignEntity, { name: 'benefit_campaign' })
  campaignId: string;

  @Column('uuid')
  paymentId: string;

  @Column('uuid')
  personId: string;

  /** The wallet that it goes to; null: the person's in the currency. */
  @Column('uuid', { nullable: true })
  walletId: string | null;

  @Column('text')
  currency: string;

  @Column('bigint', bigintColumn)
  amount: bigint;

  @Column('text')
  status: string;

  /** What was asked back after refunds. */
  @Column('bigint', { ...bigintColumn, default: 0 })
  reversed: bigint;

  /** What of it accounts has confirmed: taken from the wallet, or owed. */
  @Column('bigint', { ...bigintColumn, default: 0 })
  takenBack: bigint;

  /** What of `takenBack` was not in the wallet any more: accounts keeps it from later rewards. */
  @Column('bigint', { ...bigintColumn, default: 0 })
  owed: bigint;

  /** What of a paid one accounts kept for such debts of earlier rewards. */
  @Column('bigint', { ...bigintColumn, default: 0 })
  withheld: bigint;

  /** Whether it counts against the maximum of the person whom the campaign bounds. */
  @Column('boolean')
  countsForLimit: boolean;

  @Column('timestamptz')
  createdAt: Date;
}

/** One request to accounts to take a benefit back, whole or in part. */
@Entity('benefit_reversal')
@Check('benefit_reversal_amount', `"amount" > 0`)
@Index('benefit_reversal_once', ['benefitId', 'refundTransactionId'], { unique: true })
export class BenefitReversalEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'benefit_reversal_pkey' })
  id: string;

  @Column('uuid')
  @ForeignKey(() => BenefitEntity, { name: 'benefit_reversal_benefit' })
  benefitId: string;

  @Column('uuid')
  refundTransactionId: string;

  @Column('bigint', bigintColumn)
  amount: bigint;

  @Column('timestamptz', { nullable: true })
  confirmedAt: Date | null;

  @Column('timestamptz')
  createdAt: Date;
}
