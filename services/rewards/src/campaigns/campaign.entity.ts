import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

@Entity('campaign')
@Check('campaign_status', `"status" IN ('DRAFT', 'ACTIVE', 'PAUSED', 'ENDED')`)
@Check('campaign_schedule', `"endsAt" > "startsAt"`)
@Check(
  'campaign_effect',
  `("effect" = 'CASHBACK' AND coalesce("rateBasisPoints", 0) BETWEEN 1 AND 10000 AND "referrerReward" IS NULL AND "friendReward" IS NULL)
   OR ("effect" = 'FEE_WAIVER' AND "rateBasisPoints" IS NULL AND "referrerReward" IS NULL AND "friendReward" IS NULL)
   OR ("effect" = 'REFERRAL_REWARD' AND "rateBasisPoints" IS NULL AND "maximumPerPayment" IS NULL
       AND coalesce("referrerReward", 0) > 0 AND coalesce("friendReward", 0) > 0)`,
)
@Check('campaign_amounts', `"minimumAmount" > 0 AND "maximumPerPayment" > 0 AND "maximumRewardsPerUser" > 0`)
@Index('campaign_currency', ['currency', 'status'])
export class CampaignEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'campaign_pkey' })
  id: string;

  @Column('text')
  name: string;

  @Column('text')
  currency: string;

  @Column('text')
  status: string;

  /** Grows by one with every change that others are told of. */
  @Column('integer')
  version: number;

  @Column('timestamptz', { nullable: true })
  startsAt: Date | null;

  @Column('timestamptz', { nullable: true })
  endsAt: Date | null;

  @Column('text')
  effect: string;

  @Column('integer', { nullable: true })
  rateBasisPoints: number | null;

  @Column('bigint', { ...bigintColumn, nullable: true })
  maximumPerPayment: bigint | null;

  @Column('bigint', { ...bigintColumn, nullable: true })
  referrerReward: bigint | null;

  @Column('bigint', { ...bigintColumn, nullable: true })
  friendReward: bigint | null;

  @Column('bigint', { ...bigintColumn, nullable: true })
  minimumAmount: bigint | null;

  @Column('uuid', { array: true, nullable: true })
  merchantIds: string[] | null;

  @Column('text', { array: true, nullable: true })
  merchantCategoryCodes: string[] | null;

  @Column('boolean')
  firstPaymentOnly: boolean;

  @Column('integer', { nullable: true })
  maximumRewardsPerUser: number | null;

  /** The operator who wrote it. */
  @Column('uuid')
  createdBy: string;

  @Column('timestamptz')
  createdAt: Date;
}

@Entity('campaign_active_time')
@Check('campaign_active_time_order', `"activeTo" >= "activeFrom"`)
export class CampaignActiveTimeEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'campaign_active_time_pkey' })
  @ForeignKey(() => CampaignEntity, { name: 'campaign_active_time_campaign' })
  campaignId: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'campaign_active_time_pkey' })
  activeFrom: Date;

  @Column('timestamptz', { nullable: true })
  activeTo: Date | null;
}

/**
 * What a campaign has given, of what it may give. The fence is the row's own check; only where accounts spends (fee
 * waivers) this is a copy that may run ahead of accounts' own row for the time of an open question.
 */
@Entity('campaign_budget')
@Check('campaign_budget_limit', `"spent" >= 0 AND ("spentByAccounts" OR "spent" <= "budget")`)
@Check('campaign_budget_positive', `"budget" > 0`)
export class CampaignBudgetEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'campaign_budget_pkey' })
  @ForeignKey(() => CampaignEntity, { name: 'campaign_budget_campaign' })
  campaignId: string;

  @Column('bigint', bigintColumn)
  budget: bigint;

  @Column('bigint', { ...bigintColumn, default: 0 })
  spent: bigint;

  @Column('boolean')
  spentByAccounts: boolean;
}

/** How often a campaign has rewarded a person. */
@Entity('campaign_person')
@Check('campaign_person_rewards', `"rewards" >= 0`)
@Index('campaign_person_person', ['personId'])
export class CampaignPersonEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'campaign_person_pkey' })
  @ForeignKey(() => CampaignEntity, { name: 'campaign_person_campaign' })
  campaignId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'campaign_person_pkey' })
  personId: string;

  @Column('integer')
  rewards: number;
}
