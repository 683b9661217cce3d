import type { TaelEvent } from '@tael/events';
import type { CurrencyCode } from '@tael/money';
import { Poison } from '@tael/platform/inbox';
import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { takeOffer } from '../fee-waivers/fee-waiver.service';
import { available, type LockedAccount } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { lockWallets, post } from '../ledger/ledger.service';
import { openWalletIn } from '../wallets/wallet.service';
import { rebateFee } from './fee-rebate.service';
import { type Cause, findGrant, type Grant, lockGrants, markPosted } from './grant.service';
import { decideCollection } from './reward-posting.domain';
import { applyReversal, type WaitingReversal } from './reward-reversal.service';

/** Takes a grant back, whole or in part, once a reversal; before the grant has come it is kept for then. */
export async function onBenefitReversed(tx: Tx, event: TaelEvent<'benefit.reversed'>): Promise<void> {
  const { reversalId, grantId, amount } = event.data;
  await lockGrants(tx, [grantId]);
  const isNew: unknown[] = await tx.query(
    `/* rewards.takeReversal */ INSERT INTO reward_reversal ("reversalId", "grantId", amount, status, taken, owed, "receivedAt")
     VALUES ($1, $2, $3, 'WAITING', 0, 0, now()) ON CONFLICT ("reversalId") DO NOTHING RETURNING 1`,
    [reversalId, grantId, String(amount)],
  );
  if (isNew.length === 0) return;
  const grant = await findGrant(tx, grantId);
  if (grant && grant.status !== 'WAITING') await applyReversal(tx, { grant, reversal: { reversalId, amount }, cause: event });
}

/**
 * Takes an offer of fee waivers. Rebates that came before it are left to the loop of rebates: they are of many people, and
 * each is a transaction of its own.
 */
export async function onFeeWaiverOffered(tx: Tx, event: TaelEvent<'fee-waiver.offered'>): Promise<void> {
  await takeOffer(tx, event.data);
}

/** Decides a grant that waits, if it still does. */
export async function settleWaiting(tx: Tx, grantId: string): Promise<void> {
  await lockGrants(tx, [grantId]);
  const grant = await findGrant(tx, grantId);
  if (grant?.status === 'WAITING') await settle(tx, grant, {});
}

/** Books one grant that waits, and takes back of it what was reversed before it came. */
export async function settle(tx: Tx, grant: Grant, cause: Cause): Promise<void> {
  if (grant.kind === 'FEE_REBATE') {
    if ((await rebateFee(tx, grant, cause)) === 'WAITING') return;
  } else {
    await pay(tx, grant, cause);
  }
  await reverseWhatWaited(tx, grant.grantId, cause);
}

async function reverseWhatWaited(tx: Tx, grantId: string, cause: Cause): Promise<void> {
  const waiting: WaitingReversal[] = await tx.query(
    `/* rewards.waitingReversals */ SELECT "reversalId", amount FROM reward_reversal
     WHERE "grantId" = $1 AND status = 'WAITING' ORDER BY "receivedAt", "reversalId"`,
    [grantId],
  );
  for (const reversal of waiting) await applyReversal(tx, { grant: (await findGrant(tx, grantId))!, reversal, cause });
}

async function pay(tx: Tx, grant: Grant, cause: Cause): Promise<void> {
  const { grantId, kind, campaignId, personId, currency, amount, sourceTransactionId } = grant;
  const walletId = grant.walletId ?? (await openWalletIn(tx, { personId, currency, now: new Date(), ...cause })).walletId;
  const wallet = await lockOwnWallet(tx, { walletId, personId, currency });
  const transactionId = uuidv7();
  const posted = await post(tx, {
    id: transactionId, kind, currency, amount, personId, walletId, campaignId, externalRef: `grant:${grantId}`,
    parentId: await knownTransaction(tx, sourceTransactionId),
    legs: [{ debit: systemAccountId('REWARD_FUNDING', currency), credit: walletId, amount }],
  });
  await markPosted(tx, { grantId, walletId, transactionId });
  const collected = await collectDebt(tx, grant, { ...wallet, posted: wallet.posted + amount });
  const balanceAfter = collected?.balanceAfter ?? posted.balances.get(walletId)!.posted;
  await emit(tx, cause, [{
    type: 'reward.posted',
    data: {
      transactionId, personId, walletId, currency, amount, balanceAfter, occurredAt: posted.recordedAt, grantId, campaignId, kind,
      credited: amount - (collected?.amount ?? 0n), sourceTransactionId,
    },
  }]);
}

/** Locks the wallet that a grant names. One that is not the person's, or of another currency, is a mistake of the sender. */
async function lockOwnWallet(
  tx: Tx, named: { walletId: string; personId: string; currency: CurrencyCode },
): Promise<LockedAccount> {
  const wallet = (await lockWallets(tx, [named.walletId])).get(named.walletId);
  if (wallet?.personId === named.personId && wallet.currency === named.currency) return wallet;
  throw new Poison(`wallet ${named.walletId} is not a ${named.currency} wallet of person ${named.personId}`);
}

async function knownTransaction(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx.query('/* rewards.source */ SELECT id FROM ledger_tx WHERE id = $1', [id]);
  return row?.id;
}

/** Keeps back of a new reward what is owed for earlier ones that were taken back: a transaction of its own. */
async function collectDebt(
  tx: Tx, grant: Grant, wallet: LockedAccount,
): Promise<{ amount: bigint; balanceAfter: bigint } | undefined> {
  const { personId, currency } = grant;
  const [debt] = await tx.query(
    '/* rewards.debt */ SELECT owed FROM reward_debt WHERE "personId" = $1 AND currency = $2 FOR NO KEY UPDATE',
    [personId, currency],
  );
  const amount = debt ? decideCollection(debt.owed, grant.amount, { available: available(wallet) }) : 0n;
  if (amount === 0n) return undefined;
  const posted = await post(tx, {
    id: uuidv7(), kind: 'REWARD_REVERSAL', currency, amount, personId, walletId: wallet.id, externalRef: `debt:${grant.grantId}`,
    legs: [{ debit: wallet.id, credit: systemAccountId('REWARD_FUNDING', currency), amount }],
  });
  await tx.query('/* rewards.debt.pay */ UPDATE reward_debt SET owed = owed - $3 WHERE "personId" = $1 AND currency = $2', [
    personId, currency, String(amount),
  ]);
  return { amount, balanceAfter: posted.balances.get(wallet.id)!.posted };
}
