import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { PartnerCopyEntity } from '../partners/partner-copy.entity';
import { PersonEntity } from '../people/person.entity';
import type { ConsentsEndCause } from './consent-order.domain';

/** An order to end all consents of a bank. While it runs, none of them stands, and none is given. */
@Entity('consent_order')
@Check('consent_order_cause', `cause IN ('BANK_COMPROMISED', 'BANK_LEFT', 'MISUSE', 'OTHER')`)
@Check('consent_order_reason_length', 'char_length(reason) BETWEEN 1 AND 500')
@Check('consent_order_counts', 'total >= 0 AND ended >= 0')
@Index('consent_order_of_partner', ['partnerId', 'id'])
@Index('consent_order_running', ['partnerId'], { unique: true, where: '"finishedAt" IS NULL' })
export class ConsentOrderEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'consent_order_pkey' })
  id: string;

  @ForeignKey(() => PartnerCopyEntity, { name: 'consent_order_partner' })
  @Column('uuid')
  partnerId: string;

  @Column('text')
  cause: ConsentsEndCause;

  /** For operators. Never personal data. */
  @Column('text')
  reason: string;

  @ForeignKey(() => PersonEntity, { name: 'consent_order_ordered_by' })
  @Column('uuid')
  orderedBy: string;

  @Column('timestamptz')
  orderedAt: Date;

  /** How many stood when it was ordered. */
  @Column('integer')
  total: number;

  /** How many it has ended. Not all of `total`, where people withdraw theirs or time ends them meanwhile. */
  @Column('integer', { default: 0 })
  ended: number;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;
}
