import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { NoticeOutcome, NoticeType } from './charge-notice.domain';

/** A notice of the card processor: kept before it is answered, worked off after. Its id is the processor's, so that one that comes twice is one. */
@Entity('charge_notice')
@Check('charge_notice_type', 'the type is one of those that are worked off')
@Check('charge_notice_end', 'it has ended or it has not')
@Index('charge_notice_open', ['lookAt'], { where: '"endedAt" IS NULL' })
@Index('charge_notice_ended', ['endedAt'], { where: '"endedAt" IS NOT NULL' })
export class ChargeNoticeEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'charge_notice_pkey' })
  id: string;

  @Column('text')
  type: NoticeType;

  /** Under which key the processor knows the charge. */
  @Column('text')
  chargeKey: string;

  @Column('timestamptz')
  receivedAt: Date;

  /** How often somebody set out to work it off. */
  @Column('integer')
  attempts: number;

  /** When somebody looks at it next; until then whoever has it in hand has it alone. */
  @Column('timestamptz')
  lookAt: Date;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;

  @Column('text', { nullable: true })
  outcome: NoticeOutcome | null;
}
