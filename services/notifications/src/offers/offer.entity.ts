import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A payment, as far as habits are counted by it; kept for the days that count. */
@Entity('purchase')
@Index('purchase_habit', ['personId', 'merchantCategoryCode', 'occurredAt'])
@Index('purchase_merchant', ['merchantId', 'occurredAt'])
@Index('purchase_category', ['merchantCategoryCode', 'occurredAt'])
@Index('purchase_age', ['occurredAt'])
export class PurchaseEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'purchase_pkey' })
  transactionId: string;

  @Column('uuid')
  personId: string;

  @Column('uuid')
  merchantId: string;

  @Column('text')
  merchantCategoryCode: string;

  @Column('text')
  currency: string;

  @Column('bigint', bigintColumn)
  amount: bigint;

  @Column('timestamptz')
  occurredAt: Date;
}

/** How much a person is drawn to a category: a count of payments that halves with time. */
@Entity('affinity')
export class AffinityEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'affinity_pkey' })
  personId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'affinity_pkey' })
  merchantCategoryCode: string;

  @Column('double precision')
  score: number;

  /** The instant that the score is for. */
  @Column('timestamptz')
  at: Date;
}

/** A campaign of rewards, as far as an offer may point at it. */
@Entity('campaign')
@Check('campaign_status', `"status" IN ('ACTIVE', 'PAUSED', 'ENDED')`)
export class CampaignEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'campaign_pkey' })
  id: string;

  @Column('integer')
  version: number;

  @Column('text')
  status: string;

  @Column('text')
  effect: string;

  @Column('text')
  currency: string;

  @Column('integer', { nullable: true })
  rateBasisPoints: number | null;

  @Column('uuid', { array: true, nullable: true })
  merchantIds: string[] | null;

  @Column('text', { array: true, nullable: true })
  merchantCategoryCodes: string[] | null;

  @Column('timestamptz', { nullable: true })
  startsAt: Date | null;

  @Column('timestamptz', { nullable: true })
  endsAt: Date | null;
}

/** The walk over the people whom a campaign may interest, in small steps. */
@Entity('offer_scan')
@Index('offer_scan_due', ['dueAt'], { where: 'NOT done' })
export class OfferScanEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'offer_scan_pkey' })
  campaignId: string;

  /** People up to this id have been looked at. */
  @Column('uuid')
  afterPersonId: string;

  @Column('timestamptz')
  dueAt: Date;

  @Column('boolean')
  done: boolean;
}
