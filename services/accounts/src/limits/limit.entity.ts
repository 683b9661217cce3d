import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AssetEntity } from '../ledger/account.entity';
import { PersonEntity } from '../people/person.entity';

/** A version of a bound on what one person may move. Append-only; of those that have begun the highest holds. */
@Entity('limit_definition')
@Check('limit_definition_shape', 'measure and window are known, an amount has a currency')
@Check('limit_definition_version', 'version >= 1')
@Check('limit_definition_notice', `"effectiveFrom" >= "enteredAt" + interval '10 seconds'`)
export class LimitDefinitionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'limit_definition_pkey' })
  id: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'limit_definition_pkey', default: 1 })
  version: number;

  @Index('limit_definition_currency', { where: 'version = 1' })
  @ForeignKey(() => AssetEntity, { name: 'limit_definition_asset' })
  @Column('text', { nullable: true })
  currency: string | null;

  @Column('text', { array: true })
  kinds: string[];

  @Column('text')
  measure: 'AMOUNT' | 'COUNT';

  @Column('text')
  window: 'TRANSACTION' | 'DAY';

  @Column(bigintColumn)
  cap: bigint;

  @Column('timestamptz', { default: () => "'2000-01-02 00:00:00+00'" })
  effectiveFrom: Date;

  @Column('timestamptz', { default: () => "'2000-01-01 00:00:00+00'" })
  enteredAt: Date;

  /** The operator, of a raise the one who approved it; null where it came with a migration. */
  @ForeignKey(() => PersonEntity, { name: 'limit_definition_entered_by' })
  @Column('uuid', { nullable: true })
  enteredBy: string | null;

  /** What an approved request names as its result. */
  @Index('limit_definition_change', { unique: true })
  @Column('uuid', { nullable: true })
  changeId: string | null;
}

/** What a person used of a limit on a day of UTC; `used` never passes the cap that held when it was last counted. */
@Entity('limit_counter')
@Check('limit_counter_cap', 'used >= 0 AND used <= cap')
export class LimitCounterEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'limit_counter_pkey' })
  personId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'limit_counter_pkey' })
  limitId: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'limit_counter_pkey' })
  windowStart: string;

  @Column(bigintColumn)
  used: bigint;

  @Column(bigintColumn)
  cap: bigint;
}
