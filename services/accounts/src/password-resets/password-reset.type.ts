import { DateTime, UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';

@InputType('RequestPasswordResetInput')
export class RequestPasswordResetInput {
  @Field(() => String, { description: 'That of the account, at most 512 characters.' })
  email: string;
}

@ObjectType('PasswordResetRequest', { description: 'Says nothing of whether somebody has the mail address: there is one for each that is asked for.' })
export class PasswordResetRequestType {
  @Field(() => ID, { description: 'For resetPassword, together with the code from the mail.' })
  id: string;

  @Field(() => DateTime)
  expiresAt: Date;
}

@ObjectType('RequestPasswordResetPayload')
export class RequestPasswordResetPayload {
  @Field(() => PasswordResetRequestType, { nullable: true })
  request?: PasswordResetRequestType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType('ResetPasswordInput')
export class ResetPasswordInput {
  @Field(() => ID, { description: 'The request that requestPasswordReset gave.' })
  requestId: string;

  @Field(() => String, { description: 'The code from the mail; letter case, spaces and hyphens do not matter.' })
  code: string;

  @Field(() => String, { description: '8 to 128 characters of any kind, and no password that many have or that names Tael.' })
  newPassword: string;
}

@ObjectType('ResetPasswordPayload')
export class ResetPasswordPayload {
  @Field(() => [UserErrorType], { description: 'Where there are none, the password is set: sign in with it.' })
  userErrors: UserErrorType[];
}
