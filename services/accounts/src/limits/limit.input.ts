import { DateTime, MoneyInputType, PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType, Int } from 'type-graphql';
import { LimitKindEnum } from './limit.type';

@ArgsType()
export class LimitsArgs extends PageArgs {
  @Field(() => LimitKindEnum, { nullable: true })
  kind?: LimitKindEnum | null;
}

@InputType()
export class SetLimitInput {
  @Field(() => ID)
  limitId: string;

  @Field(() => Int, { description: 'Its newest version, as it was read: where somebody else was faster nothing is changed.' })
  expectedVersion: number;

  @Field(() => MoneyInputType, { nullable: true, description: 'For a limit on amounts.' })
  amount?: MoneyInputType | null;

  @Field(() => Int, { nullable: true, description: 'For a limit on a count.' })
  count?: number | null;

  @Field(() => DateTime, { nullable: true, description: 'From 15 seconds to 366 days ahead; in 15 seconds where it is not given.' })
  effectiveFrom?: Date | null;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;

  @Field(() => String, {
    nullable: true, description: 'The same key again is the same change: send one, so that a change whose answer was lost can be asked for again. 1 to 255 characters.',
  })
  idempotencyKey?: string | null;
}

@InputType()
export class RequestLimitRaiseInput {
  @Field(() => ID)
  limitId: string;

  @Field(() => Int, { description: 'Its newest version, as it was read.' })
  expectedVersion: number;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;

  @Field(() => DateTime, { nullable: true, description: 'Where it is not given, or has passed by then: 15 seconds after the approval.' })
  effectiveFrom?: Date | null;

  @Field(() => String, { description: 'Why, for who approves and for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;

  @Field(() => String, { description: 'The same key again is the same request.' })
  idempotencyKey: string;
}
