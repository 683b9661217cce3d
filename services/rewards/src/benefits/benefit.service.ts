import { type EventMessage, toMessage } from '@tael/events';
import { currencyCode } from '@tael/money';
import { appendToOutbox } from '@tael/platform/outbox';
import type { Tx } from '@tael/platform/postgres';
import type { Campaign } from '../campaigns/campaign.domain';
import { lockSpending } from '../campaigns/campaign.locks';
import type { SpendingService } from '../campaigns/spending.service';
import type { DecisionService } from '../decisions/decision.service';
import { type Outcome, refusedByAccounts, refusedByLink } from '../evaluations/evaluation.domain';
import type { PaymentFacts } from '../payments/payment.domain';
import type { ReferralService } from '../referrals/referral.service';
import { type BenefitKind, type BenefitSide, type BenefitStatus, takeBack, takeBackForLink } from './benefit.domain';
import { benefitId, reversalId } from './benefit.ids';

/** One reward as it is written. */
export interface BenefitRow {
  id: string;
  kind: BenefitKind;
  side: BenefitSide;
  campaignId: string;
  paymentId: string;
  personId: string;
  walletId: string | null;
  currency: string;
  amount: bigint;
  status: BenefitStatus;
  reversed: bigint;
  takenBack: bigint;
  owed: bigint;
  countsForLimit: boolean;
}

/** Somebody's share of what a campaign gives for a payment. */
export interface Share {
  readonly kind: BenefitKind;
  readonly side: BenefitSide;
  readonly personId: string;
  readonly walletId: string | null;
  readonly amount: bigint;
  readonly countsForLimit: boolean;
}

/** A share of what a campaign gives for a payment. */
export interface Grant {
  readonly payment: PaymentFacts;
  readonly campaign: Campaign;
  readonly share: Share;
  readonly traceparent: string;
}

export type RefusalReason = 'ALREADY_WAIVED' | 'LIMIT_REACHED' | 'BUDGET_EXHAUSTED' | 'UNKNOWN_PAYMENT';

const OUTCOME_OF_REFUSAL: Readonly<Record<RefusalReason, Outcome>> = {
  ALREADY_WAIVED: 'NOT_COMBINABLE',
  LIMIT_REACHED: 'LIMIT_REACHED',
  BUDGET_EXHAUSTED: 'BUDGET_EXHAUSTED',
  UNKNOWN_PAYMENT: 'CONDITION_FAILED',
};

/** Why something is taken back. Once a benefit and refund; where it is no refund, the payment stands for one. */
interface Reason {
  readonly refundTransactionId: string;
  readonly cause: 'REFUND' | 'LINK';
  readonly traceparent: string;
}

interface BenefitServiceParts {
  readonly spending: SpendingService;
  readonly referrals: ReferralService;
  readonly decisions: DecisionService;
  readonly now: () => Date;
}

/** Keeps what was given: asks accounts to pay and to take back, and hears what became of it. */
export class BenefitService {
  constructor(private readonly parts: BenefitServiceParts) {}

  /** Writes what campaigns give for payments. What accounts must still pay is asked for; a waiver it has spent is paid. */
  async grantAll(tx: Tx, grants: readonly Grant[]): Promise<void> {
    if (grants.length === 0) return;
    const now = this.parts.now();
    const rows = grants.map(({ payment, campaign, share, traceparent }) => ({
      ...share,
      id: benefitId({ campaignId: campaign.id, paymentId: payment.id, kind: share.kind, side: share.side }),
      campaignId: campaign.id,
      paymentId: payment.id,
      currency: campaign.currency,
      status: share.kind === 'FEE_WAIVER' ? 'PAID' : 'PENDING',
      traceparent,
    }));
    await tx.query(
      `/* benefits.grant */ INSERT INTO benefit (id, kind, side, "campaignId", "paymentId", "personId", "walletId", currency,
         amount, status, "countsForLimit", "createdAt")
       SELECT g.*, $12 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[],
         $8::text[], $9::bigint[], $10::text[], $11::boolean[]) AS g`,
      [
        rows.map((row) => row.id), rows.map((row) => row.kind), rows.map((row) => row.side), rows.map((row) => row.campaignId),
        rows.map((row) => row.paymentId), rows.map((row) => row.personId), rows.map((row) => row.walletId),
        rows.map((row) => row.currency), rows.map((row) => row.amount.toString()), rows.map((row) => row.status),
        rows.map((row) => row.countsForLimit), now,
      ],
    );
    const messages = rows.flatMap(({ id: grantId, kind, campaignId, personId, walletId, currency, amount, paymentId, traceparent }) =>
      kind === 'FEE_WAIVER' ? [] : [toMessage('benefit.granted', {
        grantId, kind, campaignId, personId, walletId, orderKey: walletId ?? personId, currency, amount,
        sourceTransactionId: paymentId, occurredAt: now,
      }, { source: 'rewards', time: now, traceparent })],
    );
    await appendToOutbox(tx, messages);
  }

