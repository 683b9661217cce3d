import type { Tx } from '@tael/platform/postgres';
import type { BenefitService, Grant, Share } from '../benefits/benefit.service';
import { type Campaign, concerns } from '../campaigns/campaign.domain';
import { lockSpending } from '../campaigns/campaign.locks';
import { type Purse, purseKey, type Spend, type SpendingService } from '../campaigns/spending.service';
import type { DecisionService } from '../decisions/decision.service';
import type { PaymentFacts } from '../payments/payment.domain';
import type { PaymentService } from '../payments/payment.service';
import { standingAt } from '../referrals/referral.domain';
import { type Invitation, NOBODY_INVITED, type ReferralService } from '../referrals/referral.service';
import {
  afterVerdict, evaluate, type Given, inOrder, NOTHING_GIVEN, preliminary, spentWaiver, type Standing,
  type Verdict,
} from './evaluation.domain';

interface EvaluationServiceParts {
  readonly payments: PaymentService;
  readonly spending: SpendingService;
  readonly referrals: ReferralService;
  readonly benefits: BenefitService;
  readonly decisions: DecisionService;
}

/** A payment that is decided on, with the campaigns that may concern it. */
interface Candidate {
  readonly payment: PaymentFacts;
  readonly campaigns: readonly Campaign[];
  readonly traceparent: string;
}

/** What is known while payments are decided on, one after the other. */
interface Round {
  readonly invitations: Map<string, Invitation>;
  /** What is left of each purse; what is spent is taken off at once, so that the next payment sees it. */
  readonly standings: Map<string, Standing>;
  /** What was given and is not taken off in the database yet. */
  spends: Spend[];
}

export interface Settlement {
  readonly payment: PaymentFacts;
  readonly traceparent: string;
}

const NOTHING_LEFT: Standing = { rewards: 0, budgetLeft: 0n };

/** Decides what each campaign gives for a payment, and takes it from budgets and limits in the same transaction. */
export class EvaluationService {
  constructor(private readonly parts: EvaluationServiceParts) {}

