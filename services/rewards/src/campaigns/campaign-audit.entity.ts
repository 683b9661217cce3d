import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CampaignEntity } from './campaign.entity';

export type CampaignAction = 'CREATED' | 'ACTIVATED' | 'PAUSED' | 'ENDED';

/** Who did what to a campaign, and why. Never changed and never deleted: a trigger refuses it to everybody. */
@Entity('campaign_audit')
@Check('campaign_audit_action', `action IN ('CREATED', 'ACTIVATED', 'PAUSED', 'ENDED')`)
@Check('campaign_audit_actor', `("actorId" IS NULL) = (action = 'ENDED')`)
@Check('campaign_audit_reason', 'char_length(reason) BETWEEN 1 AND 500')
@Index('campaign_audit_of_campaign', ['campaignId', 'id'])
export class CampaignAuditEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'campaign_audit_pkey' })
  id: string;

  @ForeignKey(() => CampaignEntity, { name: 'campaign_audit_campaign' })
  @Column('uuid')
  campaignId: string;

  @Column('timestamptz')
  at: Date;

  /** The operator; null where its time was over and nobody did anything. */
  @Column('uuid', { nullable: true })
  actorId: string | null;

  @Column('text')
  action: CampaignAction;

  /** What was changed, as it was; null where there was nothing before. */
  @Column('jsonb', { nullable: true })
  before: Readonly<Record<string, unknown>> | null;

  @Column('jsonb')
  after: Readonly<Record<string, unknown>>;

  /** Null where none was given. */
  @Column('text', { nullable: true })
  reason: string | null;
}
