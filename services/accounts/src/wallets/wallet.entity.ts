import type { CurrencyCode } from '@tael/money';
import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { AccountEntity } from '../ledger/account.entity';
import { PersonEntity } from '../people/person.entity';

/** A person's wallet in one currency. Its id is also the id of its account in the books. */
@Entity('wallet')
@ForeignKey(() => AccountEntity, ['id', 'currency'], ['id', 'asset'], { name: 'wallet_account' })
@Unique('wallet_person_currency_key', ['personId', 'currency'])
export class WalletEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'wallet_pkey' })
  id: string;

  @ForeignKey(() => PersonEntity, { name: 'wallet_person' })
  @Column('uuid')
  personId: string;

  @Column('text')
  currency: CurrencyCode;

  @Column('timestamptz')
  openedAt: Date;
}
