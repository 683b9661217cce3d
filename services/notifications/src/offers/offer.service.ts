import type { EventData } from '@tael/events';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import type { MessageDraft } from '../messages/message.domain';
import {
  actsAt,
  type Affinity,
  type Campaign,
  type Habit,
  OFTEN_DAYS,
  OFTEN_PAYMENTS_MIN,
  offerFits,
  offerTemplate,
  offerValidUntil,
  scoreAt,
} from './offer.domain';
import type { OfferFacts } from './offer.facts';
import { countAffinities, forgottenBefore, insertPurchases, type Payment } from './purchase.rows';

export interface OfferServiceParts {
  readonly dataSource: DataSource;
  readonly raise: (tx: Tx, draft: MessageDraft) => Promise<void>;
  readonly now: () => Date;
}

const CAMPAIGN = `c.id, c.status, c.effect, c.currency, c."rateBasisPoints", c."merchantIds", c."merchantCategoryCodes",
  c."startsAt", c."endsAt"`;
const ACTS = `c.status = 'ACTIVE' AND (c."startsAt" IS NULL OR c."startsAt" <= $1) AND (c."endsAt" IS NULL OR
  c."endsAt" > $1)`;
// The same three conditions as rewards puts on a payment.
const REWARDED = `p.currency = c.currency AND (c."merchantIds" IS NULL OR p."merchantId" = ANY(c."merchantIds"))
  AND (c."merchantCategoryCodes" IS NULL OR p."merchantCategoryCode" = ANY(c."merchantCategoryCodes"))`;

// A message that ended only because it was not wanted, or its campaign paused at the time.
const MAY_BE_REOPENED = `i.status = 'DROPPED' AND i.reason IN ('NOT_OPTED_IN', 'OFFER_ENDED')`;

const NOBODY = '00000000-0000-0000-0000-000000000000';
const SCAN_PEOPLE_MAX = 100;
const CAMPAIGNS_MAX = 100;
const DAY_MS = 86_400_000;

/** Knows what people buy often, and offers them campaigns that fit, each campaign once a person. */
export class OfferService implements OfferFacts {
  constructor(private readonly parts: OfferServiceParts) {}

  /** Counts payments into people's habits, each once, and offers what they have made fitting. */
  async purchaseAll(tx: Tx, payments: readonly Payment[]): Promise<void> {
    const now = this.parts.now();
    // One that is forgotten already must not count again when it comes again.
    const recent = payments.filter((payment) => payment.occurredAt > forgottenBefore(now));
    const isNew = await insertPurchases(tx, recent);
    const counted = recent.filter((payment) => isNew.delete(payment.transactionId));
    await countAffinities(tx, counted);
    const wanting = await this.whoWantsOffers(tx, counted);
    await this.offerFor(
      tx,
      counted.filter(({ personId }) => wanting.has(personId)),
    );
  }

  /**
   * Offers what payments may have made fitting: once for each person and campaign, however often the person has paid, and nothing
   * that was offered before and cannot be offered again. So who pays ten thousand times costs no more than who pays twice.
   */
  private async offerFor(tx: Tx, payments: readonly Payment[]): Promise<void> {
    if (payments.length === 0) return;
    const rows: (Campaign & { personId: string })[] = await tx.query(
      `/* offer.for-payments */ SELECT p."personId", c.* FROM (
         SELECT DISTINCT "personId", currency, "merchantId", "merchantCategoryCode" FROM purchase
         WHERE "transactionId" = ANY($2::uuid[])) p
       CROSS JOIN LATERAL (
         SELECT ${CAMPAIGN} FROM campaign c WHERE ${REWARDED} AND ${ACTS} AND NOT EXISTS (
           SELECT FROM intent i WHERE i."dedupeKey" = 'offer/' || c.id || '/' || p."personId"
             AND NOT (${MAY_BE_REOPENED}))
         ORDER BY c.id LIMIT ${CAMPAIGNS_MAX}) c
       ORDER BY p."personId", c.id`,
      [this.parts.now(), payments.map(({ transactionId }) => transactionId)],
    );
    const pairs = new Map(rows.map((row) => [`${row.personId}/${row.id}`, row]));
    for (const campaign of pairs.values()) await this.offer(tx, campaign, campaign.personId);
  }

