import { Field, ID, InputType } from 'type-graphql';

@InputType()
export class SetPartnerClientScopesInput {
  @Field(() => ID)
  partnerId: string;

  @Field(() => ID)
  clientId: string;

  @Field(() => [String], { description: 'All that the client may ask tokens for from now on, at least one; as in invitePartner.' })
  scopes: string[];

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, and nothing personal.' })
  reason: string;
}
