import { connectionTypes, CurrencyCodeScalar, DateTime, ForPartners, MoneyType, showToPartners } from '@tael/graphql';
import { Field, ID, ObjectType } from 'type-graphql';
import { TransactionKindEnum } from '../transactions/transaction.type';

// The enum is shared with people's own transactions: its words are the same.
showToPartners('TransactionKind');

@ObjectType('CustomerTransaction', { description: 'What was booked on a wallet: without names and words of anybody.' })
@ForPartners()
export class CustomerTransactionType {
  @Field(() => ID, { description: 'Of this bank alone: another one is shown another id.' })
  id: string;

  @Field(() => TransactionKindEnum)
  kind: string;

  @Field(() => MoneyType, { description: 'With its fee; negative for what went out.' })
  amount: MoneyType;

  @Field(() => MoneyType)
  balanceAfter: MoneyType;

  @Field(() => DateTime)
  bookedAt: Date;
}

@ObjectType('CustomerWallet')
@ForPartners()
export class CustomerWalletType {
  @Field(() => ID, { description: 'Of this bank alone: another one is shown another id.' })
  id: string;

  @Field(() => ID, { nullable: true, description: 'The `id` of the Wallet where a subgraph of this bank is asked about it. Of this bank alone, too.' })
  reference: string | undefined;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => MoneyType, { description: 'What is booked.' })
  balance: MoneyType;

  @Field(() => MoneyType, { description: 'What can be spent now.' })
  available: MoneyType;

  /** Ours; never shown. */
  walletId: string;
}

@ObjectType('Customer', { description: 'A person who lets the bank that asks see something of theirs, by a consent that stands.' })
@ForPartners()
export class CustomerType {
  @Field(() => ID, { description: 'The `sub` of the token. Of this bank alone: another one is shown another id.' })
  id: string;

  @Field(() => String, { nullable: true, description: 'Who the person is where a subgraph of this bank is asked: its header `tael-subject`. Of this bank alone, too.' })
  subject: string | undefined;

  @Field(() => [String], { description: 'What the person lets the bank see, of what the client may.' })
  scopes: readonly string[];

  @Field(() => DateTime, { description: 'When the consent ends by itself.' })
  consentExpiresAt: Date;
}

const transactions = connectionTypes<CustomerTransactionType>('CustomerTransaction', () => CustomerTransactionType);
export const CustomerTransactionConnection = transactions.Connection;
for (const type of [transactions.Connection, transactions.Edge]) ForPartners()(type);
