import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType()
export class PaymentQuoteInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => ID)
  merchantId: string;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;
}
