import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { spendWaiver } from '../fee-waivers/fee-waiver.service';
import { systemAccountId } from '../ledger/account.ids';
import { post } from '../ledger/ledger.service';
import { lockMovement } from '../limits/movement.service';
import { decideRebate, type RebateRefusal, type RebateState } from './reward-posting.domain';
import { type Cause, type Grant, markPosted } from './grant.service';

interface RebatablePayment {
  readonly walletId: string;
  readonly fee: bigint;
  readonly feeWaived: bigint;
  readonly rebated: boolean;
}

/**
 * Gives a fee back within the cap and budget of its offer, against the same rows as the waivers. Where the offer has not
 * arrived yet the grant stays WAITING.
 */
export async function rebateFee(tx: Tx, grant: Grant, cause: Cause): Promise<'WAITING' | 'DONE'> {
  const { personId, campaignId, currency } = grant;
  const known = await findPayment(tx, grant);
  await lockMovement(tx, { personId, walletIds: known ? [known.walletId] : [], kind: 'FEE_REBATE', currency });
  const offer = await findOffer(tx, grant);
  if (!offer) return 'WAITING';
  const payment = await findPayment(tx, grant);
  const decided = decideRebate({ payment, offer }, grant.amount);
  if (!decided.ok) return refuse(tx, grant, { reason: decided.reason, cause });
  const { amount } = decided;
  const spent = await spendWaiver(tx, { campaignId, personId, amount, cap: offer.maximumRewardsPerUser });
  if (!spent) return refuse(tx, grant, { reason: 'BUDGET_EXHAUSTED', cause });
  const { walletId } = payment!;
  const transactionId = uuidv7();
  const posted = await post(tx, {
    id: transactionId, kind: 'FEE_REBATE', currency, amount, personId, walletId, campaignId, parentId: grant.sourceTransactionId,
    externalRef: `grant:${grant.grantId}`,
    legs: [{ debit: systemAccountId('FEES', currency), credit: walletId, amount }],
  });
  await markPosted(tx, { grantId: grant.grantId, walletId, transactionId });
  await emit(tx, cause, [{
    type: 'reward.posted',
    data: {
      transactionId, personId, walletId, currency, amount, credited: amount, balanceAfter: posted.balances.get(walletId)!.posted,
      occurredAt: posted.recordedAt, grantId: grant.grantId, campaignId, kind: 'FEE_REBATE',
      sourceTransactionId: grant.sourceTransactionId,
    },
  }]);
  return 'DONE';
}

async function refuse(tx: Tx, grant: Grant, { reason, cause }: { reason: RebateRefusal; cause: Cause }): Promise<'DONE'> {
  const { grantId, campaignId, personId } = grant;
  await tx.query(`/* rewards.refused */ UPDATE reward_grant SET status = 'REFUSED' WHERE "grantId" = $1`, [grantId]);
  await emit(tx, cause, [{ type: 'reward.refused', data: { grantId, campaignId, personId, reason, occurredAt: new Date() } }]);
  return 'DONE';
}

async function findPayment(tx: Tx, grant: Grant): Promise<RebatablePayment | undefined> {
  const [row] = await tx.query(
    `/* rewards.rebatable */ SELECT t."walletId", t.fee, t."feeWaived",
       EXISTS (SELECT 1 FROM ledger_tx r WHERE r."parentId" = t.id AND r.kind = 'FEE_REBATE') AS rebated
     FROM ledger_tx t WHERE t.id = $1 AND t.kind = 'PAYMENT' AND t."personId" = $2 AND t.currency = $3`,
    [grant.sourceTransactionId, grant.personId, grant.currency],
  );
  return row;
}

async function findOffer(tx: Tx, grant: Grant): Promise<RebateState['offer'] | undefined> {
  const [row] = await tx.query(
    `/* rewards.rebateOffer */ SELECT o."maximumRewardsPerUser", coalesce(u.uses, 0) AS uses, b.budget - b.spent AS "budgetLeft"
     FROM fee_waiver_offer o JOIN fee_waiver_budget b ON b."campaignId" = o."campaignId"
     LEFT JOIN fee_waiver_use u ON u."campaignId" = o."campaignId" AND u."personId" = $2
     WHERE o."campaignId" = $1`,
    [grant.campaignId, grant.personId],
  );
  return row;
}
