import type { Tx } from '@tael/platform/postgres';
import type { Standing } from '../evaluations/evaluation.domain';
import { type Campaign, concerns, LISTED_AFTER_END_MS, type PaymentAtCampaigns } from './campaign.domain';
import { CAMPAIGN_COLUMNS, type CampaignRow, toCampaign } from './campaign.row';

/** The limits of a campaign, and for whom. */
export interface Purse {
  readonly campaignId: string;
  /** The person whom maximumRewardsPerUser bounds. */
  readonly personId: string;
}

/** What one grant takes: the amount of the campaign's budget, and one of the uses that a person may have, if bounded. */
export interface Spend extends Purse {
  readonly amount: bigint;
  readonly maximum: number | null;
}

/** Less was left than had been read, though the turn was held: what was decided must be decided anew. */
export class Overspent extends Error {
  constructor() {
    super('a budget or a limit had less left than was read');
    this.name = 'Overspent';
  }
}

/** Names a purse in a map. */
export const purseKey = ({ campaignId, personId }: Purse): string => `${campaignId}/${personId}`;

/** Reads which campaigns a payment may concern, and keeps their limits: every bound is in the statement that spends. */
export class SpendingService {
  /**
   * Gives the campaigns that are decided on a payment: activated ones of its currency, or that name its merchant, and the
   * one whose waiver accounts has spent on it. Those that act at other merchants are among them: the person is told of each.
   */
  async candidates(tx: Tx, payment: PaymentAtCampaigns): Promise<Campaign[]> {
    const listed = await this.listed(tx, [payment]);
    return listed.filter((campaign) => concerns(campaign, payment));
  }

  /** Gives the campaigns that {@link concerns} is to be asked about for any of these payments. */
  async listed(tx: Tx, payments: readonly PaymentAtCampaigns[]): Promise<Campaign[]> {
    const oldest = new Date(Math.min(...payments.map(({ occurredAt }) => occurredAt.getTime())) - LISTED_AFTER_END_MS);
    const rows: CampaignRow[] = await tx.query(
      `/* campaigns.candidates */ WITH live AS (
         SELECT c.id FROM campaign c
         WHERE c.status <> 'DRAFT' AND (c.currency = ANY($1) OR c."merchantIds" && $2::uuid[])
           AND (c."endsAt" IS NULL OR c."endsAt" > $3)
           AND EXISTS (SELECT FROM campaign_active_time a WHERE a."campaignId" = c.id
             AND (a."activeTo" IS NULL OR a."activeTo" > $3))
       ), wanted AS (
         SELECT id FROM live UNION SELECT unnest($4::uuid[])
       )
       SELECT ${CAMPAIGN_COLUMNS} WHERE c.id IN (SELECT id FROM wanted)`,
      [
        [...new Set(payments.map(({ currency }) => currency))],
        [...new Set(payments.map(({ merchantId }) => merchantId))],
        oldest,
        [...new Set(payments.flatMap(({ waiverCampaignId }) => waiverCampaignId ?? []))],
      ],
    );
    return rows.map(toCampaign);
  }

  /** Gives what is left of each purse, by {@link purseKey}. */
  async standings(tx: Tx, purses: readonly Purse[]): Promise<Map<string, Standing>> {
    if (purses.length === 0) return new Map();
    const wanted = [...new Map(purses.map((purse) => [purseKey(purse), purse])).values()];
    const rows: (Purse & Standing)[] = await tx.query(
      `/* spending.standings */ SELECT w."campaignId", w."personId", coalesce(p.rewards, 0) AS rewards,
         greatest(b.budget - b.spent, 0) AS "budgetLeft"
       FROM unnest($1::uuid[], $2::uuid[]) AS w ("campaignId", "personId")
       JOIN campaign_budget b USING ("campaignId")
       LEFT JOIN campaign_person p ON p."campaignId" = w."campaignId" AND p."personId" = w."personId"
         AND p."campaignId" = ANY ($1::uuid[]) AND p."personId" = ANY ($2::uuid[])`,
      [wanted.map((purse) => purse.campaignId), wanted.map((purse) => purse.personId)],
    );
    return new Map(rows.map(({ campaignId, personId, ...standing }) => [purseKey({ campaignId, personId }), standing]));
  }

  /**
   * Takes the amounts of the budgets and the uses of the persons: all of them in one statement, or none.
   * @throws Overspent where a budget or a person's limit does not hold what is asked of it
   */
  async spendAll(tx: Tx, spends: readonly Spend[]): Promise<void> {
    if (spends.length === 0) return;
    const [row]: [{ isWhole: boolean }] = await tx.query(
      `/* spending.spend-all */ WITH asked AS (
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[]) AS a ("campaignId", "personId", amount, maximum)
       ), budgets AS (
         SELECT "campaignId", sum(amount)::bigint AS amount FROM asked GROUP BY "campaignId"
       ), uses AS (
         SELECT "campaignId", "personId", count(*)::int AS count, min(maximum) AS maximum FROM asked GROUP BY "campaignId", "personId"
       ), paid AS (
         UPDATE campaign_budget b SET spent = b.spent + s.amount FROM budgets s
         WHERE b."campaignId" = s."campaignId" AND b."campaignId" = ANY ($1::uuid[]) AND b.spent + s.amount <= b.budget
         RETURNING b."campaignId"
       ), used AS (
         INSERT INTO campaign_person AS p ("campaignId", "personId", rewards)
         SELECT "campaignId", "personId", count FROM uses ORDER BY "campaignId", "personId"
         ON CONFLICT ("campaignId", "personId") DO UPDATE SET rewards = p.rewards + excluded.rewards
         RETURNING p."campaignId", p."personId", p.rewards
       )
       SELECT (SELECT count(*) FROM paid) = (SELECT count(*) FROM budgets)
         AND NOT EXISTS (SELECT FROM used JOIN uses u USING ("campaignId", "personId") WHERE used.rewards > u.maximum) AS "isWhole"`,
      [
        spends.map(({ campaignId }) => campaignId), spends.map(({ personId }) => personId),
        spends.map(({ amount }) => String(amount)), spends.map(({ maximum }) => maximum),
      ],
    );
    if (!row.isWhole) throw new Overspent();
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
