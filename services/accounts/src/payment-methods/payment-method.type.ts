import { UserErrorType } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum PaymentMethodKind {
  CARD = 'CARD',
  BANK_ACCOUNT = 'BANK_ACCOUNT',
}

export enum PaymentMethodStatusEnum {
  PENDING_VERIFICATION = 'PENDING_VERIFICATION',
  ACTIVE = 'ACTIVE',
  REJECTED = 'REJECTED',
}

registerEnumType(PaymentMethodStatusEnum, { name: 'PaymentMethodStatus' });
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

  @Field(() => PaymentMethodStatusEnum, { description: 'Money moves only through one that is ACTIVE.' })
  status: PaymentMethodStatusEnum;
}

@ObjectType('AddCardPayload')
export class AddCardPayload {
  @Field(() => PaymentMethodType, { nullable: true })
  paymentMethod?: PaymentMethodType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
