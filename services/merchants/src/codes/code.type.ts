import { MoneyInputType, MoneyType, UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType('PaymentCode', { description: 'A code that is good for one payment.' })
export class PaymentCodeType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  storeId: string;

  @Field(() => String, { description: 'The text of the QR code: EMV QRCPS, merchant-presented, dynamic.' })
  payload: string;

  @Field(() => MoneyType)
  amount: MoneyType;

  @Field(() => String, { nullable: true })
  reference?: string | undefined;

  @Field(() => Date)
  expiresAt: Date;
}

@ObjectType()
export class CreatePaymentCodePayload {
  @Field(() => PaymentCodeType, { nullable: true })
  paymentCode?: PaymentCodeType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType()
export class CreatePaymentCodeInput {
  @Field(() => ID)
  storeId: string;

  @Field(() => MoneyInputType, { description: 'In the merchant\'s currency.' })
  amount: MoneyInputType;

  @Field(() => String, { nullable: true, description: 'Stands in the code: 1 to 25 printable characters of ASCII, such as a bill\'s number.' })
  reference?: string | null;

  @Field(() => Int, { nullable: true, description: '60 to 86,400; 900 where it is left out.' })
  expiresInSeconds?: number | null;
}
