import { UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';

@InputType('SignCustomerOutInput')
export class SignCustomerOutInput {
  @Field(() => ID, { description: 'Any wallet of the person.' })
  walletId: string;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data. The person does not see it.' })
  reason: string;
}

@ObjectType('SignCustomerOutPayload')
export class SignCustomerOutPayload {
  @Field(() => Int, { nullable: true, description: 'How many sessions have ended.' })
  endedCount?: number | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