  /**
   * Keeps a campaign's newest state; one that begins to act is offered to the people whose habits fit, in small
   * steps.
   */
  async changeCampaign(tx: Tx, campaign: EventData<'campaign.changed'>): Promise<void> {
    const orNull = (list: readonly string[] | null): readonly string[] | null =>
      list && list.length > 0 ? list : null;
    const rows: unknown[] = await tx.query(
      `/* offer.campaign */ INSERT INTO campaign AS known (id, version, status, effect, currency, "rateBasisPoints",
        "merchantIds",
         "merchantCategoryCodes", "startsAt", "endsAt") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status, effect = excluded.effect,
         currency = excluded.currency, "rateBasisPoints" = excluded."rateBasisPoints", "merchantIds" =
         excluded."merchantIds",
         "merchantCategoryCodes" = excluded."merchantCategoryCodes", "startsAt" = excluded."startsAt", "endsAt" =
         excluded."endsAt"
       WHERE known.version < excluded.version RETURNING 1`,
      [
        campaign.campaignId,
        campaign.version,
        campaign.status,
        campaign.effect,
        campaign.currency,
        campaign.rateBasisPoints,
        orNull(campaign.merchantIds),
        orNull(campaign.merchantCategoryCodes),
        campaign.startsAt,
        campaign.endsAt,
      ],
    );
    if (rows.length === 0) return;
    const now = this.parts.now();
    const begins = campaign.startsAt && campaign.startsAt > now ? campaign.startsAt : now;
    await tx.query(
      `/* offer.scan */ INSERT INTO offer_scan ("campaignId", "afterPersonId", "dueAt", done) VALUES ($1, $2, $3, $4)
       ON CONFLICT ("campaignId") DO UPDATE SET "afterPersonId" = excluded."afterPersonId", "dueAt" = excluded."dueAt",
         done = excluded.done`,
      [campaign.campaignId, NOBODY, begins, campaign.status !== 'ACTIVE'],
    );
  }

  async acts(tx: Tx, campaignId: string, at: Date): Promise<boolean> {
    const [campaign]: Campaign[] = await tx.query(
      `/* offer.acts */ SELECT ${CAMPAIGN} FROM campaign c WHERE c.id = $1`,
      [campaignId],
    );
    return campaign !== undefined && actsAt(campaign, at);
  }

  /** Offers a person who has just opted in what fits now. */
  async offerAll(tx: Tx, personId: string): Promise<void> {
    const campaigns: Campaign[] = await tx.query(
      `/* offer.for-person */ SELECT ${CAMPAIGN} FROM campaign c WHERE ${ACTS}
         AND EXISTS (SELECT 1 FROM purchase p WHERE p."personId" = $2 AND p."occurredAt" > $3 AND ${REWARDED})
       ORDER BY c.id DESC LIMIT ${CAMPAIGNS_MAX}`,
      [this.parts.now(), personId, this.oftenSince()],
    );
    for (const campaign of campaigns) await this.offer(tx, campaign, personId);
  }

