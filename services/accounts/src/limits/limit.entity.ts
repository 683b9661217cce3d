import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AssetEntity } from '../ledger/account.entity';

/** A bound on what one person may move, as data. */
@Entity('limit_definition')
@Check('limit_definition_shape', 'measure and window are known, an amount has a currency')
export class LimitDefinitionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'limit_definition_pkey' })
  id: string;

  @Index('limit_definition_currency')
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
