import { CurrencyCodeScalar } from '@tael/graphql';
import { Field, InputType } from 'type-graphql';

@InputType('AcquisitionInput')
export class AcquisitionInput {
  @Field(() => String, { description: 'Where the person came from: a letter or digit, then up to 63 letters, digits, spaces and . _ : / -' })
  channel: string;

  @Field(() => String, { nullable: true, description: 'As channel.' })
  campaign?: string | null;
}

@InputType('SignUpInput')
export class SignUpInput {
  @Field(() => String, { description: 'A mail address of at most 254 characters; capitals do not matter.' })
  email: string;

  @Field(() => String, { description: '8 to 128 characters of any kind, and no password that many have or that names Tael.' })
  password: string;

  @Field(() => String, { description: '1 to 80 characters, without control characters and marks that turn the direction of text.' })
  displayName: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => String, { nullable: true, defaultValue: 'en', description: 'BCP 47, e.g. zh-CN.' })
  locale?: string | null;

  @Field(() => String, { nullable: true, defaultValue: 'UTC', description: 'IANA zone, e.g. Asia/Shanghai.' })
  timeZone?: string | null;

  @Field(() => String, { nullable: true, description: "Another person's referral code. An unknown code is refused." })
  referralCode?: string | null;

  @Field(() => AcquisitionInput, { nullable: true, description: 'How the person came here.' })
  acquisition?: AcquisitionInput | null;
}
