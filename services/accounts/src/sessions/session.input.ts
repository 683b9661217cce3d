import { Field, InputType } from 'type-graphql';

@InputType('SignInInput')
export class SignInInput {
  @Field(() => String)
  email: string;

  @Field(() => String)
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
  @Field(() => String)
  refreshToken: string;
}
