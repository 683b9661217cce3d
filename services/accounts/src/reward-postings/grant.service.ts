import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';

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

/** Holds everybody else who works on the same grant or campaign until the transaction ends, whichever comes first. */
export async function takeTurn(tx: Tx, id: string): Promise<void> {
  await tx.query(`/* rewards.turn */ SELECT pg_advisory_xact_lock(hashtextextended('tael/reward/' || $1, 0))`, [id]);
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

/** Gives the rebates of a campaign that wait for its offer, oldest first. */
export async function findWaiting(tx: Tx, campaignId: string): Promise<Grant[]> {
  return tx.query(
    `/* rewards.waiting */ SELECT ${GRANT_COLUMNS} FROM reward_grant WHERE "campaignId" = $1 AND status = 'WAITING'
     ORDER BY "receivedAt", "grantId"`,
    [campaignId],
  );
}
