import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A fee-waiver campaign as rewards offered it. Its budget is a row of its own: that one moves with every use. */
@Entity('fee_waiver_offer')
export class FeeWaiverOfferEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'fee_waiver_offer_pkey' })
  campaignId: string;

  @Column('integer')
  version: number;

  @Index('fee_waiver_offer_currency')
  @Column('text')
  currency: string;

  @Column('jsonb')
  activeTimes: readonly { from: string; to: string | null }[];

  @Column('timestamptz', { nullable: true })
  startsAt: Date | null;

  @Column('timestamptz', { nullable: true })
  endsAt: Date | null;

  @Column({ ...bigintColumn, nullable: true })
  minimumAmount: bigint | null;

  @Column('uuid', { array: true, nullable: true })
  merchantIds: string[] | null;

  @Column('text', { array: true, nullable: true })
  merchantCategoryCodes: string[] | null;

  @Column('boolean')
  firstPaymentOnly: boolean;

  @Column('integer', { nullable: true })
  maximumRewardsPerUser: number | null;

  @Column({ ...bigintColumn, nullable: true })
  maximumPerPayment: bigint | null;
}

/** What an offer may give away in all, and what it gave. */
@Entity('fee_waiver_budget')
@Check('fee_waiver_budget_cap', 'spent >= 0 AND spent <= budget')
export class FeeWaiverBudgetEntity {
  @ForeignKey(() => FeeWaiverOfferEntity, { name: 'fee_waiver_budget_offer' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'fee_waiver_budget_pkey' })
  campaignId: string;

  @Column(bigintColumn)
  budget: bigint;

  @Column(bigintColumn)
  spent: bigint;
}

/** How often a person used an offer, waivers and rebates together. */
@Entity('fee_waiver_use')
@Check('fee_waiver_use_cap', 'uses > 0 AND uses <= cap')
export class FeeWaiverUseEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'fee_waiver_use_pkey' })
  personId: string;

  @ForeignKey(() => FeeWaiverOfferEntity, { name: 'fee_waiver_use_offer' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'fee_waiver_use_pkey' })
  campaignId: string;

  @Column('integer')
  uses: number;

  @Column(bigintColumn)
  waived: bigint;

  @Column('integer', { nullable: true })
  cap: number | null;
}
