import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One message on one channel, worked off after the transaction that wrote it. */
@Entity('delivery')
@Index('delivery_channel', ['notificationId', 'channel'], { unique: true })
@Index('delivery_due', ['urgency', 'dueAt'], { where: `status = 'PLANNED'` })
@Index('delivery_claimed', ['leaseUntil'], { where: `status = 'CLAIMED'` })
@Index('delivery_person', ['personId', 'status'])
@Check('delivery_known_channel', `"channel" IN ('IN_APP', 'PUSH', 'EMAIL', 'SMS')`)
@Check('delivery_status', `"status" IN ('PLANNED', 'CLAIMED', 'HANDED_OFF', 'SKIPPED', 'FAILED', 'UNKNOWN')`)
export class DeliveryEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'delivery_pkey' })
  id: string;

  @Column('uuid')
  notificationId: string;

  @Column('uuid')
  personId: string;

  @Column('text')
  class: string;

  /** Rank of the class, 0 first: a blast of offers never stands before a security message. */
  @Column('smallint')
  urgency: number;

  @Column('text')
  channel: string;

  @Column('text')
  status: string;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('timestamptz')
  dueAt: Date;

  @Column('timestamptz', { nullable: true })
  validUntil: Date | null;

  @Column('uuid', { nullable: true })
  campaignId: string | null;

  @Column('integer')
  attempts: number;

  /** The claim that may write the outcome: an older one has lost its right. */
  @Column('uuid', { nullable: true })
  attemptId: string | null;

  @Column('timestamptz', { nullable: true })
  leaseUntil: Date | null;

  /** What the channel called the message, where it says so. */
  @Column('text', { nullable: true })
  providerId: string | null;

  @Column('timestamptz')
  updatedAt: Date;
}
