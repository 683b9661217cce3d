import { connectionTypes, CurrencyCodeScalar, DateTime, MoneyType, UserErrorType } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum FeeKindEnum {
  PAYMENT = 'PAYMENT',
  WITHDRAWAL = 'WITHDRAWAL',
}

registerEnumType(FeeKindEnum, { name: 'FeeKind', description: 'What is charged for.' });

@ObjectType('FeeScheduleVersion', { description: 'What is charged from an instant on: a part of the amount, between a minimum and a maximum.' })
export class FeeScheduleVersionType {
  @Field(() => Int)
  rateBasisPoints: number;

  @Field(() => MoneyType)
  minimum: MoneyType;

  @Field(() => MoneyType)
  maximum: MoneyType;

  @Field(() => DateTime)
  effectiveFrom: Date;

  @Field(() => DateTime)
  enteredAt: Date;

  @Field(() => ID, { nullable: true, description: 'The operator; null where it came with Tael.' })
  enteredBy: string | null;
}

@ObjectType('FeeSchedule', { description: 'What people are charged for a kind of movement in a currency. For operators.' })
export class FeeScheduleType {
  @Field(() => ID, { description: 'Its name, for example PAYMENT-USD.' })
  id: string;

  @Field(() => FeeKindEnum)
  kind: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => FeeScheduleVersionType, { description: 'The version in force.' })
  current: FeeScheduleVersionType;

  @Field(() => Int, { description: 'How many versions were entered: a change names it.' })
  newestVersion: number;

  @Field(() => [FeeScheduleVersionType], { description: 'The newest 100 versions, the one entered last first. Of those that have begun it holds.' })
  versions: FeeScheduleVersionType[];
}

export const { Connection: FeeScheduleConnection } = connectionTypes<FeeScheduleType>('FeeSchedule', () => FeeScheduleType);

@ObjectType('SetFeeSchedulePayload')
export class SetFeeSchedulePayload {
  @Field(() => FeeScheduleType, { nullable: true })
  schedule?: FeeScheduleType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
