import { connectionTypes, CurrencyCodeScalar, DateTime, MoneyType, UserErrorType } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum LimitKindEnum {
  PAYMENT = 'PAYMENT',
  TRANSFER = 'TRANSFER',
  TOP_UP = 'TOP_UP',
  WITHDRAWAL = 'WITHDRAWAL',
  CASHIER_REFUND = 'CASHIER_REFUND',
  CASHIER_REFUND_DAY = 'CASHIER_REFUND_DAY',
  MERCHANT_OWING = 'MERCHANT_OWING',
  STEP_UP = 'STEP_UP',
}

export enum LimitMeasureEnum {
  AMOUNT = 'AMOUNT',
  COUNT = 'COUNT',
}

export enum LimitWindowEnum {
  TRANSACTION = 'TRANSACTION',
  DAY = 'DAY',
}

registerEnumType(LimitKindEnum, {
  name: 'LimitKind',
  description:
    'What a limit is for. CASHIER_REFUND: what a merchant\'s cashiers give back of one payment, all of them together. CASHIER_REFUND_DAY: what a cashier gives back in a day, of all ' +
    'payments together. MERCHANT_OWING: what a merchant may owe after its people gave something back. STEP_UP: above it a second factor is asked for.',
});
registerEnumType(LimitMeasureEnum, { name: 'LimitMeasure', description: 'AMOUNT: money. COUNT: how often.' });
registerEnumType(LimitWindowEnum, { name: 'LimitWindow', description: 'DAY: of a person, a day of UTC.' });

@ObjectType('LimitVersion', { description: 'What a limit is from an instant on.' })
export class LimitVersionType {
  @Field(() => Int)
  version: number;

  @Field(() => MoneyType, { nullable: true, description: 'Null where the limit is a count.' })
  amount: MoneyType | null;

  @Field(() => Int, { nullable: true, description: 'Null where the limit is an amount.' })
  count: number | null;

  @Field(() => DateTime)
  effectiveFrom: Date;

  @Field(() => DateTime)
  enteredAt: Date;

  @Field(() => ID, { nullable: true, description: 'The operator, of a raise the one who approved it; null where it came with Tael.' })
  enteredBy: string | null;
}

@ObjectType('Limit', { description: 'A bound on what one person may move. For operators.' })
export class LimitType {
  @Field(() => ID, { description: 'Its name, for example day-amount-USD.' })
  id: string;

  @Field(() => [LimitKindEnum])
  kinds: readonly string[];

  @Field(() => LimitMeasureEnum)
  measure: string;

  @Field(() => LimitWindowEnum)
  window: string;

  @Field(() => CurrencyCodeScalar, { nullable: true, description: 'Null: over all currencies.' })
  currency: string | null;

  @Field(() => LimitVersionType, { description: 'The version in force.' })
  current: LimitVersionType;

  @Field(() => Int, { description: 'The newest version, in force or not: a change names it.' })
  newestVersion: number;

  @Field(() => [LimitVersionType], { description: 'The newest 100 versions, the newest first. Of those that have begun the highest holds.' })
  versions: LimitVersionType[];
}

export const { Connection: LimitConnection } = connectionTypes<LimitType>('Limit', () => LimitType);

@ObjectType('SetLimitPayload')
export class SetLimitPayload {
  @Field(() => LimitType, { nullable: true })
  limit?: LimitType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
