import { MoneyType, principalOf, type SubgraphContext, toMoneyType } from '@tael/graphql';
import { currencyCode, isCurrencyCode, parseAmount } from '@tael/money';
import { Ctx, Directive, FieldResolver, Resolver, Root } from 'type-graphql';
import { shownStatus } from '../benefits/benefit.domain';
import type { BenefitRow } from '../benefits/benefit.service';
import type { Campaign } from '../campaigns/campaign.domain';
import { type CampaignType } from '../campaigns/campaign.type';
import { viewCampaign } from '../campaigns/campaign.view';
import type { Decision } from '../decisions/decision.service';
import { conditionText } from '../decisions/decision.texts';
import type { Loaders } from '../loaders';
import type { RewardsService } from './rewards.service';
import {
  BenefitType, PaymentQuoteStub, RewardDecisionType, RewardsType, TransactionStub, UserStub,
} from './rewards.type';

type Context = SubgraphContext<Loaders>;

interface ResolverParts {
  readonly rewards: RewardsService;
  readonly now: () => Date;
}

/** Says whether the viewer is the person: what is somebody else's is null here, whoever asks and by whatever way. */
const isViewer = (context: Context, personId: string | null | undefined): personId is string =>
  Boolean(personId) && context.identity.principal?.personId === personId;

function shownCampaign(campaign: Campaign, context: Context, now: Date): CampaignType {
  return viewCampaign(campaign, { now, isOperator: context.identity.principal?.roles.includes('OPERATOR') ?? false });
}

async function campaignOf(id: string, context: Context): Promise<Campaign> {
  const campaign = await context.loaders.campaign.load(id);
  if (!campaign) throw new Error(`campaign ${id} is gone`);
  return campaign;
}

@Resolver(() => UserStub)
export class UserRewardsResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => RewardsType, { nullable: true, description: "The person's own; null for anybody else's." })
  @Directive('@requires(fields: "referralCode")')
  async rewards(@Root() user: UserStub, @Ctx() context: Context): Promise<RewardsType | null> {
    // Somebody signed in who is another person gets null; whoever is not signed in is told so.
    if (principalOf(context).personId !== user.id) return null;
    const { rewards, now } = this.parts;
    const [sums, waivers, referrals] = await Promise.all([
      rewards.sums(user.id), rewards.feeWaivers(user.id), rewards.referrals(user.id),
    ]);
    return {
      earned: sums.earned.map(toMoneyType),
      pending: sums.pending.map(toMoneyType),
      referralCode: user.referralCode,
      referrals,
      feeWaivers: waivers.map(({ id, campaign, remainingUses }) => ({
        id,
        campaign: shownCampaign(campaign, context, now()),
        remainingUses: remainingUses ?? undefined,
        expiresAt: campaign.endsAt ?? undefined,
      })),
    };
  }
}

@Resolver(() => TransactionStub)
export class TransactionRewardsResolver {
  constructor(private readonly parts: ResolverParts) {}

  @FieldResolver(() => [BenefitType], {
    nullable: true,
    description:
      'What the reward programme gave the viewer for this transaction; grows as the events are worked off, empty while ' +
      "nothing has come. Null for anybody else's transaction.",
  })
  @Directive('@requires(fields: "ownerId")')
  async benefits(@Root() transaction: TransactionStub, @Ctx() context: Context): Promise<BenefitType[] | null> {
    const { ownerId } = transaction;
    if (!isViewer(context, ownerId)) return null;
    const benefits = await context.loaders.benefits.load(transaction.id);
    const own = benefits.filter((benefit) => benefit.personId === ownerId);
    return Promise.all(own.map((benefit) => this.view(benefit, context)));
  }

  @FieldResolver(() => [RewardDecisionType], {
    nullable: true,
    description: "Why each campaign did or did not reward this transaction. Null for anybody else's transaction.",
  })
  @Directive('@requires(fields: "ownerId")')
  async rewardDecisions(@Root() transaction: TransactionStub, @Ctx() context: Context): Promise<RewardDecisionType[] | null> {
    if (!isViewer(context, transaction.ownerId)) return null;
    const decisions = await context.loaders.decisions.load(transaction.id);
    return Promise.all(decisions.map((decision) => this.explain(decision, context)));
  }

  private async view(benefit: BenefitRow, context: Context): Promise<BenefitType> {
    const { id, kind, amount, takenBack, owed } = benefit;
    const currency = currencyCode(benefit.currency);
    return {
      id,
      kind: kind === 'FEE_REBATE' ? 'FEE_WAIVER' : kind,
      status: shownStatus(benefit),
      amount: toMoneyType({ minor: amount, currency }),
      takenBack: toMoneyType({ minor: takenBack - owed, currency }),
      campaign: shownCampaign(await campaignOf(benefit.campaignId, context), context, this.parts.now()),
    };
  }

  private async explain({ campaignId, outcome, conditions }: Decision, context: Context): Promise<RewardDecisionType> {
    const campaign = await campaignOf(campaignId, context);
    const { locale } = context.identity;
    return {
      campaign: shownCampaign(campaign, context, this.parts.now()),
      outcome,
      conditions: conditions.map((condition) => ({
        ...conditionText(condition, campaign.currency, locale), passed: condition.passed,
      })),
    };
  }
}

@Resolver(() => PaymentQuoteStub)
export class QuoteRewardsResolver {
  constructor(private readonly rewards: RewardsService) {}

  @FieldResolver(() => MoneyType, {
    nullable: true,
    description: 'The cashback that campaigns would give if the payment were made now; zero where none does.',
  })
  @Directive('@requires(fields: "amount { amount currency } merchantId merchantCategoryCode paymentOrdinal")')
  async expectedCashback(@Root() quote: PaymentQuoteStub, @Ctx() context: Context): Promise<MoneyType | null> {
    const personId = context.identity.principal?.personId;
    const { currency } = quote.amount;
    if (!personId || !isCurrencyCode(currency)) return null;
    const amount = parseAmount(quote.amount.amount, currency);
    if (!amount.ok) return null;
    const { merchantId, merchantCategoryCode, paymentOrdinal: ordinal } = quote;
    const minor = await this.rewards.expectedCashback({
      personId, merchantId, merchantCategoryCode, currency, amount: amount.minor, ordinal,
    });
    return toMoneyType({ minor, currency });
  }
}
