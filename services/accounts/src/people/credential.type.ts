import { UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { UserType } from './user.type';

@InputType('ChangePasswordInput')
export class ChangePasswordInput {
  @Field(() => String, { description: 'At most 512 characters; five wrong ones close this for a quarter of an hour.' })
  currentPassword: string;

  @Field(() => String, { description: '8 to 128 characters of any kind, and no password that many have or that names Tael.' })
  newPassword: string;

  @Field(() => ID, {
    nullable: true,
    description: 'An approved step-up for CHANGE_PASSWORD; who has a second factor is refused with STEP_UP_REQUIRED without one.',
  })
  stepUpId?: string | null;
}

@ObjectType('ChangePasswordPayload')
export class ChangePasswordPayload {
  @Field(() => UserType, { nullable: true })
  user?: UserType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
