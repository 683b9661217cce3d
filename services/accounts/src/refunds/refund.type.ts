import { UserErrorType } from '@tael/graphql';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { TransactionType } from '../transactions/transaction.type';

/** As the merchants subgraph has it, word for word: the graph has one of it. */
enum MerchantRoleEnum {
  OWNER = 'OWNER',
  MANAGER = 'MANAGER',
  CASHIER = 'CASHIER',
}

registerEnumType(MerchantRoleEnum, { name: 'MerchantRole' });

@ObjectType('RefundedBy', { description: 'Who of a merchant\'s people gave a payment back.' })
export class RefundedByType {
  @Field(() => ID)
  personId: string;

  @Field(() => String)
  displayName: string;

  @Field(() => MerchantRoleEnum, { description: 'What they were there when they did it.' })
  role: string;
}

@ObjectType()
export class RefundPaymentPayload {
  @Field(() => TransactionType, { nullable: true, description: 'The refund.' })
  transaction?: TransactionType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
