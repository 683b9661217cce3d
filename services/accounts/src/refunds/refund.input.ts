import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType()
export class RefundPaymentInput {
  @Field(() => ID)
  transactionId: string;

  @Field(() => MoneyInputType, { nullable: true, description: 'The whole remaining amount where it is left out.' })
  amount?: MoneyInputType | null;

  @Field(() => String, { nullable: true, description: 'At most 140 characters; the payer sees it, and where an operator gives back it stands in the trail of the merchant, for good.' })
  reason?: string | null;

  @Field(() => String, { description: 'Yours, 1 to 255 characters: the same key again is the same wish, and gives the same answer.' })
  idempotencyKey: string;
}