  /** Accounts has posted grants that no referral hangs on; see {@link posted}. */
  async postedAll(tx: Tx, grants: readonly { grantId: string; credited: bigint }[]): Promise<void> {
    if (grants.length === 0) return;
    // The turn before any row, as everywhere.
    await lockSpending(tx);
    await tx.query(
      `/* benefits.posted-all */ UPDATE benefit SET status = 'PAID', withheld = greatest(amount - p.credited, 0)
       FROM unnest($1::uuid[], $2::bigint[]) AS p (id, credited)
       WHERE benefit.id = p.id AND benefit.id = ANY ($1::uuid[]) AND (status = 'PENDING') IS TRUE`,
      [grants.map(({ grantId }) => grantId), grants.map(({ credited }) => credited.toString())],
    );
  }

  /** Accounts has posted a grant; of its amount it may have kept something for the debts of earlier ones. */
  async posted(
    tx: Tx, grant: { grantId: string; sourceTransactionId: string; kind: string; credited: bigint }, traceparent: string,
  ): Promise<void> {
    const isReferral = grant.kind === 'REFERRAL_REWARD';
    if (isReferral) {
      await lockSpending(tx);
      await this.parts.referrals.lockQualifiedBy(tx, grant.sourceTransactionId);
    }
    const [, count]: [unknown[], number] = await tx.query(
      `/* benefits.posted */ UPDATE benefit SET status = 'PAID', withheld = greatest(amount - $2, 0)
       WHERE id = $1 AND status = 'PENDING'`,
      [grant.grantId, grant.credited],
    );
    if (isReferral && count > 0) await this.parts.referrals.refresh(tx, grant.sourceTransactionId, traceparent);
  }

  /** Accounts will not post a grant: what was reserved for it is free again, and the decision says why. */
  async refused(tx: Tx, grant: { grantId: string; reason: RefusalReason }, traceparent: string): Promise<void> {
    const [found]: BenefitRow[] = await tx.query('/* benefits.find */ SELECT * FROM benefit WHERE id = $1', [grant.grantId]);
    if (!found) return;
    await lockSpending(tx);
    await this.parts.referrals.lockQualifiedBy(tx, found.paymentId);
    const [rows]: [BenefitRow[], number] = await tx.query(
      `/* benefits.refused */ UPDATE benefit SET status = 'REFUSED' WHERE id = $1 AND status = 'PENDING' RETURNING *`,
      [grant.grantId],
    );
    const benefit = rows[0];
    if (!benefit) return;
    const { campaignId, personId, paymentId } = benefit;
    await this.parts.spending.giveBack(tx, campaignId, benefit.amount - benefit.reversed);
    if (benefit.countsForLimit) await this.parts.spending.giveBackUse(tx, { campaignId, personId });
    const refusal = { outcome: OUTCOME_OF_REFUSAL[grant.reason], rewards: await this.rewardsBefore(tx, benefit) };
    await this.parts.decisions.refuse(tx, { campaignId, paymentId }, (conditions) => ({
      outcome: refusal.outcome, conditions: refusedByAccounts(conditions, refusal),
    }));
    if (benefit.kind === 'REFERRAL_REWARD') await this.parts.referrals.refresh(tx, paymentId, traceparent);
  }

  /** Asks back what a refund takes with it, as far as that has not been asked before. */
  async takeBack(tx: Tx, refund: {
    payment: Pick<PaymentFacts, 'id' | 'amount'>; refundedTotal: bigint; refundTransactionId: string; traceparent: string;
  }): Promise<void> {
    const { payment, refundedTotal, refundTransactionId, traceparent } = refund;
    await this.askBack(tx, { paymentId: payment.id, refundTransactionId, cause: 'REFUND', traceparent }, (benefit) =>
      takeBack(benefit, refundedTotal, payment.amount));
  }

  /** Asks the referral rewards of a payment back, since the friend and who invited are linked, and lets the decision say so. */
  async takeBackForLink(tx: Tx, paymentId: string, traceparent: string): Promise<void> {
    // A payment has one link that takes back, as it has one referral: the payment stands for it.
    const campaignIds = await this.askBack(tx, { paymentId, refundTransactionId: paymentId, cause: 'LINK', traceparent }, takeBackForLink);
    for (const campaignId of campaignIds) {
      await this.parts.decisions.refuse(tx, { campaignId, paymentId }, (conditions, outcome) => ({ outcome, conditions: refusedByLink(conditions) }));
    }
  }

