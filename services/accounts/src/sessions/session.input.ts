import { Field, InputType } from 'type-graphql';

@InputType('SignInInput')
export class SignInInput {
  @Field(() => String, { description: 'That of the account, at most 512 characters; capitals do not matter.' })
  email: string;

  @Field(() => String, { description: 'At most 512 characters.' })
  password: string;
}

@InputType('CompleteSignInInput')
export class CompleteSignInInput {
  @Field(() => String, { description: 'The token of the challenge that signIn gave.' })
  challengeToken: string;

  @Field(() => String, { description: 'A code of the authenticator app, or a recovery code.' })
  code: string;
}

@InputType('RefreshSessionInput')
export class RefreshSessionInput {
  @Field(() => String, { description: 'Of the session, from its last answer: each works once.' })
  refreshToken: string;
}
