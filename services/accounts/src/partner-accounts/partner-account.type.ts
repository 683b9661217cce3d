import { connectionTypes, CurrencyCodeScalar, ForPartners, MoneyType } from '@tael/graphql';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { PartnerAccount, PartnerStatement } from './partner-account.domain';

@ObjectType('PartnerAccount', { description: 'An account of the bank that asks, as its histories left it.' })
@ForPartners()
export class PartnerAccountType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  number: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => MoneyType)
  balance: MoneyType;

  @Field(() => MoneyType, { description: 'How far below zero it may go.' })
  overdraft: MoneyType;

  @Field(() => String, { description: 'The day of its first booking: 1993-01-31.' })
  firstBookedOn: string;

  @Field(() => String)
  lastBookedOn: string;

  /** What its statements are read of. */
  account: PartnerAccount;
}

@ObjectType('PartnerStatementEntry')
@ForPartners()
export class PartnerStatementEntryType {
  @Field(() => ID)
  id: string;

  @Field(() => String, { description: 'The day that the bank booked on.' })
  bookedOn: string;

  @Field(() => MoneyType, { description: 'Negative for a debit.' })
  amount: MoneyType;

  @Field(() => MoneyType)
  balanceAfter: MoneyType;

  @Field(() => String)
  operation: string;

  @Field(() => String)
  purpose: string;

  @Field(() => String)
  counterpartyBank: string;

  @Field(() => String)
  counterpartyAccount: string;

  @Field(() => String)
  bankReference: string;
}

@ObjectType('PartnerStatement', { description: 'A month of an account. openingBalance + credits - debits = closingBalance, and the next month opens where it closes.' })
@ForPartners()
export class PartnerStatementType {
  @Field(() => String)
  month: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => Boolean, { description: 'A later month has bookings: nothing is added to this one any more.' })
  isFinal: boolean;

  @Field(() => MoneyType)
  openingBalance: MoneyType;

  @Field(() => MoneyType)
  closingBalance: MoneyType;

  @Field(() => MoneyType)
  credits: MoneyType;

  @Field(() => MoneyType)
  debits: MoneyType;

  @Field(() => Int)
  entryCount: number;

  /** What the fields below are read of. */
  summary: PartnerStatement;
}

const accounts = connectionTypes<PartnerAccountType>('PartnerAccount', () => PartnerAccountType);
const statements = connectionTypes<PartnerStatementType>('PartnerStatement', () => PartnerStatementType);
const entries = connectionTypes<PartnerStatementEntryType>('PartnerStatementEntry', () => PartnerStatementEntryType);
export const PartnerAccountConnection = accounts.Connection;
export const PartnerStatementConnection = statements.Connection;
export const PartnerStatementEntryConnection = entries.Connection;
for (const { Connection, Edge } of [accounts, statements, entries]) for (const type of [Connection, Edge]) ForPartners()(type);
