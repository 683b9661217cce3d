import { connectionTypes, DateTime, PageArgs, UserErrorType } from '@tael/graphql';
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

enum ConsentsEndCauseEnum {
  BANK_COMPROMISED = 'BANK_COMPROMISED',
  BANK_LEFT = 'BANK_LEFT',
  MISUSE = 'MISUSE',
  OTHER = 'OTHER',
}

enum ConsentOrderStatusEnum {
  RUNNING = 'RUNNING',
  FINISHED = 'FINISHED',
}

registerEnumType(ConsentsEndCauseEnum, {
  name: 'ConsentsEndCause', description: 'Why an operator ends all consents of a bank. BANK_LEFT: people read that the bank has left. For all others they read that it was for safety.',
});
registerEnumType(ConsentOrderStatusEnum, { name: 'ConsentOrderStatus', description: 'RUNNING: no consent of the bank stands, and none can be given; they are ended one by one.' });

@ObjectType('ConsentOrder', { description: 'An order to end all consents of a bank. For operators.' })
export class ConsentOrderType {
  @Field(() => ID)
  id: string;

  @Field(() => ID, { description: 'The bank.' })
  partnerId: string;

  @Field(() => String)
  partnerName: string;

  @Field(() => ConsentsEndCauseEnum)
  cause: string;

  @Field(() => String)
  reason: string;

  @Field(() => ID, { description: 'The operator.' })
  orderedBy: string;

  @Field(() => DateTime, { description: 'From then on no consent of the bank stands.' })
  orderedAt: Date;

  @Field(() => ConsentOrderStatusEnum)
  status: string;

  @Field(() => Int, { description: 'How many consents stood when it was ordered.' })
  total: number;

  @Field(() => Int, { description: 'How many it has ended, each with its entry in the trail and its message. Those that people withdraw meanwhile are not among them.' })
  ended: number;

  @Field(() => Int, { description: 'How many still wait to be ended. None of them is worth anything to the bank meanwhile.' })
  left: number;

  @Field(() => DateTime, { nullable: true, description: 'From then on people can consent anew. Null while it runs.' })
  finishedAt: Date | null;
}

export const { Connection: ConsentOrderConnection } = connectionTypes<ConsentOrderType>('ConsentOrder', () => ConsentOrderType);

@ArgsType()
export class ConsentOrdersArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'Orders about this bank alone.' })
  partnerId?: string | null;
}

@InputType()
export class EndConsentsInput {
  @Field(() => ID)
  partnerId: string;

  @Field(() => ConsentsEndCauseEnum)
  cause: ConsentsEndCauseEnum;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;

  @Field(() => String, { description: 'The same key again is the same order. 1 to 255 characters.' })
  idempotencyKey: string;
}

@ObjectType('EndConsentsPayload')
export class EndConsentsPayload {
  @Field(() => ConsentOrderType, { nullable: true })
  order?: ConsentOrderType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
