import { MoneyType } from '@tael/graphql';
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { CampaignType } from '../campaigns/campaign.type';

export enum BenefitKindType {
  CASHBACK = 'CASHBACK',
  FEE_WAIVER = 'FEE_WAIVER',
  REFERRAL_REWARD = 'REFERRAL_REWARD',
}
registerEnumType(BenefitKindType, {
  name: 'BenefitKind',
  description: 'FEE_WAIVER: the fee was not charged, or was given back because the offer arrived after the payment.',
});

export enum BenefitStatusType {
  PENDING = 'PENDING',
  PAID = 'PAID',
  REVERSED = 'REVERSED',
}
registerEnumType(BenefitStatusType, {
  name: 'BenefitStatus',
  description: 'PENDING: granted, not in the balance yet. PAID: in the balance. REVERSED: the whole was taken back after refunds.',
});

export enum RewardOutcomeType {
  GRANTED = 'GRANTED',
  CONDITION_FAILED = 'CONDITION_FAILED',
  LIMIT_REACHED = 'LIMIT_REACHED',
  BUDGET_EXHAUSTED = 'BUDGET_EXHAUSTED',
  OUTSIDE_SCHEDULE = 'OUTSIDE_SCHEDULE',
  NOT_COMBINABLE = 'NOT_COMBINABLE',
  UNDER_REVIEW = 'UNDER_REVIEW',
  REVERSED = 'REVERSED',
}
registerEnumType(RewardOutcomeType, { name: 'RewardOutcome' });

export enum ReferralStatusType {
  JOINED = 'JOINED',
  QUALIFIED = 'QUALIFIED',
  REWARDED = 'REWARDED',
  REJECTED = 'REJECTED',
}
registerEnumType(ReferralStatusType, {
  name: 'ReferralStatus',
  description:
    'JOINED: signed up. QUALIFIED: made the payment, the rewards are on their way. REWARDED: both are paid. REJECTED: counts for nothing.',
});

@ObjectType('FeeWaiver', { description: 'A fee-waiver campaign that the person can still use.' })
export class FeeWaiverType {
  @Field(() => ID)
  id: string;

  @Field(() => CampaignType)
  campaign: CampaignType;

  @Field(() => Int, { nullable: true, description: 'No bound where it is null.' })
  remainingUses?: number | undefined;

  @Field(() => Date, { nullable: true })
  expiresAt?: Date | undefined;
}

@ObjectType('Referral')
export class ReferralType {
  @Field(() => String, { description: 'Given name only, until the friend agrees to more.' })
  displayName: string;

  @Field(() => ReferralStatusType)
  status: keyof typeof ReferralStatusType;
}

@ObjectType('Rewards')
export class RewardsType {
  @Field(() => [MoneyType], { description: 'Paid out so far, less what was taken back, one entry a currency. A fee that was not charged is no payout.' })
  earned: MoneyType[];

  @Field(() => [MoneyType], { description: 'Granted but still on hold.' })
  pending: MoneyType[];

  @Field(() => [FeeWaiverType])
  feeWaivers: FeeWaiverType[];

  @Field(() => String)
  referralCode: string;

  @Field(() => [ReferralType], { description: 'The hundred newest, newest first.' })
  referrals: ReferralType[];
}

@ObjectType('Benefit')
export class BenefitType {
  @Field(() => ID)
  id: string;

  @Field(() => BenefitKindType)
  kind: keyof typeof BenefitKindType;

  @Field(() => BenefitStatusType)
  status: keyof typeof BenefitStatusType;

  @Field(() => MoneyType, { description: 'As it was granted.' })
  amount: MoneyType;

  @Field(() => MoneyType, { description: 'What of it was taken back after refunds.' })
  takenBack: MoneyType;

  @Field(() => CampaignType)
  campaign: CampaignType;
}

@ObjectType('RewardCondition')
export class RewardConditionType {
  @Field(() => String, { description: 'For a person, e.g. "Payment of at least 50.00 USD".' })
  label: string;

  @Field(() => String)
  expected: string;

  @Field(() => String)
  actual: string;

  @Field(() => Boolean)
  passed: boolean;
}

@ObjectType('RewardDecision')
export class RewardDecisionType {
  @Field(() => CampaignType)
  campaign: CampaignType;

  @Field(() => RewardOutcomeType)
  outcome: keyof typeof RewardOutcomeType;

  @Field(() => [RewardConditionType])
  conditions: RewardConditionType[];
}

@ObjectType('User')
@Directive('@key(fields: "id")')
export class UserStub {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  @Directive('@external')
  referralCode: string;
}

@ObjectType('Transaction')
@Directive('@key(fields: "id")')
export class TransactionStub {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  @Directive('@external')
  ownerId: string;
}

@ObjectType('PaymentQuote')
@Directive('@key(fields: "id")')
export class PaymentQuoteStub {
  @Field(() => ID)
  id: string;

  @Field(() => MoneyType)
  @Directive('@external')
  amount: MoneyType;

  @Field(() => ID)
  @Directive('@external')
  merchantId: string;

  @Field(() => String)
  @Directive('@external')
  merchantCategoryCode: string;

  @Field(() => Int)
  @Directive('@external')
  paymentOrdinal: number;
}
