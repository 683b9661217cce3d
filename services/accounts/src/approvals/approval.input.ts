import { PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { ApprovalStatusEnum } from './approval.type';

@ArgsType()
export class ApprovalsArgs extends PageArgs {
  @Field(() => ApprovalStatusEnum, { nullable: true })
  status?: ApprovalStatusEnum | null;
}

@InputType()
export class ApproveRequestInput {
  @Field(() => ID)
  approvalId: string;

  @Field(() => String, { description: 'The digest of the request as it was read.' })
  digest: string;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;

  @Field(() => ID, { nullable: true, description: 'A step-up of purpose APPROVE_REQUEST; wanted of who has a second factor.' })
  stepUpId?: string | null;
}

@InputType()
export class RejectRequestInput {
  @Field(() => ID)
  approvalId: string;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}

@InputType()
export class CancelRequestInput {
  @Field(() => ID)
  approvalId: string;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}
