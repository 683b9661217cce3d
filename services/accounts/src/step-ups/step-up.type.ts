import { DateTime, UserErrorType } from '@tael/graphql';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';

export enum StepUpPurposeEnum {
  PAY_MERCHANT = 'PAY_MERCHANT',
  SEND_MONEY = 'SEND_MONEY',
  WITHDRAW = 'WITHDRAW',
  SET_PAYOUT_ACCOUNT = 'SET_PAYOUT_ACCOUNT',
  RESUME_PAYOUTS = 'RESUME_PAYOUTS',
  APPROVE_REQUEST = 'APPROVE_REQUEST',
  CHANGE_PASSWORD = 'CHANGE_PASSWORD',
  DISABLE_TOTP = 'DISABLE_TOTP',
  REGENERATE_RECOVERY_CODES = 'REGENERATE_RECOVERY_CODES',
}

registerEnumType(StepUpPurposeEnum, { name: 'StepUpPurpose', description: 'What the second factor is asked about.' });

@ObjectType('StepUp', {
  description:
    'The second factor, asked once more about one action. It holds for the session that asked, for this payee and this amount ' +
    'alone, for some minutes and once.',
})
export class StepUpType {
  @Field(() => ID)
  id: string;

  @Field(() => StepUpPurposeEnum)
  purpose: StepUpPurposeEnum;

  @Field(() => DateTime, { description: 'Until when it can be approved and used.' })
  expiresAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'Null until approveStepUp was given a right code.' })
  approvedAt: Date | null;
}

@ObjectType('RequestStepUpPayload')
export class RequestStepUpPayload {
  @Field(() => StepUpType, { nullable: true })
  stepUp?: StepUpType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('ApproveStepUpPayload')
export class ApproveStepUpPayload {
  @Field(() => StepUpType, { nullable: true })
  stepUp?: StepUpType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
