import type { Tx } from '@tael/platform/postgres';
import type { BenefitService, Grant, Share } from '../benefits/benefit.service';
import type { Campaign } from '../campaigns/campaign.domain';
import { lockSchedule, lockSpending } from '../campaigns/campaign.locks';
import type { Purse, SpendingService } from '../campaigns/spending.service';
import type { DecisionService } from '../decisions/decision.service';
import type { PaymentFacts } from '../payments/payment.domain';
import type { PaymentService } from '../payments/payment.service';
import type { Invitation, ReferralService } from '../referrals/referral.service';
import {
  afterVerdict, evaluate, type Given, inOrder, NOTHING_GIVEN, preliminary, refusedBySpending, spentWaiver, type Standing,
  type Verdict,
} from './evaluation.domain';

interface EvaluationServiceParts {
  readonly payments: PaymentService;
  readonly spending: SpendingService;
  readonly referrals: ReferralService;
  readonly benefits: BenefitService;
  readonly decisions: DecisionService;
}

/** All that a decision of one campaign needs while the payment is worked off. */
interface Round {
  readonly payment: PaymentFacts;
  readonly invitation: Invitation;
  readonly standings: ReadonlyMap<string, Standing>;
  readonly traceparent: string;
}

const NOBODY_INVITED: Invitation = { status: 'NONE', referrerId: null };
const NOTHING_LEFT: Standing = { rewards: 0, budgetLeft: 0n };

/** Decides what each campaign gives for a payment, and takes it from budgets and limits in the same transaction. */
export class EvaluationService {
  constructor(private readonly parts: EvaluationServiceParts) {}

  /** Works off a settled payment, once, whatever is delivered again; a refund that came before it is taken into account. */
  async settle(tx: Tx, payment: PaymentFacts, traceparent: string): Promise<void> {
    await lockSchedule(tx, 'read');
    const progress = await this.parts.payments.note(tx, payment);
    if (!progress) return;
    const { refundedTotal, refundTransactionId } = progress;
    const campaigns = await this.parts.spending.candidates(tx, payment);
    await this.decide(tx, { payment, campaigns, traceparent });
    if (refundTransactionId) {
      await this.parts.benefits.takeBack(tx, { payment, refundedTotal, refundTransactionId, traceparent });
    }
  }

  /** Works off a refund: where its payment has not arrived, it waits for it. */
  async refund(
    tx: Tx, refund: { paymentId: string; refundedTotal: bigint; refundTransactionId: string }, traceparent: string,
  ): Promise<void> {
    // In the order of settle: the schedule, the payment's row, and then the turn, which takeBack waits for.
    await lockSchedule(tx, 'read');
    if (!(await this.parts.payments.noteRefund(tx, refund))) return;
    const payment = await this.parts.payments.find(tx, refund.paymentId);
    if (payment) await this.parts.benefits.takeBack(tx, { ...refund, payment, traceparent });
  }

  /** Lets referral campaigns look again at what a person paid before it was known who invited the person. */
  async reconsiderReferral(tx: Tx, friendId: string, traceparent: string): Promise<void> {
    await lockSpending(tx);
    for (const payment of await this.parts.payments.ofPerson(tx, friendId)) {
      const { refundedTotal, refundTransactionId } = await this.parts.payments.refundProgress(tx, payment.id);
      const candidates = await this.parts.spending.candidates(tx, payment);
      const campaigns = candidates.filter((campaign) => campaign.effect.kind === 'REFERRAL_REWARD');
      await this.decide(tx, { payment, campaigns, traceparent });
      if (refundTransactionId) {
        await this.parts.benefits.takeBack(tx, { payment, refundedTotal, refundTransactionId, traceparent });
      }
    }
  }

  private async decide(
    tx: Tx, { payment, campaigns, traceparent }: { payment: PaymentFacts; campaigns: readonly Campaign[]; traceparent: string },
  ): Promise<void> {
    const round = await this.prepare(tx, { payment, campaigns, traceparent });
    const decisions: { campaignId: string; verdict: Verdict }[] = [];
    const grants: Grant[] = [];
    let given = NOTHING_GIVEN;
    for (const campaign of inOrder(campaigns, payment)) {
      const { verdict, shares } = await this.decideOne(tx, campaign, { round, given });
      given = afterVerdict(given, campaign, verdict);
      decisions.push({ campaignId: campaign.id, verdict });
      grants.push(...shares.map((share) => ({ campaign, share })));
    }
    await this.parts.benefits.grant(tx, { payment, grants, traceparent });
    await this.parts.decisions.write(tx, payment.id, decisions);
  }

