import { PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { BreakStatusEnum } from './break.type';

const REASON = 'Why, for the audit trail: 1 to 500 characters, no personal data.';

@ArgsType()
export class BreaksArgs extends PageArgs {
  @Field(() => BreakStatusEnum, { nullable: true })
  status?: BreakStatusEnum | null;
}

@InputType()
export class AssignBreakInput {
  @Field(() => ID)
  breakId: string;

  @Field(() => String, { description: REASON })
  reason: string;
}

@InputType()
export class NoteBreakInput {
  @Field(() => ID)
  breakId: string;

  @Field(() => String, { description: 'For the audit trail, where it stays: 1 to 500 characters, no personal data.' })
  note: string;
}

@InputType()
export class ResolveBreakInput {
  @Field(() => ID)
  breakId: string;

  @Field(() => String, {
    nullable: true,
    description: 'A booking of the bank by its booking_id, or an order or transaction of ours by its id. Wanted where money is between bank and books.',
  })
  explainedBy?: string | null;

  @Field(() => String, { description: REASON })
  reason: string;
}

@InputType()
export class RequestBreakWriteOffInput {
  @Field(() => ID)
  breakId: string;

  @Field(() => String, { description: REASON })
  reason: string;

  @Field(() => String, { description: 'The same key again is the same request.' })
  idempotencyKey: string;
}
