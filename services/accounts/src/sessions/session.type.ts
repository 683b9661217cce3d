import { DateTime, UserErrorType } from '@tael/graphql';
import { Field, ObjectType } from 'type-graphql';
import { UserType } from '../people/user.type';

@ObjectType('Session')
export class SessionType {
  @Field(() => String, { description: 'JWT, for the header `Authorization: Bearer ...`.' })
  accessToken: string;

  @Field(() => String, { description: 'Works once, in refreshSession.' })
  refreshToken: string;

  @Field(() => DateTime, { description: 'When the access token ends.' })
  expiresAt: Date;
}

@ObjectType('SignUpPayload')
export class SignUpPayload {
  @Field(() => UserType, { nullable: true })
  user?: UserType | undefined;

  @Field(() => SessionType, { nullable: true })
  session?: SessionType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('SignInChallenge', { description: 'The password was right; completeSignIn wants a code of the second factor.' })
export class SignInChallengeType {
  @Field(() => String, { description: 'For completeSignIn, until it expires.' })
  token: string;

  @Field(() => DateTime)
  expiresAt: Date;
}

@ObjectType('CompleteSignInPayload')
export class CompleteSignInPayload {
  @Field(() => UserType, { nullable: true })
  user?: UserType | undefined;

  @Field(() => SessionType, { nullable: true })
  session?: SessionType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('SignInPayload')
export class SignInPayload {
  @Field(() => UserType, { nullable: true })
  user?: UserType | undefined;

  @Field(() => SessionType, { nullable: true })
  session?: SessionType | undefined;

  @Field(() => SignInChallengeType, {
    nullable: true,
    description: 'In place of user and session where the person has a second factor.',
  })
  challenge?: SignInChallengeType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('RefreshSessionPayload')
export class RefreshSessionPayload {
  @Field(() => SessionType, { nullable: true })
  session?: SessionType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
