import { DateTime, UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType('SecondFactor', { description: 'What a person shows besides the password.' })
export class SecondFactorType {
  @Field(() => Boolean, { description: 'Whether an authenticator app is asked for.' })
  totpEnabled: boolean;

  @Field(() => Int, { description: 'How many recovery codes have not been used.' })
  recoveryCodesLeft: number;

  @Field(() => DateTime, {
    nullable: true, description: 'When it goes, because somebody with your password and your mail said that it is lost. keepSecondFactor stops that.',
  })
  removesAt: Date | null;
}

@InputType('BeginTotpInput')
export class BeginTotpInput {
  @Field(() => String, { description: 'Your password, at most 512 characters; five wrong ones close this for a quarter of an hour.' })
  password: string;
}

@ObjectType('BeginTotpPayload')
export class BeginTotpPayload {
  @Field(() => String, { nullable: true, description: 'Base32, to type into an authenticator app. Shown this once.' })
  secret?: string | undefined;

  @Field(() => String, { nullable: true, description: 'The same as otpauth:// URI, for a QR code.' })
  uri?: string | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType('ConfirmTotpInput')
export class ConfirmTotpInput {
  @Field(() => String, { description: 'A code that the app shows now.' })
  code: string;
}

@ObjectType('ConfirmTotpPayload')
export class ConfirmTotpPayload {
  @Field(() => [String], {
    nullable: true,
    description: 'Codes for whoever has lost the app; each works once. Shown this once.',
  })
  recoveryCodes?: string[] | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType('DisableTotpInput')
export class DisableTotpInput {
  @Field(() => ID, { description: 'An approved step-up for DISABLE_TOTP.' })
  stepUpId: string;
}

@ObjectType('DisableTotpPayload')
export class DisableTotpPayload {
  @Field(() => SecondFactorType, { nullable: true })
  secondFactor?: SecondFactorType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@InputType('RegenerateRecoveryCodesInput')
export class RegenerateRecoveryCodesInput {
  @Field(() => ID, { description: 'An approved step-up for REGENERATE_RECOVERY_CODES.' })
  stepUpId: string;
}

@ObjectType('RegenerateRecoveryCodesPayload')
export class RegenerateRecoveryCodesPayload {
  @Field(() => [String], { nullable: true, description: 'The new codes, shown this once; the old ones work no more.' })
  recoveryCodes?: string[] | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
