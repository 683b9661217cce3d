import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { EntityManager } from 'typeorm';

/** What the events of a posting continue. */
export interface Cause {
  readonly traceparent?: string | undefined;
}

/** A grant as it stands here: WAITING for its offer, POSTED once, or REFUSED for good. */
export interface Grant {
  readonly grantId: string;
  readonly kind: 'CASHBACK' | 'REFERRAL_REWARD' | 'FEE_REBATE';
  readonly campaignId: string;
  readonly personId: string;
  readonly walletId: string | null;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  readonly sourceTransactionId: string;
  readonly status: 'WAITING' | 'POSTED' | 'REFUSED';
  readonly reversed: bigint;
}

const GRANT_COLUMNS = `"grantId", kind, "campaignId", "personId", "walletId", currency, amount, "sourceTransactionId", status, reversed`;

/**
 * Holds everybody else who works on the same grants until the transaction ends, also before they have come. All are locked in
 * one order, and before any wallet.
 */
export async function lockGrants(tx: Tx, grantIds: readonly string[]): Promise<void> {
  await tx.query(
    `/* rewards.lockGrants */ SELECT pg_advisory_xact_lock(g.lock) FROM (
       SELECT hashtextextended('tael/reward/' || id, 0) AS lock FROM unnest($1::text[]) AS q (id) ORDER BY 1 OFFSET 0) g`,
    [grantIds],
  );
}

/** Gives a grant, if it has come. */
export async function findGrant(tx: Tx, grantId: string): Promise<Grant | undefined> {
  const [grant] = await tx.query(`/* rewards.grant */ SELECT ${GRANT_COLUMNS} FROM reward_grant WHERE "grantId" = $1`, [grantId]);
  return grant;
}

/** Records that a grant stands in the books. */
export async function markPosted(tx: Tx, posted: { grantId: string; walletId: string; transactionId: string }): Promise<void> {
  await tx.query(
    `/* rewards.posted */ UPDATE reward_grant SET status = 'POSTED', "walletId" = $2, "transactionId" = $3 WHERE "grantId" = $1`,
    [posted.grantId, posted.walletId, posted.transactionId],
  );
}

/** Where a walk over waiting grants stands: the last one that it gave. */
export interface WaitingGrant {
  readonly grantId: string;
  /** To the microsecond, as the database writes it. */
  readonly receivedAt: string;
}

const WAITING_PAGE = 20;

/** Gives rebates that wait though their offer has come, oldest first, a page at a time from where the last one ended. */
export async function findWaiting(manager: EntityManager, after?: WaitingGrant): Promise<WaitingGrant[]> {
  return manager.query(
    `/* rewards.waiting */ SELECT g."grantId", g."receivedAt"::text AS "receivedAt"
     FROM reward_grant g JOIN fee_waiver_offer o ON o."campaignId" = g."campaignId"
     WHERE g.status = 'WAITING' AND (g."receivedAt", g."grantId") > ($1::timestamptz, $2::uuid)
     ORDER BY g."receivedAt", g."grantId" LIMIT $3`,
    [after?.receivedAt ?? '-infinity', after?.grantId ?? '00000000-0000-0000-0000-000000000000', WAITING_PAGE],
  );
}
