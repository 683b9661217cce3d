import { CurrencyCodeScalar, DateTime, MoneyInputType, PageArgs } from '@tael/graphql';
import { ArgsType, Field, InputType, Int } from 'type-graphql';
import { FeeKindEnum } from './fee-schedule.type';

@ArgsType()
export class FeeSchedulesArgs extends PageArgs {
  @Field(() => FeeKindEnum, { nullable: true })
  kind?: FeeKindEnum | null;
}

@InputType()
export class SetFeeScheduleInput {
  @Field(() => FeeKindEnum)
  kind: FeeKindEnum;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => Int, { description: 'Its newest version, as it was read: where somebody else was faster nothing is changed.' })
  expectedVersion: number;

  @Field(() => Int, { description: '0 to 1000: at most a tenth of the amount.' })
  rateBasisPoints: number;

  @Field(() => MoneyInputType)
  minimum: MoneyInputType;

  @Field(() => MoneyInputType, { description: 'At most twenty times the maximum that the schedule started with.' })
  maximum: MoneyInputType;

  @Field(() => DateTime, {
    nullable: true, description: 'As soon as may be where it is not given: in six minutes, or in an hour where it charges anybody more. At most 366 days ahead.',
  })
  effectiveFrom?: Date | null;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;

  @Field(() => String, {
    nullable: true, description: 'The same key again is the same change: send one, so that a change whose answer was lost can be asked for again. 1 to 255 characters.',
  })
  idempotencyKey?: string | null;
}
