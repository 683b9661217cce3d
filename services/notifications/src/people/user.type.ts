import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** A person, of accounts; notifications adds the inbox and the preferences. */
@ObjectType('User')
@Directive('@key(fields: "id")')
export class UserType {
  @Field(() => ID)
  id: string;
}
