import { DateTime, UserErrorType } from '@tael/graphql';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';

export enum PayoutAccountStatusEnum {
  PENDING_VERIFICATION = 'PENDING_VERIFICATION',
  ACTIVE = 'ACTIVE',
  REJECTED = 'REJECTED',
  HELD = 'HELD',
}

registerEnumType(PayoutAccountStatusEnum, {
  name: 'PayoutAccountStatus',
  description:
    'PENDING_VERIFICATION: its two small deposits are not named yet. REJECTED: they were named wrongly too often. HELD: a payout failed or came back, ' +
    'and nothing is paid until an owner sets an account again or lets payouts go on to this one.',
});

@ObjectType('PayoutAccount', { description: 'The bank account that a merchant is paid to. Its number is never readable again.' })
export class PayoutAccountType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  bankName: string;

  @Field(() => String)
  last4: string;

  @Field(() => PayoutAccountStatusEnum)
  status: keyof typeof PayoutAccountStatusEnum;

  @Field(() => DateTime, { description: 'Nothing is paid to it before: an account that takes another\'s place, or is set within a day of a change of the owners, waits a day.' })
  usableFrom: Date;

  @Field(() => DateTime)
  createdAt: Date;
}

@ObjectType('SetPayoutAccountPayload')
export class SetPayoutAccountPayload {
  @Field(() => PayoutAccountType, { nullable: true })
  payoutAccount?: PayoutAccountType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('ResumePayoutsPayload')
export class ResumePayoutsPayload {
  @Field(() => PayoutAccountType, { nullable: true })
  payoutAccount?: PayoutAccountType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('ConfirmPayoutAccountPayload')
export class ConfirmPayoutAccountPayload {
  @Field(() => PayoutAccountType, { nullable: true })
  payoutAccount?: PayoutAccountType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
