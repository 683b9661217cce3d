import { DateTime, MoneyType, UserErrorType } from '@tael/graphql';
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';

@ObjectType('PaymentQuote')
@Directive('@key(fields: "id")')
export class PaymentQuoteType {
  @Field(() => ID, { description: 'Opaque; only the person who asked can do anything with it.' })
  id: string;

  @Field(() => MoneyType)
  amount: MoneyType;

  @Field(() => MoneyType, { description: 'What would be charged on top, after waivers.' })
  fee: MoneyType;

  @Field(() => MoneyType, { description: 'What would be charged without any waiver.' })
  feeBeforeWaiver: MoneyType;

  @Field(() => MoneyType)
  total: MoneyType;

  @Field(() => DateTime)
  validUntil: Date;

  @Field(() => ID)
  @Directive('@inaccessible')
  walletId: string;

  @Field(() => ID)
  @Directive('@inaccessible')
  merchantId: string;

  @Field(() => String)
  @Directive('@inaccessible')
  merchantCategoryCode: string;

  @Field(() => Int, { description: '1 where it would be the person\'s first payment ever.' })
  @Directive('@inaccessible')
  paymentOrdinal: number;
}

@ObjectType()
export class PaymentQuotePayload {
  @Field(() => PaymentQuoteType, { nullable: true })
  quote?: PaymentQuoteType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
