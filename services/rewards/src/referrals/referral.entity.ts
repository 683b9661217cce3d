import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CampaignEntity } from '../campaigns/campaign.entity';

/** An invitation that led to a sign-up: one a friend, who can have been invited only once. */
@Entity('referral')
@Check('referral_status', `"status" IN ('JOINED', 'QUALIFIED', 'REWARDED', 'REJECTED')`)
@Check('referral_not_self', `"friendId" <> "referrerId" OR "status" = 'REJECTED'`)
@Index('referral_referrer', ['referrerId', 'friendId'])
@Index('referral_payment', ['qualifyingPaymentId'], { unique: true })
export class ReferralEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'referral_pkey' })
  friendId: string;

  @Column('uuid')
  referrerId: string;

  @Column('text')
  status: string;

  @Column('uuid', { nullable: true })
  @ForeignKey(() => CampaignEntity, { name: 'referral_campaign' })
  campaignId: string | null;

  @Column('uuid', { nullable: true })
  qualifyingPaymentId: string | null;

  @Column('timestamptz')
  joinedAt: Date;

  /** Since when the two share a card or a bank account; of a referral that was refused for another reason nothing. */
  @Column('timestamptz', { nullable: true })
  linkedAt: Date | null;
}
