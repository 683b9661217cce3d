import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';

/** What somebody takes of an offer: a waiver in their payment, or a rebate after it. */
export interface WaiverSpending {
  readonly campaignId: string;
  readonly personId: string;
  readonly amount: bigint;
  /** How often one person may; null without a bound. */
  readonly cap: number | null;
}

/**
 * Spends of an offer, in the posting transaction and under the lock of the person's counter row. Gives false, with nothing
 * changed, where the budget no longer suffices: somebody else was faster.
 */
export async function spendWaiver(tx: Tx, spending: WaiverSpending): Promise<boolean> {
  const spent: unknown[] = await tx.query(
    `/* fee-waivers.spend */ WITH paid AS (
       UPDATE fee_waiver_budget SET spent = spent + $3 WHERE "campaignId" = $2 AND spent + $3 <= budget RETURNING 1
     )
     INSERT INTO fee_waiver_use AS u ("personId", "campaignId", uses, waived, cap)
     SELECT $1, $2, 1, $3, $4::int FROM paid
     ON CONFLICT ("personId", "campaignId")
       DO UPDATE SET uses = u.uses + 1, waived = u.waived + excluded.waived, cap = excluded.cap
     RETURNING 1`,
    [spending.personId, spending.campaignId, String(spending.amount), spending.cap],
  );
  return spent.length > 0;
}

/** Takes an offer as rewards published it. Gives false for a state that is not newer than the one that stands here. */
export async function takeOffer(tx: Tx, offer: EventData<'fee-waiver.offered'>): Promise<boolean> {
  const taken: unknown[] = await tx.query(
    `/* fee-waivers.offer */ INSERT INTO fee_waiver_offer AS o ("campaignId", version, currency, "activeTimes", "startsAt",
       "endsAt", "minimumAmount", "merchantIds", "merchantCategoryCodes", "firstPaymentOnly", "maximumRewardsPerUser",
       "maximumPerPayment")
     VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8::uuid[], $9::text[], $10, $11, $12)
     ON CONFLICT ("campaignId") DO UPDATE SET version = excluded.version, currency = excluded.currency,
       "activeTimes" = excluded."activeTimes", "startsAt" = excluded."startsAt", "endsAt" = excluded."endsAt",
       "minimumAmount" = excluded."minimumAmount", "merchantIds" = excluded."merchantIds",
       "merchantCategoryCodes" = excluded."merchantCategoryCodes", "firstPaymentOnly" = excluded."firstPaymentOnly",
       "maximumRewardsPerUser" = excluded."maximumRewardsPerUser", "maximumPerPayment" = excluded."maximumPerPayment"
     WHERE o.version < excluded.version RETURNING 1`,
    [
      offer.campaignId, offer.version, offer.currency, JSON.stringify(offer.activeTimes), offer.startsAt, offer.endsAt,
      offer.minimumAmount?.toString() ?? null, offer.merchantIds, offer.merchantCategoryCodes, offer.firstPaymentOnly,
      offer.maximumRewardsPerUser, offer.maximumPerPayment?.toString() ?? null,
    ],
  );
  if (taken.length === 0) return false;
  // A budget that is cut below what was spent stands at what was spent: nothing more is given.
  await tx.query(
    `/* fee-waivers.budget */ INSERT INTO fee_waiver_budget AS b ("campaignId", budget, spent) VALUES ($1, $2, 0)
     ON CONFLICT ("campaignId") DO UPDATE SET budget = greatest(excluded.budget, b.spent)`,
    [offer.campaignId, String(offer.budget)],
  );
  return true;
}
