import { UserErrorType } from '@tael/graphql';
import { Field, ObjectType } from 'type-graphql';
import { TransactionType } from '../transactions/transaction.type';

@ObjectType()
export class RefundPaymentPayload {
  @Field(() => TransactionType, { nullable: true, description: 'The refund.' })
  transaction?: TransactionType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
