import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType()
export class PayMerchantInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => ID)
  merchantId: string;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;

  @Field(() => String, { nullable: true, description: 'At most 140 characters, for your own statement.' })
  description?: string | null;

  @Field(() => String)
  idempotencyKey: string;
}
