import { DateTime, UserErrorType } from '@tael/graphql';
import { Field, InputType, ObjectType } from 'type-graphql';
import { SecondFactorType } from '../second-factor/second-factor.type';

@InputType('RequestSecondFactorRemovalInput')
export class RequestSecondFactorRemovalInput {
  @Field(() => String, { description: 'The challenge that signIn gave for the right password.' })
  challengeToken: string;
}

@ObjectType('RequestSecondFactorRemovalPayload')
export class RequestSecondFactorRemovalPayload {
  @Field(() => DateTime, { nullable: true, description: 'When the factor goes, where that has been confirmed already; no mail is sent then.' })
  removesAt?: Date | null | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType('ConfirmSecondFactorRemovalInput')
export class ConfirmSecondFactorRemovalInput {
  @Field(() => String, { description: 'The challenge of the sign-in; that of a later one will do.' })
  challengeToken: string;

  @Field(() => String, { description: 'The code from the mail; letter case, spaces and hyphens do not matter.' })
  code: string;
}

@ObjectType('ConfirmSecondFactorRemovalPayload')
export class ConfirmSecondFactorRemovalPayload {
  @Field(() => DateTime, { nullable: true, description: 'When the factor goes: from then on the password alone signs in.' })
  removesAt?: Date | null | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('KeepSecondFactorPayload')
export class KeepSecondFactorPayload {
  @Field(() => SecondFactorType, { nullable: true })
  secondFactor?: SecondFactorType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
