import { UserErrorType } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum PaymentMethodKind {
  CARD = 'CARD',
  BANK_ACCOUNT = 'BANK_ACCOUNT',
}

registerEnumType(PaymentMethodKind, { name: 'PaymentMethodKind' });

@ObjectType('PaymentMethod')
export class PaymentMethodType {
  @Field(() => ID)
  id: string;

  @Field(() => PaymentMethodKind)
  kind: PaymentMethodKind;

  @Field(() => String, { description: 'Card scheme or bank name.' })
  brand: string;

  @Field(() => String)
  last4: string;

  @Field(() => Int, { nullable: true })
  expiryMonth: number | null;

  @Field(() => Int, { nullable: true })
  expiryYear: number | null;

  @Field(() => Boolean)
  isDefault: boolean;
}

@ObjectType('AddCardPayload')
export class AddCardPayload {
  @Field(() => PaymentMethodType, { nullable: true })
  paymentMethod?: PaymentMethodType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
