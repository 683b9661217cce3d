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

  @Field(() => String)
  idempotencyKey: string;
}
