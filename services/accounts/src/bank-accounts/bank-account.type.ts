import { UserErrorType } from '@tael/graphql';
import { Field, ObjectType } from 'type-graphql';
import { PaymentMethodType } from '../payment-methods/payment-method.type';

@ObjectType('AddBankAccountPayload')
export class AddBankAccountPayload {
  @Field(() => PaymentMethodType, { nullable: true, description: 'PENDING_VERIFICATION until confirmBankAccount, where the bank asks for it.' })
  paymentMethod?: PaymentMethodType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('ConfirmBankAccountPayload')
export class ConfirmBankAccountPayload {
  @Field(() => PaymentMethodType, { nullable: true })
  paymentMethod?: PaymentMethodType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
