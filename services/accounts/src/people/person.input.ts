import { CurrencyCodeScalar } from '@tael/graphql';
import { Field, InputType } from 'type-graphql';

@InputType('AcquisitionInput')
export class AcquisitionInput {
  @Field(() => String)
  channel: string;

  @Field(() => String, { nullable: true })
  campaign?: string | null;
}

@InputType('SignUpInput')
export class SignUpInput {
  @Field(() => String)
  email: string;

  @Field(() => String)
  password: string;

  @Field(() => String)
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