  /** Does one step of one campaign's walk over people. Gives how many steps were done. */
  async scanStep(): Promise<number> {
    // Looked at without a transaction: the commit of one would wake the relay for nothing, twice a second.
    const [{ due }] = await this.parts.dataSource.query(
      `/* offer.scan-due */ SELECT EXISTS (SELECT FROM offer_scan WHERE NOT done AND "dueAt" <= $1) AS due`, [this.parts.now()],
    );
    if (!due) return 0;
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [scan]: { campaignId: string; afterPersonId: string }[] = await tx.query(
        `/* offer.scan-claim */ SELECT "campaignId", "afterPersonId" FROM offer_scan WHERE NOT done AND "dueAt" <= $1
         ORDER BY "dueAt" LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [this.parts.now()],
      );
      if (!scan) return 0;
      const [campaign]: Campaign[] = await tx.query(
        `/* offer.scan-campaign */ SELECT ${CAMPAIGN} FROM campaign c WHERE c.id = $2 AND ${ACTS}`,
        [this.parts.now(), scan.campaignId],
      );
      const people = campaign && offerTemplate(campaign) ? await this.peopleFor(tx, campaign, scan.afterPersonId) : [];
      for (const personId of people) await this.offer(tx, campaign!, personId);
      await tx.query(
        '/* offer.scan-advance */ UPDATE offer_scan SET "afterPersonId" = $2, done = $3 WHERE "campaignId" = $1',
        [scan.campaignId, people.at(-1) ?? scan.afterPersonId, people.length < SCAN_PEOPLE_MAX],
      );
      return 1;
    });
  }

  /** Forgets payments that are too old to count for any habit. Gives how many, up to the limit. */
  async forget(limit: number): Promise<number> {
    const rows: unknown[] = await this.parts.dataSource.query(
      `/* offer.forget */ WITH gone AS (
         DELETE FROM purchase WHERE "transactionId" IN (
           SELECT "transactionId" FROM purchase WHERE "occurredAt" < $1 ORDER BY "occurredAt" LIMIT $2 FOR UPDATE SKIP
           LOCKED)
         RETURNING 1) SELECT 1 FROM gone`,
      [forgottenBefore(this.parts.now()), limit],
    );
    return rows.length;
  }

  private oftenSince(): Date {
    return new Date(this.parts.now().getTime() - OFTEN_DAYS * DAY_MS);
  }

  private async whoWantsOffers(tx: Tx, payments: readonly Payment[]): Promise<Set<string>> {
    if (payments.length === 0) return new Set();
    const rows: { personId: string }[] = await tx.query(
      '/* offer.wanted */ SELECT "personId" FROM preferences WHERE "personId" = ANY($1::uuid[]) AND "marketingOptIn"',
      [[...new Set(payments.map(({ personId }) => personId))]],
    );
    return new Set(rows.map((row) => row.personId));
  }

  private async peopleFor(tx: Tx, campaign: Campaign, afterPersonId: string): Promise<string[]> {
    const rows: { personId: string }[] = await tx.query(
      `/* offer.people */ SELECT p."personId" FROM purchase p
       JOIN campaign c ON c.id = $1 AND ${REWARDED}
       JOIN preferences w ON w."personId" = p."personId" AND w."marketingOptIn"
       WHERE p."personId" > $2 AND p."occurredAt" > $3
       GROUP BY p."personId" HAVING count(*) >= ${OFTEN_PAYMENTS_MIN} ORDER BY p."personId" LIMIT ${SCAN_PEOPLE_MAX}`,
      [campaign.id, afterPersonId, this.oftenSince()],
    );
    return rows.map((row) => row.personId);
  }

  private async offer(tx: Tx, campaign: Campaign, personId: string): Promise<void> {
    const template = offerTemplate(campaign);
    if (!template) return;
    const habit = await this.habitOf(tx, campaign, personId);
    const { fits, because } = offerFits(campaign, habit, await this.favouritesOf(tx, personId));
    if (!fits) return;
    const now = this.parts.now();
    await this.parts.raise(tx, {
      dedupeKey: `offer/${campaign.id}/${personId}`,
      personId,
      class: 'MARKETING',
      template,
      merchantId: habit!.merchantId,
      campaignId: campaign.id,
      facts: {
        words: { scope: campaign.merchantIds ? 'MERCHANT' : 'CATEGORY' },
        ...(campaign.rateBasisPoints === null ? {} : { rateBasisPoints: campaign.rateBasisPoints }),
      },
      validUntil: offerValidUntil(campaign, now),
      because,
    });
    // It gets its chance when that has changed.
    await tx.query(
      `/* offer.reopen */ UPDATE intent SET status = 'OPEN', reason = NULL, "dueAt" = $2, "validUntil" = $3 WHERE id
        IN (SELECT i.id FROM intent i WHERE i."dedupeKey" = $1 AND ${MAY_BE_REOPENED} FOR UPDATE SKIP LOCKED)`,
      [`offer/${campaign.id}/${personId}`, now, offerValidUntil(campaign, now)],
    );
  }

  private async habitOf(tx: Tx, campaign: Campaign, personId: string): Promise<Habit | null> {
    const [row]: (Habit & { payments: number })[] = await tx.query(
      `/* offer.habit */ SELECT count(*)::integer AS payments, mode() WITHIN GROUP (ORDER BY p."merchantId") AS
        "merchantId",
         mode() WITHIN GROUP (ORDER BY p."merchantCategoryCode") AS "merchantCategoryCode"
       FROM purchase p JOIN campaign c ON c.id = $1 AND ${REWARDED} WHERE p."personId" = $2 AND p."occurredAt" > $3`,
      [campaign.id, personId, this.oftenSince()],
    );
    return row && row.payments > 0 ? row : null;
  }

  private async favouritesOf(tx: Tx, personId: string): Promise<string[]> {
    const rows: (Affinity & { merchantCategoryCode: string })[] = await tx.query(
      '/* offer.favourites */ SELECT "merchantCategoryCode", score, at FROM affinity WHERE "personId" = $1',
      [personId],
    );
    const now = this.parts.now();
    return rows.sort((a, b) => scoreAt(b, now) - scoreAt(a, now)).map((row) => row.merchantCategoryCode);
  }
}
