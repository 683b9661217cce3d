import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ChoiceTimes, DeliveryStatus, DisabledReason, EndpointStatus, OwnerKind } from './webhook.domain';

/** Where an owner wants to be told of events. */
@Entity('webhook_endpoint')
@Check('webhook_endpoint_owner_known', `"ownerKind" IN ('MERCHANT', 'PARTNER')`)
@Check('webhook_endpoint_status_known', `status IN ('ENABLED', 'DISABLED')`)
@Check('webhook_endpoint_reason_known', `"disabledReason" IN ('OWNER', 'GONE', 'FAILING')`)
@Check('webhook_endpoint_reason_given', `(status = 'DISABLED') = ("disabledReason" IS NOT NULL)`)
@Index('webhook_endpoint_owner', ['ownerKind', 'ownerId', 'id'], { where: '"deletedAt" IS NULL' })
export class WebhookEndpointEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_endpoint_pkey' })
  id: string;

  @Column('text')
  ownerKind: OwnerKind;

  @Column('uuid')
  ownerId: string;

  @Column('text')
  url: string;

  /** The host and port of the URL: what is limited together, whoever owns it. */
  @Column('text')
  host: string;

  @Column('text')
  description: string;

  @Column('text', { array: true })
  eventTypes: string[];

  /** Since when each type is chosen, where that is not since the endpoint was made. */
  @Column('jsonb', { default: {} })
  chosenAt: ChoiceTimes;

  @Column('text')
  status: EndpointStatus;

  @Column('text', { nullable: true })
  disabledReason: DisabledReason | null;

  /** When the first of the attempts failed that have failed on end. */
  @Column('timestamptz', { nullable: true })
  failingSince: Date | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;
}

/** A key that an endpoint's messages are signed with; after a rotation those of before sign along, each for its day. */
@Entity('webhook_key')
@Index('webhook_key_endpoint', ['endpointId', 'createdAt'])
@Index('webhook_key_private_key_sealed_by', { synchronize: false })
export class WebhookKeyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_key_pkey' })
  id: string;

  @Column('uuid')
  endpointId: string;

  @Column('text')
  publicKey: string;

  /** Sealed for the endpoint. */
  @Column('text')
  privateKey: string;

  @Column('timestamptz')
  createdAt: Date;

  /** From when it signs no more; null for the key of now. */
  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;
}

/**
 * The messages of an endpoint that share an order key, one after the other: who holds the lane's lease sends its first waiting
 * one. `dueAt` is null where none waits.
 */
@Entity('webhook_lane')
@Index('webhook_lane_due', ['dueAt'], { where: '"dueAt" IS NOT NULL' })
@Index('webhook_lane_leased', ['leaseUntil'], { where: '"leaseUntil" IS NOT NULL' })
export class WebhookLaneEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_lane_pkey' })
  endpointId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'webhook_lane_pkey' })
  orderKey: string;

  @Column('text')
  host: string;

  @Column('timestamptz', { nullable: true })
  dueAt: Date | null;

  @Column('timestamptz', { nullable: true })
  leaseUntil: Date | null;

  /** The claim that may write the outcome: an older one has lost its right. */
  @Column('uuid', { nullable: true })
  attemptId: string | null;
}

/** One message for one endpoint, written with the inbox row of its event and worked off after. Its id is its `webhook-id`. */
@Entity('webhook_delivery')
@Check('webhook_delivery_status_known', `status IN ('PENDING', 'DELIVERED', 'DEAD', 'SKIPPED')`)
@Check('webhook_delivery_attempts_positive', 'attempts >= 0')
@Index('webhook_delivery_event', ['endpointId', 'eventId'], { unique: true })
@Index('webhook_delivery_waiting', ['endpointId', 'orderKey', 'position'], { where: `status = 'PENDING'` })
@Index('webhook_delivery_newest', ['endpointId', 'id'])
@Index('webhook_delivery_ended', ['updatedAt'], { where: `status <> 'PENDING'` })
export class WebhookDeliveryEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_delivery_pkey' })
  id: string;

  @Column('uuid')
  endpointId: string;

  @Column('uuid')
  eventId: string;

  @Column('text')
  eventType: string;

  @Column('text')
  orderKey: string;

  /** Its place in its lane: behind all that were there when it was written, or was asked for again. */
  @Column('bigint')
  position: bigint;

  /** What is sent and signed, to the byte. */
  @Column('text')
  body: string;

  @Column('text')
  status: DeliveryStatus;

  @Column('integer')
  attempts: number;

  @Column('integer', { nullable: true })
  responseStatus: number | null;

  @Column('text', { nullable: true })
  responseExcerpt: string | null;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}
