import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AssetEntity } from '../ledger/account.entity';
import { PersonEntity } from '../people/person.entity';

/**
 * How a kind of movement is charged, from an instant on. Append-only, and entered at least a quote's validity before. Of those that have
 * begun the one that was entered last holds.
 */
@Entity('fee_schedule')
@Check('fee_schedule_notice', `"effectiveFrom" >= "enteredAt" + interval '5 minutes'`)
@Check('fee_schedule_amounts', '"rateBasisPoints" BETWEEN 0 AND 10000 AND minimum >= 0 AND maximum >= minimum')
export class FeeScheduleEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'fee_schedule_pkey' })
  kind: string;

  @ForeignKey(() => AssetEntity, { name: 'fee_schedule_asset' })
  @PrimaryColumn('text', { primaryKeyConstraintName: 'fee_schedule_pkey' })
  currency: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'fee_schedule_pkey' })
  effectiveFrom: Date;

  @Column('timestamptz', { default: () => 'clock_timestamp()' })
  enteredAt: Date;

  @Column('integer')
  rateBasisPoints: number;

  @Column(bigintColumn)
  minimum: bigint;

  @Column(bigintColumn)
  maximum: bigint;

  /** The operator; null where it came with a migration. */
  @ForeignKey(() => PersonEntity, { name: 'fee_schedule_entered_by' })
  @Column('uuid', { nullable: true })
  enteredBy: string | null;

  /** The change that entered it, which an idempotency key is answered with; null for those of before keys. */
  @Index('fee_schedule_change', { unique: true })
  @Column('uuid', { nullable: true })
  changeId: string | null;
}
