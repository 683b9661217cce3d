import { DateTime } from '@tael/graphql';
import { Directive, Field, ID, ObjectType } from 'type-graphql';

@ObjectType('User', { description: 'A person. Everybody sees only themselves.' })
@Directive('@key(fields: "id")')
export class UserType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  displayName: string;

  @Field(() => String)
  email: string;

  @Field(() => String)
  locale: string;

  @Field(() => String)
  timeZone: string;

  @Field(() => DateTime)
  createdAt: Date;

  /** For rewards alone, which shows it as Rewards.referralCode. */
  @Field(() => String)
  @Directive('@inaccessible')
  referralCode: string;
}
