import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AssetEntity } from '../ledger/account.entity';
import { PersonEntity } from '../people/person.entity';
import { SessionEntity } from '../sessions/session.entity';
import type { StepUpPurpose } from './step-up.domain';

/** A question for the second factor about one action of one session, and what became of it. */
@Entity('step_up')
@Check('step_up_purpose', 'purpose is known')
@Check('step_up_use', '"usedAt" IS NULL OR "approvedAt" IS NOT NULL')
@Index('step_up_person_id', ['personId'])
export class StepUpEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'step_up_pkey' })
  id: string;

  @ForeignKey(() => PersonEntity, { name: 'step_up_person' })
  @Column('uuid')
  personId: string;

  @ForeignKey(() => SessionEntity, { name: 'step_up_session' })
  @Column('uuid')
  sessionId: string;

  @Column('text')
  purpose: StepUpPurpose;

  /** Keyed one-way name of the action with its payee and amount. */
  @Column('text')
  binding: string;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  @Column('timestamptz', { nullable: true })
  approvedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;
}

/** The amounts above which a step-up is asked for, as versions of Tael from before limits had versions read them. Nothing reads it any more. */
@Entity('step_up_limit')
@Check('step_up_limit_amount', 'amount >= 0')
export class StepUpLimitEntity {
  @ForeignKey(() => AssetEntity, { name: 'step_up_limit_asset' })
  @PrimaryColumn('text', { primaryKeyConstraintName: 'step_up_limit_pkey' })
  currency: string;

  @Column(bigintColumn)
  amount: bigint;
}
