import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType('WithdrawInput')
export class WithdrawInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => ID, { description: 'A bank account that is ACTIVE.' })
  paymentMethodId: string;

  @Field(() => MoneyInputType, { description: 'What arrives on the account; the fee is charged on top.' })
  amount: MoneyInputType;

  @Field(() => String, { description: 'Yours, 1 to 255 characters: the same key again is the same wish, and gives the same answer.' })
  idempotencyKey: string;

  @Field(() => ID, {
    nullable: true,
    description: 'An approved step-up for exactly this withdrawal; without one a large one may be refused with STEP_UP_REQUIRED.',
  })
  stepUpId?: string | null;
}
