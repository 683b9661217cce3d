import type { Tx } from '@tael/platform/postgres';
import type { Standing } from '../evaluations/evaluation.domain';
import type { PaymentFacts } from '../payments/payment.domain';
import type { Campaign } from './campaign.domain';
import { CAMPAIGN_COLUMNS, type CampaignRow, toCampaign } from './campaign.row';

/** The limits of a campaign, and for whom. */
export interface Purse {
  readonly campaignId: string;
  /** The person whom maximumRewardsPerUser bounds. */
  readonly personId: string;
}

export type Spending = 'SPENT' | 'LIMIT_REACHED' | 'BUDGET_EXHAUSTED';

// A campaign that stopped acting this long before a payment is not listed among its decisions any more.
const LISTED_AFTER_END = '7 days';

/** Reads which campaigns a payment may concern, and keeps their limits: every bound is in the statement that spends. */
export class SpendingService {
  /**
   * Gives the campaigns that are decided on a payment: activated ones of its currency, or that name its merchant, and the
   * one whose waiver accounts has spent on it. Those that act at other merchants are among them: the person is told of each.
   */
  async candidates(tx: Tx, payment: Pick<PaymentFacts, 'currency' | 'merchantId' | 'occurredAt' | 'waiverCampaignId'>): Promise<Campaign[]> {
    const rows: CampaignRow[] = await tx.query(
      `/* campaigns.candidates */ WITH live AS (
         SELECT c.id FROM campaign c
         WHERE c.status <> 'DRAFT' AND (c.currency = $1 OR $2::uuid = ANY(c."merchantIds"))
           AND (c."endsAt" IS NULL OR c."endsAt" > $3::timestamptz - interval '${LISTED_AFTER_END}')
           AND EXISTS (SELECT FROM campaign_active_time a WHERE a."campaignId" = c.id
             AND (a."activeTo" IS NULL OR a."activeTo" > $3::timestamptz - interval '${LISTED_AFTER_END}'))
       ), wanted AS (
         SELECT id FROM live
         UNION SELECT $4::uuid WHERE $4::uuid IS NOT NULL
       )
       SELECT ${CAMPAIGN_COLUMNS} WHERE c.id IN (SELECT id FROM wanted)`,
      [payment.currency, payment.merchantId, payment.occurredAt, payment.waiverCampaignId],
    );
    return rows.map(toCampaign);
  }

  /** Gives what is left of each purse, by campaign. */
  async standings(tx: Tx, purses: readonly Purse[]): Promise<Map<string, Standing>> {
    if (purses.length === 0) return new Map();
    const rows: { campaignId: string; rewards: number; budgetLeft: bigint }[] = await tx.query(
      `/* spending.standings */ SELECT b."campaignId", coalesce(p.rewards, 0) AS rewards,
         greatest(b.budget - b.spent, 0) AS "budgetLeft"
       FROM unnest($1::uuid[], $2::uuid[]) AS w ("campaignId", "personId")
       JOIN campaign_budget b USING ("campaignId")
       LEFT JOIN campaign_person p ON p."campaignId" = w."campaignId" AND p."personId" = w."personId"`,
      [purses.map((purse) => purse.campaignId), purses.map((purse) => purse.personId)],
    );
    return new Map(rows.map((row) => [row.campaignId, row]));
  }

  /** Takes the amount of the budget and one use of the person, both or none. */
  async spend(tx: Tx, purse: Purse, { amount, maximum }: { amount: bigint; maximum: number | null }): Promise<Spending> {
    const [done]: { paid: boolean; used: boolean }[] = await tx.query(
      `/* spending.spend */ WITH paid AS (
         UPDATE campaign_budget SET spent = spent + $3 WHERE "campaignId" = $1 AND spent + $3 <= budget RETURNING "campaignId"
       ), used AS (
         INSERT INTO campaign_person ("campaignId", "personId", rewards) SELECT "campaignId", $2, 1 FROM paid
         ON CONFLICT ("campaignId", "personId") DO UPDATE SET rewards = campaign_person.rewards + 1
           WHERE $4::int IS NULL OR campaign_person.rewards < $4
         RETURNING rewards
       )
       SELECT EXISTS (SELECT FROM paid) AS paid, EXISTS (SELECT FROM used) AS used`,
      [purse.campaignId, purse.personId, amount, maximum],
    );
    if (!done?.paid) return 'BUDGET_EXHAUSTED';
    if (done.used) return 'SPENT';
    await this.giveBack(tx, purse.campaignId, amount);
    return 'LIMIT_REACHED';
  }

  /** Notes what accounts has spent on a waiver: it is done, whatever stands here. */
  async note(tx: Tx, purse: Purse, amount: bigint): Promise<void> {
    await tx.query(
      `/* spending.note.use */ INSERT INTO campaign_person ("campaignId", "personId", rewards) VALUES ($1, $2, 1)
       ON CONFLICT ("campaignId", "personId") DO UPDATE SET rewards = campaign_person.rewards + 1`,
      [purse.campaignId, purse.personId],
    );
    await tx.query(
      '/* spending.note */ UPDATE campaign_budget SET spent = spent + $2 WHERE "campaignId" = $1', [purse.campaignId, amount],
    );
  }

  /** Gives an amount back to the budget. */
  async giveBack(tx: Tx, campaignId: string, amount: bigint): Promise<void> {
    await tx.query(
      '/* spending.give-back */ UPDATE campaign_budget SET spent = spent - $2 WHERE "campaignId" = $1', [campaignId, amount],
    );
  }

  /** Gives a person the use back that was taken for a grant that came to nothing. */
  async giveBackUse(tx: Tx, purse: Purse): Promise<void> {
    await tx.query(
      `/* spending.give-back-use */ UPDATE campaign_person SET rewards = rewards - 1
       WHERE "campaignId" = $1 AND "personId" = $2`,
      [purse.campaignId, purse.personId],
    );
  }
}
