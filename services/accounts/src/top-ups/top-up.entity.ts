import type { CurrencyCode } from '@tael/money';
import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { ChargeBackReason } from '../charge-backs/charge-back.domain';
import { PaymentMethodEntity } from '../payment-methods/payment-method.entity';
import { PersonEntity } from '../people/person.entity';
import { WalletEntity } from '../wallets/wallet.entity';

export type TopUpStatus = 'PENDING' | 'SETTLED' | 'FAILED';

/**
 * A top-up from its wish to its end. Its id is its transaction's id. The books know it only once it is SETTLED: then
 * there is a ledger_tx row of this id too. A view of transactions takes PENDING and FAILED ones from here, with
 * createdAt as their time and no fee, and SETTLED ones from the books alone.
 */
@Entity('top_up')
@Check('top_up_amount', 'amount > 0')
@Check('top_up_state', 'each status has what belongs to it, and nothing else')
@Check('top_up_return', 'it went back to its card after it was settled, or it did not')
@Check('top_up_debt', 'no more of it is collected and written off than was owed')
@Index('top_up_open_debt', ['personId'], { where: 'owed > (collected + "writtenOff")' })
@Index('top_up_debt_id', ['id'], { where: 'owed > (collected + "writtenOff")' })
@Index('top_up_owed', ['id'], { where: 'owed > 0' })
@Index('top_up_person_id', ['personId', 'createdAt', 'id'])
@Index('top_up_pending', ['leaseUntil'], { where: `status = 'PENDING'` })
@Index('top_up_charge', ['chargeId'], { unique: true, where: '"chargeId" IS NOT NULL' })
export class TopUpEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'top_up_pkey' })
  id: string;

  @ForeignKey(() => PersonEntity, { name: 'top_up_person' })
  @Column('uuid')
  personId: string;

  @ForeignKey(() => WalletEntity, { name: 'top_up_wallet' })
  @Column('uuid')
  walletId: string;

  @ForeignKey(() => PaymentMethodEntity, { name: 'top_up_payment_method' })
  @Column('uuid')
  paymentMethodId: string;

  @Column('text')
  currency: CurrencyCode;

  @Column(bigintColumn)
  amount: bigint;

  @Column('text')
  last4: string;

  @Column('text')
  status: TopUpStatus;

  @Column('text', { nullable: true })
  failureReason: 'CARD_DECLINED' | 'PROCESSOR_ERROR' | null;

  /** The processor's name of the charge. */
  @Column('text', { nullable: true })
  chargeId: string | null;

  /** How often somebody set out to bring it to its end; 0 means that the processor was never called. */
  @Column('integer')
  attempts: number;

  /** Until then one worker has it, and no other calls the processor for it. */
  @Column('timestamptz')
  leaseUntil: Date;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;

  /** When it was booked that the money went back to the card; it stays SETTLED, and is shown as FAILED. */
  @Column('timestamptz', { nullable: true })
  returnedAt: Date | null;

  @Column('text', { nullable: true })
  returnReason: ChargeBackReason | null;

  /** What went back and was not in the wallet any more: the person owes it. */
  @Column({ ...bigintColumn, default: 0 })
  owed: bigint;

  /** What of that was taken from the wallet since, and what was written off. */
  @Column({ ...bigintColumn, default: 0 })
  collected: bigint;

  @Column({ ...bigintColumn, default: 0 })
  writtenOff: bigint;
}
