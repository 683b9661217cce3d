import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType()
export class SendMoneyInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => String)
  recipientEmail: string;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;

  @Field(() => String, { nullable: true, description: 'At most 140 characters; both sides see it.' })
  description?: string | null;

  @Field(() => String)
  idempotencyKey: string;

  @Field(() => ID, {
    nullable: true,
    description: 'An approved step-up for exactly this transfer; without one a large transfer may be refused with STEP_UP_REQUIRED.',
  })
  stepUpId?: string | null;
}
