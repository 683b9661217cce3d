import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A message as it was written to a person. */
@Entity('notification')
@Index('notification_content_sealed_by', { synchronize: false })
@Index('notification_intent', ['intentId'], { unique: true })
@Index('notification_inbox', ['personId', 'createdAt', 'id'])
@Index('notification_unread', ['personId'], { where: `"inInbox" AND "readAt" IS NULL` })
@Index('notification_marketing', ['personId', 'createdAt'], { where: `class = 'MARKETING'` })
@Check('notification_class', `"class" IN ('SECURITY', 'TRANSACTIONAL', 'SERVICE', 'MARKETING')`)
export class NotificationEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'notification_pkey' })
  id: string;

  @Column('uuid')
  intentId: string;

  @Column('uuid')
  personId: string;

  @Column('text')
  class: string;

  @Column('text')
  topic: string;

  /** JSON {"title","body"}, sealed for the person: it names people and merchants. */
  @Column('text')
  content: string;

  @Column('text')
  locale: string;

  @Column('text')
  template: string;

  @Column('integer')
  templateVersion: number;

  @Column('uuid', { nullable: true })
  transactionId: string | null;

  /** False where the person muted the inbox: the message went out by other channels alone. */
  @Column('boolean')
  inInbox: boolean;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  readAt: Date | null;
}
