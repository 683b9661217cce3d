import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType('TopUpInput')
export class TopUpInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => ID)
  paymentMethodId: string;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;

  @Field(() => String, { description: 'Yours, 1 to 255 characters: the same key again is the same wish, and gives the same answer.' })
  idempotencyKey: string;
}
