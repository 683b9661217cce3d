import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { available } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { lockWallets, post } from '../ledger/ledger.service';
import { decideReversal } from './reward-posting.domain';
import type { Cause, Grant } from './grant.service';

export interface WaitingReversal {
  readonly reversalId: string;
  readonly amount: bigint;
}

interface Reversal {
  readonly grant: Grant;
  readonly reversal: WaitingReversal;
  readonly cause: Cause;
}

/** Takes back of a posted grant what is there and writes down what is owed; a refused grant has nothing to take back. */
export async function applyReversal(tx: Tx, { grant, reversal, cause }: Reversal): Promise<void> {
  if (grant.status === 'REFUSED') return close(tx, reversal, { taken: 0n, owed: 0n });
  const { grantId, personId, currency, campaignId, sourceTransactionId } = grant;
  const walletId = grant.walletId!;
  const wallet = (await lockWallets(tx, [walletId])).get(walletId)!;
  const { taken, owed } = decideReversal(grant, { available: available(wallet) }, reversal.amount);
  await close(tx, reversal, { taken, owed });
  if (taken + owed === 0n) return;
  const booked = taken > 0n ? await take(tx, { grant, reversal, cause }, taken) : undefined;
  await tx.query('/* rewards.reversed */ UPDATE reward_grant SET reversed = reversed + $2 WHERE "grantId" = $1', [
    grantId, String(taken + owed),
  ]);
  if (owed > 0n) await owe(tx, grant, owed);
  await emit(tx, cause, [{
    type: 'reward.reversed',
    data: {
      // Where nothing could be taken there is no transaction; the reversal's own id stands in its place.
      transactionId: booked?.transactionId ?? reversal.reversalId,
      personId, walletId, currency, amount: taken, balanceAfter: booked?.balanceAfter ?? wallet.posted,
      occurredAt: booked?.recordedAt ?? new Date(), reversalId: reversal.reversalId, grantId, campaignId, owed, sourceTransactionId,
    },
  }]);
}

async function take(
  tx: Tx, { grant, reversal }: Reversal, amount: bigint,
): Promise<{ transactionId: string; balanceAfter: bigint; recordedAt: Date }> {
  const walletId = grant.walletId!;
  const funding = systemAccountId(grant.kind === 'FEE_REBATE' ? 'FEES' : 'REWARD_FUNDING', grant.currency);
  const transactionId = uuidv7();
  const posted = await post(tx, {
    id: transactionId, kind: 'REWARD_REVERSAL', currency: grant.currency, amount, personId: grant.personId, walletId,
    campaignId: grant.campaignId, externalRef: `reversal:${reversal.reversalId}`,
    legs: [{ debit: walletId, credit: funding, amount }],
  });
  return { transactionId, balanceAfter: posted.balances.get(walletId)!.posted, recordedAt: posted.recordedAt };
}

async function close(tx: Tx, reversal: WaitingReversal, done: { taken: bigint; owed: bigint }): Promise<void> {
  await tx.query(
    `/* rewards.reversal.done */ UPDATE reward_reversal SET status = 'DONE', taken = $2, owed = $3 WHERE "reversalId" = $1`,
    [reversal.reversalId, String(done.taken), String(done.owed)],
  );
}

async function owe(tx: Tx, grant: Grant, owed: bigint): Promise<void> {
  await tx.query(
    `/* rewards.owe */ INSERT INTO reward_debt AS d ("personId", currency, owed) VALUES ($1, $2, $3)
     ON CONFLICT ("personId", currency) DO UPDATE SET owed = d.owed + excluded.owed`,
    [grant.personId, grant.currency, String(owed)],
  );
}
