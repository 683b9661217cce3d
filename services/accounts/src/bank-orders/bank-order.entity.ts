import type { CurrencyCode } from '@tael/money';
import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { BankFailure } from '../bank/bank-word.domain';
import { PayoutAccountEntity } from '../payouts/payout-account.entity';
import { PaymentMethodEntity } from '../payment-methods/payment-method.entity';
import { PersonEntity } from '../people/person.entity';
import { WalletEntity } from '../wallets/wallet.entity';
import type { OrderDirection, OrderStatus } from './bank-order.domain';

/**
 * An order to the bank from its wish to its end. Its id is its transaction's: a DEBIT is a top-up, and the books know it
 * once it is SETTLED; a CREDIT is a withdrawal, or a merchant's payout, and stands in the books from the beginning.
 */
@Entity('bank_order')
@Check('bank_order_direction', 'direction is known')
@Check('bank_order_amounts', 'only a CREDIT has a fee, only a returned DEBIT is owed')
@Check('bank_order_debt', 'no more of it is collected and written off than was owed')
@Check('bank_order_state', 'each status has what belongs to it, and nothing else')
@Check('bank_order_party', 'it is of a person with a wallet and a payment method, or of a merchant with a payout account')
@Index('bank_order_payout_under_way', ['merchantId', 'currency'], { unique: true, where: `status = 'PENDING' AND "merchantId" IS NOT NULL` })
@Index('bank_order_merchant', ['merchantId', 'createdAt', 'id'], { where: '"merchantId" IS NOT NULL' })
@Index('bank_order_person_id', ['personId', 'createdAt', 'id'])
@Index('bank_order_open_debt', ['personId'], { where: 'owed > (collected + "writtenOff")' })
@Index('bank_order_owed', ['id'], { where: 'owed > 0' })
@Index('bank_order_debt_id', ['id'], { where: 'owed > (collected + "writtenOff")' })
@Index('bank_order_pending', ['lookAt'], { where: `status = 'PENDING'` })
@Index('bank_order_bank_id', ['bankOrderId'], { unique: true, where: '"bankOrderId" IS NOT NULL' })
export class BankOrderEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'bank_order_pkey' })
  id: string;

  @Column('text')
  direction: OrderDirection;

  @ForeignKey(() => PersonEntity, { name: 'bank_order_person' })
  @Column('uuid', { nullable: true })
  personId: string | null;

  @ForeignKey(() => WalletEntity, { name: 'bank_order_wallet' })
  @Column('uuid', { nullable: true })
  walletId: string | null;

  @ForeignKey(() => PaymentMethodEntity, { name: 'bank_order_payment_method' })
  @Column('uuid', { nullable: true })
  paymentMethodId: string | null;

  /** Whose payout it is; null for an order of a person. */
  @Column('uuid', { nullable: true })
  merchantId: string | null;

  @ForeignKey(() => PayoutAccountEntity, { name: 'bank_order_payout_account' })
  @Column('uuid', { nullable: true })
  payoutAccountId: string | null;

  @Column('text')
  currency: CurrencyCode;

  @Column(bigintColumn)
  amount: bigint;

  @Column(bigintColumn)
  fee: bigint;

  @Column('text')
  last4: string;

  @Column('text')
  status: OrderStatus;

  @Column('text', { nullable: true })
  failureReason: BankFailure | 'RETURNED' | null;

  /** The bank's name of the order. */
  @Column('text', { nullable: true })
  bankOrderId: string | null;

  /** What was returned and was not in the wallet any more: the person owes it. */
  @Column(bigintColumn)
  owed: bigint;

  /** What of that was taken from the wallet since, and what two operators wrote off. */
  @Column({ ...bigintColumn, default: 0 })
  collected: bigint;

  @Column({ ...bigintColumn, default: 0 })
  writtenOff: bigint;

  /** How often somebody set out to bring it to its end; 0 means that the bank was never called. */
  @Column('integer')
  attempts: number;

  /** Until then one worker has it, and no other calls the bank for it. */
  @Column('timestamptz')
  leaseUntil: Date;

  /** When somebody looks at it next. */
  @Column('timestamptz')
  lookAt: Date;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  returnedAt: Date | null;
}
