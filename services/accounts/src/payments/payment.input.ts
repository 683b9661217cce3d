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

  @Field(() => String, { description: 'Yours, 1 to 255 characters: the same key again is the same wish, and gives the same answer.' })
  idempotencyKey: string;

  @Field(() => ID, {
    nullable: true,
    description: 'An approved step-up for exactly this payment; without one a large payment may be refused with STEP_UP_REQUIRED.',
  })
  stepUpId?: string | null;
}

@InputType()
export class PayByQrInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => String, { description: 'The text of the code, as a reader gives it.' })
  payload: string;

  @Field(() => MoneyInputType, { nullable: true, description: 'Needed where the code has no amount; where it has one, the same or nothing.' })
  amount?: MoneyInputType | null;

  @Field(() => String, { nullable: true, description: 'At most 140 characters, for your own statement.' })
  description?: string | null;

  @Field(() => String, { description: 'Yours, 1 to 255 characters: the same key again is the same wish, and gives the same answer.' })
  idempotencyKey: string;

  @Field(() => ID, { nullable: true, description: 'An approved step-up for exactly this payment, as for payMerchant.' })
  stepUpId?: string | null;
}
