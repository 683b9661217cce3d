import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { StoreEntity } from '../stores/store.entity';

/** A code that is good for one payment. Whether it was paid, accounts knows. */
@Entity('payment_code')
@Check('payment_code_amount', 'amount > 0')
@Check('payment_code_reference', 'char_length(reference) BETWEEN 1 AND 25')
@Index('payment_code_of_store', ['storeId', 'id'])
export class PaymentCodeEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'payment_code_pkey' })
  id: string;

  @ForeignKey(() => StoreEntity, { name: 'payment_code_store' })
  @Column('uuid')
  storeId: string;

  @Column(bigintColumn)
  amount: bigint;

  @Column('text')
  currency: string;

  @Column('text', { nullable: true })
  reference: string | null;

  @Column('uuid')
  createdBy: string;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  expiresAt: Date;
}
