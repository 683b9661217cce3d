import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { PersonEntity } from '../people/person.entity';
import type { PayoutAccountStatus } from './payout.domain';

/** A bank account that a merchant is paid to: the bank's mandate for it, sealed, and what its owner knows it by. */
@Entity('payout_account')
@Check('payout_account_sealed', `token LIKE 'v1.%'`)
@Check('payout_account_status', 'status is known')
@Check('payout_account_confirmations', 'confirmations BETWEEN 0 AND 3')
@Index('payout_account_token_sealed_by', { synchronize: false })
@Index('payout_account_current', ['merchantId'], { unique: true, where: `status <> 'REPLACED'` })
export class PayoutAccountEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'payout_account_pkey' })
  id: string;

  @Column('uuid')
  merchantId: string;

  @Column('text')
  bankName: string;

  @Column('text')
  last4: string;

  @Column('text')
  token: string;

  @Column('text')
  status: PayoutAccountStatus;

  @Column('integer')
  confirmations: number;

  /** Nothing is paid to it before. */
  @Column('timestamptz')
  usableFrom: Date;

  @ForeignKey(() => PersonEntity, { name: 'payout_account_person' })
  @Column('uuid')
  setBy: string;

  @Column('timestamptz')
  createdAt: Date;
}
