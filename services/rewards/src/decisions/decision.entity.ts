import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { CampaignEntity } from '../campaigns/campaign.entity';
import type { Condition } from '../evaluations/evaluation.domain';

/** What a campaign decided on a payment, and why: one row a payment and campaign. */
@Entity('reward_decision')
@Check(
  'reward_decision_outcome',
  `"outcome" IN ('GRANTED', 'CONDITION_FAILED', 'LIMIT_REACHED', 'BUDGET_EXHAUSTED', 'OUTSIDE_SCHEDULE', 'NOT_COMBINABLE',
    'UNDER_REVIEW', 'REVERSED')`,
)
export class DecisionEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'reward_decision_pkey' })
  paymentId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'reward_decision_pkey' })
  @ForeignKey(() => CampaignEntity, { name: 'reward_decision_campaign' })
  campaignId: string;

  @Column('text')
  outcome: string;

  @Column('jsonb')
  conditions: Condition[];

  @Column('timestamptz')
  decidedAt: Date;
}
