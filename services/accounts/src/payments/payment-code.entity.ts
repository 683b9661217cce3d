import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { LedgerTxEntity } from '../ledger/ledger.entity';

/** A code for one payment, as its merchant made it. */
@Entity('payment_code')
@Check('payment_code_amount', 'amount > 0')
export class PaymentCodeEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'payment_code_pkey' })
  codeId: string;

  @Column('uuid')
  merchantId: string;

  @Column('uuid')
  storeId: string;

  @Column('text')
  currency: string;

  @Column(bigintColumn)
  amount: bigint;

  @Column('timestamptz')
  expiresAt: Date;
}

/** The one payment of a code; written in the transaction of its posting. */
@Entity('payment_code_use')
export class PaymentCodeUseEntity {
  @ForeignKey(() => PaymentCodeEntity, { name: 'payment_code_use_code' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'payment_code_use_pkey' })
  codeId: string;

  @Index('payment_code_use_transaction', { unique: true })
  @ForeignKey(() => LedgerTxEntity, { name: 'payment_code_use_payment' })
  @Column('uuid')
  transactionId: string;
}
