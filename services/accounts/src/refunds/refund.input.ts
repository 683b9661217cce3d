import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType()
export class RefundPaymentInput {
  @Field(() => ID)
  transactionId: string;

  @Field(() => MoneyInputType, { nullable: true, description: 'The whole remaining amount where it is left out.' })
  amount?: MoneyInputType | null;

  @Field(() => String, { nullable: true, description: 'At most 140 characters; the payer sees it.' })
  reason?: string | null;

  @Field(() => String)
  idempotencyKey: string;
}