  /** Asks back what `due` says of each benefit of a payment; gives the campaigns of which something is. */
  private async askBack(tx: Tx, reason: Reason & { paymentId: string }, due: (benefit: BenefitRow) => bigint): Promise<Set<string>> {
    const { paymentId, traceparent } = reason;
    const [any] = await tx.query('/* benefits.any */ SELECT id FROM benefit WHERE "paymentId" = $1 LIMIT 1', [paymentId]);
    if (!any) return new Set();
    await lockSpending(tx);
    await this.parts.referrals.lockQualifiedBy(tx, paymentId);
    const benefits: BenefitRow[] = await tx.query(
      `/* benefits.lock */ SELECT * FROM benefit WHERE "paymentId" = $1 AND status <> 'REFUSED'
       ORDER BY "campaignId", side FOR UPDATE`,
      [paymentId],
    );
    const messages: EventMessage[] = [];
    const campaignIds = new Set<string>();
    for (const benefit of benefits) {
      const amount = due(benefit);
      if (amount <= 0n) continue;
      campaignIds.add(benefit.campaignId);
      messages.push(await this.reverse(tx, benefit, { ...reason, amount }));
    }
    await appendToOutbox(tx, messages);
    if (benefits.some((benefit) => benefit.kind === 'REFERRAL_REWARD')) {
      await this.parts.referrals.refresh(tx, paymentId, traceparent);
    }
    return campaignIds;
  }

  /** Accounts has taken back what was asked: from the wallet, or as a debt against later rewards. */
  async reversalConfirmed(tx: Tx, { reversalId: id, owed }: { reversalId: string; owed: bigint }): Promise<void> {
    // Of two sides of a referral that are confirmed at once, the later one must see the earlier.
    await lockSpending(tx);
    const [confirmed]: [{ benefitId: string; amount: bigint }[], number] = await tx.query(
      `/* benefits.reversal.confirm */ UPDATE benefit_reversal SET "confirmedAt" = $2
       WHERE id = $1 AND "confirmedAt" IS NULL RETURNING "benefitId", amount`,
      [id, this.parts.now()],
    );
    if (!confirmed[0]) return;
    const { benefitId: benefit, amount } = confirmed[0];
    const [[row]]: [BenefitRow[], number] = await tx.query(
      `/* benefits.taken-back */ UPDATE benefit SET "takenBack" = "takenBack" + $2, owed = owed + $3
       WHERE id = $1 RETURNING *`,
      [benefit, amount, owed],
    );
    if (row && row.takenBack === row.amount) await this.parts.decisions.reverseIfAllBack(tx, row);
  }

  /** Counts what the campaign has paid the person before a benefit; undefined where it does not bound this person. */
  private async rewardsBefore(tx: Tx, { id, campaignId, personId, countsForLimit }: BenefitRow): Promise<number | undefined> {
    if (!countsForLimit) return undefined;
    const [row]: { rewards: number }[] = await tx.query(
      `/* benefits.before */ SELECT count(*)::int AS rewards FROM benefit b JOIN benefit own ON own.id = $1
       WHERE b."personId" = $2 AND b.status = 'PAID' AND b."campaignId" = $3 AND b."countsForLimit" AND b.id <> own.id
         AND b."createdAt" <= own."createdAt"`,
      [id, personId, campaignId],
    );
    return row?.rewards;
  }

  private async reverse(tx: Tx, benefit: BenefitRow, reversal: Reason & { amount: bigint }): Promise<EventMessage> {
    const now = this.parts.now();
    const { amount, refundTransactionId, cause, traceparent } = reversal;
    const { id: grantId, campaignId, personId, walletId, paymentId } = benefit;
    const id = reversalId(grantId, refundTransactionId);
    await tx.query('/* benefits.reverse */ UPDATE benefit SET reversed = reversed + $2 WHERE id = $1', [grantId, amount]);
    await tx.query(
      `/* benefits.reversal */ INSERT INTO benefit_reversal (id, "benefitId", "refundTransactionId", amount, "createdAt")
       VALUES ($1, $2, $3, $4, $5)`,
      [id, grantId, refundTransactionId, amount, now],
    );
    await this.parts.spending.giveBack(tx, campaignId, amount);
    return toMessage('benefit.reversed', {
      reversalId: id, grantId, campaignId, personId, orderKey: walletId ?? personId, currency: currencyCode(benefit.currency), amount,
      refundTransactionId, cause, sourceTransactionId: paymentId, occurredAt: now,
    }, { source: 'rewards', time: now, traceparent });
  }
}
