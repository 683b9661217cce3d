import { connectionTypes, CurrencyCodeScalar, DateTime, ForPartners, MoneyType, showToPartners } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { TransactionKindEnum } from '../transactions/transaction.type';
import type { StatementSummary } from './statement.domain';

export enum StatementFormatEnum {
  CSV = 'CSV',
  CAMT_053 = 'CAMT_053',
}

registerEnumType(StatementFormatEnum, {
  name: 'StatementFormat', description: 'CSV as in RFC 4180; CAMT_053 is camt.053.001.08 of ISO 20022, an XML that bookkeeping programs read.',
});

@ObjectType('StatementEntry', { description: 'What one transaction moved in the wallet, fee included.' })
export class StatementEntryType {
  @Field(() => ID, { description: 'The transaction: `transaction(id:)` tells more of it.' })
  transactionId: string;

  @Field(() => TransactionKindEnum)
  kind: string;

  @Field(() => MoneyType, { description: 'Negative for what went out.' })
  amount: MoneyType;

  @Field(() => MoneyType, { description: 'Contained in `amount`.' })
  fee: MoneyType;

  @Field(() => MoneyType)
  balanceAfter: MoneyType;

  @Field(() => DateTime)
  bookedAt: Date;

  @Field(() => String, { nullable: true, description: 'The other person, for a transfer.' })
  counterparty: string | undefined;

  @Field(() => String, { nullable: true })
  description: string | undefined;
}

showToPartners('StatementFormat');

@ObjectType('StatementDocument')
@ForPartners()
export class StatementDocumentType {
  @Field(() => String)
  fileName: string;

  @Field(() => String)
  mediaType: string;

  @Field(() => String, { description: 'The file, as text.' })
  content: string;
}

@ObjectType('Statement', {
  description: 'A calendar month (UTC) of a wallet. openingBalance + credits - debits = closingBalance, and each entry\'s balance follows from the one before.',
})
export class StatementType {
  @Field(() => String, { description: 'For example 2026-11.' })
  month: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => DateTime)
  from: Date;

  @Field(() => DateTime, { description: 'The first instant that is not in it.' })
  to: Date;

  @Field(() => Boolean, { description: 'The month is over: nothing is added any more.' })
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

  /** What the fields below are read from. */
  summary: StatementSummary;
}

export const StatementConnection = connectionTypes<StatementType>('Statement', () => StatementType).Connection;
export const StatementEntryConnection = connectionTypes<StatementEntryType>('StatementEntry', () => StatementEntryType).Connection;
