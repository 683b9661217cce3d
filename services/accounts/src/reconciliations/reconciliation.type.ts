import { connectionTypes, CurrencyCodeScalar, DateTime, MoneyType, UserErrorType } from '@tael/graphql';
import type { CurrencyCode } from '@tael/money';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { BookingKind, LineClass, LineReason } from './reconciliation.domain';

export enum ReconciliationClassEnum {
  MATCHED = 'MATCHED',
  IN_TRANSIT = 'IN_TRANSIT',
  MISSING = 'MISSING',
  EXTRA = 'EXTRA',
  DIFFERENT = 'DIFFERENT',
}

export enum BookingKindEnum {
  BOOKED = 'BOOKED',
  RETURNED = 'RETURNED',
}

registerEnumType(ReconciliationClassEnum, {
  name: 'ReconciliationClass',
  description: 'MISSING is ours and not the bank\'s, EXTRA the bank\'s and not ours. IN_TRANSIT is an order under way for less than a day.',
});
registerEnumType(BookingKindEnum, { name: 'BankBookingKind', description: 'An order was carried out, or came back later.' });

@ObjectType('ReconciliationLine')
export class ReconciliationLineType {
  @Field(() => ReconciliationClassEnum)
  class: LineClass;

  @Field(() => String, { nullable: true, description: 'Why: AMOUNT, DIRECTION, DATE or NOT_BOOKED of a DIFFERENT one, DUPLICATE or UNKNOWN_REFERENCE of an EXTRA one.' })
  reason: LineReason | null;

  @Field(() => String, { description: 'What the bank and we call the order.' })
  reference: string;

  @Field(() => BookingKindEnum)
  kind: BookingKind;

  @Field(() => String, { nullable: true, description: 'The bank\'s name of its booking.' })
  bookingId: string | null;

  @Field(() => MoneyType, { nullable: true, description: 'What came in is positive.' })
  bankAmount: MoneyType | null;

  @Field(() => String, { nullable: true })
  bankBookedOn: string | null;

  @Field(() => MoneyType, { nullable: true })
  ownAmount: MoneyType | null;

  @Field(() => String, { nullable: true })
  ownBookedOn: string | null;
}

export const { Connection: ReconciliationLineConnection } = connectionTypes<ReconciliationLineType>('ReconciliationLine', () => ReconciliationLineType);

@ObjectType('ReconciliationTotal', { description: 'What the lines of a class come to.' })
export class ReconciliationTotalType {
  @Field(() => ReconciliationClassEnum)
  class: LineClass;

  @Field(() => Int)
  count: number;

  @Field(() => MoneyType)
  bankAmount: MoneyType;

  @Field(() => MoneyType, { description: 'What of them stands in the books.' })
  booksAmount: MoneyType;
}

@ObjectType('Reconciliation', { description: 'A bank\'s file of Tael\'s own account, held against the books. For operators.' })
export class ReconciliationType {
  @Field(() => ID)
  id: string;

  @Field(() => CurrencyCodeScalar)
  currency: CurrencyCode;

  @Field(() => String)
  from: string;

  @Field(() => String)
  to: string;

  @Field(() => String, { description: 'SHA-256 of the file with its period and balances: the same again is the same comparison.' })
  digest: string;

  @Field(() => MoneyType)
  bankOpening: MoneyType;

  @Field(() => MoneyType)
  bankClosing: MoneyType;

  @Field(() => MoneyType, { description: 'What the books said of the account as the period began, at the time of the comparison.' })
  booksOpening: MoneyType;

  @Field(() => MoneyType)
  booksClosing: MoneyType;

  @Field(() => ID)
  uploadedBy: string;

  @Field(() => DateTime)
  createdAt: Date;
}

export const { Connection: ReconciliationConnection } = connectionTypes<ReconciliationType>('Reconciliation', () => ReconciliationType);

@ObjectType('ReconciliationPayload')
export class ReconciliationPayload {
  @Field(() => ReconciliationType, { nullable: true })
  reconciliation?: ReconciliationType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
