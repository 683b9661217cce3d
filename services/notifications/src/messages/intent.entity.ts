import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * One logical message, from the event that asks for it to the decision on it; the decision's trace says why it was
 * sent, held or dropped. Holds ids and amounts only: names are put in when it is written.
 */
@Entity('intent')
@Index('intent_dedupe', ['dedupeKey'], { unique: true })
@Index('intent_due', ['dueAt'], { where: `status = 'OPEN'` })
@Index('intent_person', ['personId', 'status'])
@Index('intent_nameless', ['merchantId'], { where: `status = 'OPEN' AND reason = 'NAME_UNKNOWN'` })
@Check('intent_class', `"class" IN ('SECURITY', 'TRANSACTIONAL', 'SERVICE', 'MARKETING')`)
@Check('intent_status', `"status" IN ('OPEN', 'SENT', 'DROPPED')`)
export class IntentEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'intent_pkey' })
  id: string;

  /** What happened, for whom: a second event of the same thing finds the row taken. */
  @Column('text')
  dedupeKey: string;

  @Column('uuid')
  personId: string;

  @Column('text')
  class: string;

  @Column('text')
  template: string;

  /** Amounts in minor units as text, and short facts of the event. */
  @Column('jsonb')
  facts: object;

  @Column('uuid', { nullable: true })
  transactionId: string | null;

  /** Whose name the text needs, where it needs one. */
  @Column('uuid', { nullable: true })
  merchantId: string | null;

  @Column('uuid', { nullable: true })
  counterpartyId: string | null;

  /** The campaign that a MARKETING message is about. */
  @Column('uuid', { nullable: true })
  campaignId: string | null;

  @Column('text')
  status: string;

  /** What an OPEN one waits for, or why a DROPPED one was dropped. */
  @Column('text', { nullable: true })
  reason: string | null;

  @Column('timestamptz')
  dueAt: Date;

  /** After this the message is no news any more; null: always. */
  @Column('timestamptz', { nullable: true })
  validUntil: Date | null;

  /** After this a missing name is replaced by a general word. */
  @Column('timestamptz')
  nameBy: Date;

  @Column('integer')
  attempts: number;

  /** The last decisions, newest last, each with its gates. */
  @Column('jsonb')
  trace: object;

  @Column('timestamptz')
  createdAt: Date;

  /** The span of the event that asked for it, where traces are told. */
  @Column('text', { nullable: true })
  traceparent: string | null;
}