  /** Reads what is left of the limits, under the lock to spend, of those campaigns alone that may give something. */
  private async prepare(
    tx: Tx, { payment, campaigns, traceparent }: { payment: PaymentFacts; campaigns: readonly Campaign[]; traceparent: string },
  ): Promise<Round> {
    const withReferral = campaigns.some((campaign) => campaign.effect.kind === 'REFERRAL_REWARD');
    let invitation = withReferral ? await this.parts.referrals.invitation(tx, payment.personId) : NOBODY_INVITED;
    const open = campaigns.filter((campaign) => !preliminary(campaign, payment, invitation.status));
    const spent = campaigns.some((campaign) => campaign.id === payment.waiverCampaignId);
    if (open.length === 0 && !spent) return { payment, invitation, standings: new Map(), traceparent };
    await lockSpending(tx);
    if (invitation.status === 'JOINED') invitation = await this.parts.referrals.lockOpen(tx, payment.personId);
    const purses = open.map((campaign) => purseOf(campaign, payment, invitation));
    return { payment, invitation, standings: await this.parts.spending.standings(tx, purses), traceparent };
  }

  private async decideOne(
    tx: Tx, campaign: Campaign, { round, given }: { round: Round; given: Given },
  ): Promise<{ verdict: Verdict; shares: Share[] }> {
    const { payment, invitation, traceparent } = round;
    const purse = purseOf(campaign, payment, invitation);
    if (campaign.id === payment.waiverCampaignId && payment.waived > 0n) {
      const verdict = spentWaiver(campaign, payment);
      await this.parts.spending.note(tx, purse, payment.waived);
      return { verdict, shares: sharesOf(campaign, { payment, invitation, verdict, isSpent: true }) };
    }
    const standing = round.standings.get(campaign.id) ?? NOTHING_LEFT;
    const verdict = evaluate(campaign, payment, { standing, given, referral: invitation.status });
    if (verdict.outcome !== 'GRANTED') return { verdict, shares: [] };
    const limits = { amount: verdict.amount, maximum: campaign.maximumRewardsPerUser };
    const spending = await this.parts.spending.spend(tx, purse, limits);
    if (spending !== 'SPENT') return { verdict: refusedBySpending(verdict, spending), shares: [] };
    if (campaign.effect.kind === 'REFERRAL_REWARD') {
      const qualified = { friendId: payment.personId, campaignId: campaign.id, paymentId: payment.id };
      await this.parts.referrals.qualify(tx, qualified, traceparent);
    }
    return { verdict, shares: sharesOf(campaign, { payment, invitation, verdict, isSpent: false }) };
  }
}

/** A referral campaign bounds the one who invites; every other campaign the one who pays. */
function purseOf(campaign: Campaign, payment: PaymentFacts, invitation: Invitation): Purse {
  const isReferral = campaign.effect.kind === 'REFERRAL_REWARD';
  const personId = isReferral ? (invitation.referrerId ?? payment.personId) : payment.personId;
  return { campaignId: campaign.id, personId };
}

function sharesOf(campaign: Campaign, grant: {
  payment: PaymentFacts; invitation: Invitation; verdict: Verdict; isSpent: boolean;
}): Share[] {
  const { payment, invitation, verdict, isSpent } = grant;
  const { effect } = campaign;
  const { personId, walletId } = payment;
  if (effect.kind === 'REFERRAL_REWARD') {
    const both = { kind: 'REFERRAL_REWARD', walletId: null } as const;
    return [
      { ...both, side: 'REFERRER', personId: invitation.referrerId!, amount: effect.referrerReward, countsForLimit: true },
      { ...both, side: 'FRIEND', personId, amount: effect.friendReward, countsForLimit: false },
    ];
  }
  const waiver = isSpent ? 'FEE_WAIVER' : 'FEE_REBATE';
  const kind = effect.kind === 'CASHBACK' ? 'CASHBACK' : waiver;
  return [{ kind, side: 'PAYER', personId, walletId, amount: verdict.amount, countsForLimit: true }];
}
