import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A browser that takes web pushes for a person. */
@Entity('push_subscription')
@Index('push_subscription_target_sealed_by', { synchronize: false })
@Index('push_subscription_endpoint_key_id', ['endpointIndexKey'])
@Index('push_subscription_endpoint', ['endpointIndex'], { unique: true })
@Index('push_subscription_person', ['personId', 'createdAt'])
export class PushSubscriptionEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'push_subscription_pkey' })
  id: string;

  @Column('uuid')
  personId: string;

  /** Keyed name of the endpoint: one browser stands for one person, the last who registered it. */
  @Column('text')
  endpointIndex: string;

  /** The id of the key of that name; empty where it was made before ids were kept. */
  @Column('text', { default: '' })
  endpointIndexKey: string;

  /** JSON {"endpoint","p256dh","auth"}, sealed for the person: who has it can write to the browser. */
  @Column('text')
  target: string;

  @Column('timestamptz')
  createdAt: Date;
}
