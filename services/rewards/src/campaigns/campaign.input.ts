import { CurrencyCodeScalar, MoneyInputType, PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType, Int } from 'type-graphql';
import { CampaignStatusType } from './campaign.type';

const REASON = 'Why, for the audit trail: 1 to 500 characters, nothing personal.';

@InputType()
export class CampaignConditionsInput {
  @Field(() => MoneyInputType, { nullable: true })
  minimumAmount?: MoneyInputType | null | undefined;

  @Field(() => [ID], { nullable: true })
  merchantIds?: string[] | null | undefined;

  @Field(() => [String], { nullable: true, description: 'ISO 18245 codes.' })
  merchantCategoryCodes?: string[] | null | undefined;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Only the person's first PAYMENT ever." })
  firstPaymentOnly?: boolean | null | undefined;

  @Field(() => Int, {
    nullable: true,
    description: 'How often one person may be rewarded; no bound where it is left out. Of a referral it bounds the one who invites.',
  })
  maximumRewardsPerUser?: number | null | undefined;
}

@InputType({
  description:
    "Hundredths of a percent of the payment's amount: 250 = 2.5 %. Rounded half-even to the currency's smallest unit.",
})
export class CashbackEffectInput {
  @Field(() => Int)
  rateBasisPoints: number;

  @Field(() => MoneyInputType, { nullable: true })
  maximumPerPayment?: MoneyInputType | null | undefined;
}

@InputType({ description: 'Waives the fee of qualifying payments, as many as conditions.maximumRewardsPerUser allows.' })
export class FeeWaiverEffectInput {
  @Field(() => MoneyInputType, { nullable: true })
  maximumPerPayment?: MoneyInputType | null | undefined;
}

@InputType({ description: "For both sides, once, after the invited friend's first qualifying payment." })
export class ReferralRewardEffectInput {
  @Field(() => MoneyInputType)
  referrerReward: MoneyInputType;

  @Field(() => MoneyInputType)
  friendReward: MoneyInputType;
}

@InputType({
  description:
    "Exactly one of the effects is set. Amount conditions compare in the campaign's currency; a payment in another " +
    'currency does not meet them.',
})
export class CreateCampaignInput {
  @Field(() => String, { description: '1 to 120 characters, without control characters and marks that turn the direction of text.' })
  name: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => Date, { nullable: true })
  startsAt?: Date | null | undefined;

  @Field(() => Date, { nullable: true })
  endsAt?: Date | null | undefined;

  @Field(() => MoneyInputType, {
    description: 'All that the campaign may give away. Never exceeded, however many payments arrive at once.',
  })
  budget: MoneyInputType;

  @Field(() => CampaignConditionsInput)
  conditions: CampaignConditionsInput;

  @Field(() => CashbackEffectInput, { nullable: true })
  cashback?: CashbackEffectInput | null | undefined;

  @Field(() => FeeWaiverEffectInput, { nullable: true })
  feeWaiver?: FeeWaiverEffectInput | null | undefined;

  @Field(() => ReferralRewardEffectInput, { nullable: true })
  referralReward?: ReferralRewardEffectInput | null | undefined;

  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null | undefined;
}

@InputType()
export class ActivateCampaignInput {
  @Field(() => ID)
  campaignId: string;

  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null | undefined;
}

@InputType()
export class PauseCampaignInput {
  @Field(() => ID)
  campaignId: string;

  @Field(() => String, { nullable: true, description: REASON })
  reason?: string | null | undefined;
}

@ArgsType()
export class CampaignsArgs extends PageArgs {
  @Field(() => CampaignStatusType, { nullable: true })
  status?: keyof typeof CampaignStatusType | null | undefined;
}
