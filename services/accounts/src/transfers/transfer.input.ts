import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType()
export class SendMoneyInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => String, { description: 'The mail address of somebody with an account, at most 254 characters; capitals do not matter.' })
  recipientEmail: string;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;

  @Field(() => String, { nullable: true, description: 'At most 140 characters; both sides see it.' })
  description?: string | null;

  @Field(() => String, { description: 'Yours, 1 to 255 characters: the same key again is the same wish, and gives the same answer.' })
  idempotencyKey: string;

  @Field(() => ID, {
    nullable: true,
    description: 'An approved step-up for exactly this transfer; without one a large transfer may be refused with STEP_UP_REQUIRED.',
  })
  stepUpId?: string | null;
}
