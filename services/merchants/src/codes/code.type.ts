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

@ObjectType('PromotionKit', { description: 'The code of a store, to hang up.' })
export class PromotionKitType {
  @Field(() => String, { description: 'The text of the code.' })
  payload: string;

  @Field(() => String, { description: 'The code as SVG, with the merchant\'s name below it.' })
  svg: string;

  @Field(() => String, { description: 'The code as PNG with the merchant\'s name below it, 1024 pixels wide and a little higher, in base64.' })
  png: string;

  @Field(() => String, { description: 'A page of A5 with the code, the merchant\'s name and the store\'s, in base64.' })
  pdf: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The merchant\'s name as PNG and PDF show it, in the order of reading: in letters of Europe, the Caucasus, Ethiopia and most of Asia. A word in others is left out, ' +
      'an emoji by itself, and the line where nothing is left; the SVG then holds the whole name as text. The code itself carries the name in its own script.',
  })
  printedName?: string | undefined;
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
