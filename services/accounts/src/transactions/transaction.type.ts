import { connectionTypes, DateTime, MoneyType } from '@tael/graphql';
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { TransactionDirection, TransactionStatus } from './transaction.domain';

export enum TransactionKindEnum {
  TOP_UP = 'TOP_UP',
  PAYMENT = 'PAYMENT',
  TRANSFER = 'TRANSFER',
  WITHDRAWAL = 'WITHDRAWAL',
  REFUND = 'REFUND',
  CASHBACK = 'CASHBACK',
  FEE_REBATE = 'FEE_REBATE',
  REFERRAL_REWARD = 'REFERRAL_REWARD',
  REWARD_REVERSAL = 'REWARD_REVERSAL',
  ADJUSTMENT_CREDIT = 'ADJUSTMENT_CREDIT',
  ADJUSTMENT_DEBIT = 'ADJUSTMENT_DEBIT',
}

enum TransactionStatusEnum {
  PENDING = 'PENDING',
  SETTLED = 'SETTLED',
  FAILED = 'FAILED',
  PARTIALLY_REFUNDED = 'PARTIALLY_REFUNDED',
  REFUNDED = 'REFUNDED',
}

enum TransactionFailureReasonEnum {
  CARD_DECLINED = 'CARD_DECLINED',
  PROCESSOR_ERROR = 'PROCESSOR_ERROR',
  BANK_REFUSED = 'BANK_REFUSED',
  ACCOUNT_CLOSED = 'ACCOUNT_CLOSED',
  CANCELLED = 'CANCELLED',
  RETURNED = 'RETURNED',
}

enum TransactionDirectionEnum {
  IN = 'IN',
  OUT = 'OUT',
}

registerEnumType(TransactionKindEnum, { name: 'TransactionKind' });
registerEnumType(TransactionStatusEnum, { name: 'TransactionStatus' });
registerEnumType(TransactionFailureReasonEnum, { name: 'TransactionFailureReason' });
registerEnumType(TransactionDirectionEnum, { name: 'TransactionDirection' });

/** A merchant, as far as accounts names it and settles with it: all the rest is the merchants subgraph's. */
@ObjectType('Merchant')
@Directive('@key(fields: "id")')
export class MerchantStub {
  @Field(() => ID)
  id: string;
}

@ObjectType('Counterparty')
export class CounterpartyType {
  @Field(() => String)
  displayName: string;
}

@ObjectType('Transaction')
@Directive('@key(fields: "id")')
export class TransactionType {
  @Field(() => ID)
  id: string;

  @Field(() => TransactionKindEnum)
  kind: string;

  @Field(() => TransactionStatusEnum)
  status: TransactionStatus;

  @Field(() => TransactionFailureReasonEnum, { nullable: true, description: 'Why it is FAILED.' })
  failureReason: string | null;

  @Field(() => TransactionDirectionEnum, { description: 'Seen from the viewer\'s wallet.' })
  direction: TransactionDirection;

  @Field(() => MoneyType)
  amount: MoneyType;

  @Field(() => MoneyType, { description: 'Charged on top of `amount`; zero where it was waived.' })
  fee: MoneyType;

  @Field(() => MoneyType, {
    nullable: true, description: 'The viewer\'s wallet\'s posted balance right after this transaction.',
  })
  balanceAfter: MoneyType | null;

  @Field(() => String, { nullable: true })
  description: string | undefined;

  @Field(() => DateTime)
  createdAt: Date;

  @Field(() => MerchantStub, { nullable: true })
  merchant: MerchantStub | null;

  /** The other person, whose name `counterparty` shows. */
  otherPersonId: string | null;

  @Field(() => ID, { description: 'The person whose wallet it moved; of a transfer the sender.' })
  @Directive('@inaccessible')
  ownerId: string;
}

const types = connectionTypes<TransactionType>('Transaction', () => TransactionType);
export const TransactionConnection = types.Connection;