  /** Works off settled payments, each once, whatever is delivered again; a refund that came before is taken into account. */
  async settleAll(tx: Tx, settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length === 0) return;
    await lockSpending(tx);
    const progress = await this.parts.payments.noteAll(tx, settlements.map(({ payment }) => payment));
    const first = settlements.filter(({ payment }, index) =>
      progress.has(payment.id) && settlements.findIndex((other) => other.payment.id === payment.id) === index);
    if (first.length === 0) return;
    const listed = await this.parts.spending.listed(tx, first.map(({ payment }) => payment));
    await this.decideAll(tx, first.map(({ payment, traceparent }) => (
      { payment, traceparent, campaigns: listed.filter((campaign) => concerns(campaign, payment)) })));
    for (const { payment, traceparent } of first) {
      const { refundedTotal, refundTransactionId } = progress.get(payment.id)!;
      if (refundTransactionId) {
        await this.parts.benefits.takeBack(tx, { payment, refundedTotal, refundTransactionId, traceparent });
      }
    }
  }

  /** Works off a refund: where its payment has not arrived, it waits for it. */
  async refund(
    tx: Tx, refund: { paymentId: string; refundedTotal: bigint; refundTransactionId: string }, traceparent: string,
  ): Promise<void> {
    // In the order of settleAll: the turn, then the payment's row.
    await lockSpending(tx);
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
      await this.decideAll(tx, [{ payment, campaigns, traceparent }]);
      if (refundTransactionId) {
        await this.parts.benefits.takeBack(tx, { payment, refundedTotal, refundTransactionId, traceparent });
      }
    }
  }

  /** Decides on payments in their order. The turn must be held: what is left changes by nobody else's hand meanwhile. */
  private async decideAll(tx: Tx, candidates: readonly Candidate[]): Promise<void> {
    const round = await this.prepare(tx, candidates);
    const decisions: { paymentId: string; campaignId: string; verdict: Verdict }[] = [];
    const grants: Grant[] = [];
    for (const { payment, campaigns, traceparent } of candidates) {
      let given = NOTHING_GIVEN;
      for (const campaign of inOrder(campaigns, payment)) {
        const { verdict, shares } = await this.decideOne(tx, campaign, { payment, traceparent, round, given });
        given = afterVerdict(given, campaign, verdict);
        decisions.push({ paymentId: payment.id, campaignId: campaign.id, verdict });
        grants.push(...shares.map((share) => ({ payment, campaign, share, traceparent })));
      }
    }
    await this.take(tx, round);
    await this.parts.benefits.grantAll(tx, grants);
    await this.parts.decisions.writeAll(tx, decisions);
  }

  /** Reads who was invited, and what is left of the limits of those campaigns alone that may give something. */
  private async prepare(tx: Tx, candidates: readonly Candidate[]): Promise<Round> {
    const friends = candidates.filter(({ campaigns }) => campaigns.some(({ effect }) => effect.kind === 'REFERRAL_REWARD'));
    const invitations = friends.length > 0
      ? await this.parts.referrals.invitations(tx, friends.map(({ payment }) => payment.personId))
      : new Map<string, Invitation>();
    for (const [personId, { status, linkedAt }] of invitations) {
      if (status === 'JOINED' || linkedAt) invitations.set(personId, await this.parts.referrals.lockOpen(tx, personId));
    }
    const purses = candidates.flatMap(({ payment, campaigns }) => {
      const invitation = invitations.get(payment.personId) ?? NOBODY_INVITED;
      const open = campaigns.filter((campaign) => !preliminary(campaign, payment, standingAt(invitation, payment.occurredAt)));
      return open.map((campaign) => purseOf(campaign, payment, invitation));
    });
    return { invitations, standings: await this.parts.spending.standings(tx, purses), spends: [] };
  }

  private async take(tx: Tx, round: Round): Promise<void> {
    await this.parts.spending.spendAll(tx, round.spends);
    round.spends = [];
  }

  private async decideOne(
    tx: Tx, campaign: Campaign, { payment, traceparent, round, given }: Settlement & { round: Round; given: Given },
  ): Promise<{ verdict: Verdict; shares: Share[] }> {
    const invitation = round.invitations.get(payment.personId) ?? NOBODY_INVITED;
    const purse = purseOf(campaign, payment, invitation);
    if (campaign.id === payment.waiverCampaignId && payment.waived > 0n) {
      const verdict = spentWaiver(campaign, payment);
      // It is taken whatever is left, so what was given before goes first.
      await this.take(tx, round);
      await this.parts.spending.note(tx, purse, payment.waived);
      takeOff(round, purse, payment.waived);
      return { verdict, shares: sharesOf(campaign, { payment, invitation, verdict, isSpent: true }) };
    }
    const standing = round.standings.get(purseKey(purse)) ?? NOTHING_LEFT;
    const verdict = evaluate(campaign, payment, { standing, given, referral: standingAt(invitation, payment.occurredAt) });
    if (verdict.outcome !== 'GRANTED') return { verdict, shares: [] };
    round.spends.push({ ...purse, amount: verdict.amount, maximum: campaign.maximumRewardsPerUser });
    takeOff(round, purse, verdict.amount);
    if (campaign.effect.kind === 'REFERRAL_REWARD') {
      const qualified = { friendId: payment.personId, campaignId: campaign.id, paymentId: payment.id };
      await this.parts.referrals.qualify(tx, qualified, traceparent);
      round.invitations.set(payment.personId, { ...invitation, status: 'QUALIFIED', isQualified: true });
    }
    return { verdict, shares: sharesOf(campaign, { payment, invitation, verdict, isSpent: false }) };
  }
}

/** Takes off what was spent: the budget is everybody's, the use the person's. */
function takeOff({ standings }: Round, purse: Purse, amount: bigint): void {
  for (const [key, { rewards, budgetLeft }] of standings) {
    if (!key.startsWith(`${purse.campaignId}/`)) continue;
    const left = budgetLeft > amount ? budgetLeft - amount : 0n;
    standings.set(key, { rewards: key === purseKey(purse) ? rewards + 1 : rewards, budgetLeft: left });
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
