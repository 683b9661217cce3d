import { connectionTypes, DateTime, MoneyInputType, MoneyType, PageArgs, UserErrorType } from '@tael/graphql';
import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { type DecidedBy, type Decision, DISPUTE_REASONS, DISPUTE_STATUSES, type DisputeReason, type DisputeStatus } from './dispute.domain';

const named = <Name extends string>(names: readonly Name[]) => Object.fromEntries(names.map((name) => [name, name])) as Record<Name, Name>;

export const DisputeStatusEnum = named(DISPUTE_STATUSES);
export const DisputeReasonEnum = named(DISPUTE_REASONS);
export const DisputeDecisionEnum = named<Decision>(['PERSON', 'MERCHANT']);
export const DisputeDecidedByEnum = named<DecidedBy>(['MERCHANT', 'OPERATOR', 'DEADLINE']);

registerEnumType(DisputeStatusEnum, {
  name: 'DisputeStatus',
  description:
    'OPEN: waits for the merchant\'s answer. CONTESTED: the merchant gave evidence, an operator decides. ACCEPTED: the merchant gave in. ' +
    'DECIDED: by an operator, or because nobody answered in time. WITHDRAWN: by the person.',
});
registerEnumType(DisputeReasonEnum, { name: 'DisputeReason' });
registerEnumType(DisputeDecisionEnum, { name: 'DisputeDecision', description: 'For whom a dispute was decided.' });
registerEnumType(DisputeDecidedByEnum, { name: 'DisputeDecidedBy', description: 'DEADLINE: the merchant did not answer in time.' });

@ObjectType('Dispute', { description: 'A payment that its payer disputes. For the payer, the merchant\'s people and operators.' })
export class DisputeType {
  @Field(() => ID)
  id: string;

  @Field(() => ID, { description: 'The payment.' })
  transactionId: string;

  @Field(() => ID)
  merchantId: string;

  @Field(() => MoneyType, { description: 'What is disputed of the payment.' })
  amount: MoneyType;

  @Field(() => DisputeReasonEnum)
  reason: DisputeReason;

  @Field(() => String, { description: 'What the person says.' })
  description: string;

  @Field(() => DisputeStatusEnum)
  status: DisputeStatus;

  @Field(() => DateTime, { description: 'An answer counts before this instant; without one it is decided for the person.' })
  respondBy: Date;

  @Field(() => String, { nullable: true, description: 'What the merchant says.' })
  evidence: string | null;

  @Field(() => DateTime, { nullable: true })
  answeredAt: Date | null;

  @Field(() => DisputeDecisionEnum, { nullable: true })
  decision: Decision | null;

  @Field(() => DisputeDecidedByEnum, { nullable: true })
  decidedBy: DecidedBy | null;

  @Field(() => String, { nullable: true, description: 'Why the operator decided so.' })
  decisionReason: string | null;

  @Field(() => MoneyType, { description: 'What the person got back by it: what is disputed less what was given back since it was opened, and never more than was left of the payment.' })
  refunded: MoneyType;

  @Field(() => ID, { nullable: true, description: 'The refund, a transaction.' })
  refundId: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it came to its end.' })
  decidedAt: Date | null;

  @Field(() => DateTime)
  createdAt: Date;
}

const types = connectionTypes<DisputeType>('Dispute', () => DisputeType);
export const DisputeConnection = types.Connection;

@ObjectType()
export class DisputePayload {
  @Field(() => DisputeType, { nullable: true })
  dispute?: DisputeType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType()
export class OpenDisputeInput {
  @Field(() => ID)
  transactionId: string;

  @Field(() => DisputeReasonEnum)
  reason: DisputeReason;

  @Field(() => String, { description: '1 to 2,000 characters; the merchant reads it.' })
  description: string;

  @Field(() => MoneyInputType, { nullable: true, description: 'All that was not given back yet where it is left out.' })
  amount?: MoneyInputType | null | undefined;
}

@InputType()
export class DisputeInput {
  @Field(() => ID)
  disputeId: string;
}

@InputType()
export class ContestDisputeInput {
  @Field(() => ID)
  disputeId: string;

  @Field(() => String, { description: '1 to 2,000 characters; the person reads it.' })
  evidence: string;
}

@InputType()
export class DecideDisputeInput {
  @Field(() => ID)
  disputeId: string;

  @Field(() => DisputeDecisionEnum)
  decision: Decision;

  @Field(() => String, { description: '1 to 2,000 characters; both sides read it.' })
  reason: string;
}

@ArgsType()
export class DisputesArgs extends PageArgs {
  @Field(() => DisputeStatusEnum, { nullable: true })
  status?: DisputeStatus | null | undefined;
}
