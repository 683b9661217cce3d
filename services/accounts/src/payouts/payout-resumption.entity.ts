import { Entity, Column, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { BankOrderEntity } from '../bank-orders/bank-order.entity';
import { PersonEntity } from '../people/person.entity';
import { PayoutAccountEntity } from './payout-account.entity';

/** An owner let payouts go on after one failed or came back: once for each such payout. */
@Entity('payout_resumption')
@Index('payout_resumption_of_account', ['payoutAccountId', 'resumedAt'])
export class PayoutResumptionEntity {
  @ForeignKey(() => BankOrderEntity, { name: 'payout_resumption_payout' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'payout_resumption_pkey' })
  payoutId: string;

  @ForeignKey(() => PayoutAccountEntity, { name: 'payout_resumption_account' })
  @Column('uuid')
  payoutAccountId: string;

  @ForeignKey(() => PersonEntity, { name: 'payout_resumption_person' })
  @Column('uuid')
  resumedBy: string;

  @Column('timestamptz')
  resumedAt: Date;
}
