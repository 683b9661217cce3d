import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType('SetPayoutAccountInput')
export class SetPayoutAccountInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => String, { description: 'An IBAN (ISO 13616), with or without spaces.' })
  iban: string;

  @Field(() => String, { description: 'As the bank knows it: 1 to 100 characters.' })
  holderName: string;

  @Field(() => ID, {
    nullable: true, description: 'An approved step-up for exactly this merchant and account; an owner with a second factor needs it.',
  })
  stepUpId?: string | null;

  @Field(() => String, { nullable: true, description: 'The same key again is the same change: it is made once, and answered alike.' })
  idempotencyKey?: string | null;
}

@InputType('ResumePayoutsInput')
export class ResumePayoutsInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => ID, { description: 'The payout that failed or came back, as Merchant.payoutHold names it.' })
  payoutId: string;

  @Field(() => ID, {
    nullable: true, description: 'An approved step-up for exactly this merchant and payout; an owner with a second factor needs it.',
  })
  stepUpId?: string | null;
}

@InputType('ConfirmPayoutAccountInput')
export class ConfirmPayoutAccountInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => [MoneyInputType], { description: 'The two small deposits, in any order.' })
  amounts: MoneyInputType[];
}

@InputType('RequestPayoutByHandInput')
export class RequestPayoutByHandInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;

  @Field(() => String, { description: 'Why, for who approves and for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;

  @Field(() => String, { description: 'The same key again is the same request.' })
  idempotencyKey: string;
}
