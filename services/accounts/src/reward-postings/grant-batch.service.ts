import type { TaelEvent } from '@tael/events';
import type { OutgoingMessage } from '@tael/platform/bus';
import { Poison } from '@tael/platform/inbox';
import { outboxInsert, outboxValues } from '@tael/platform/outbox';
import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { messagesOf } from '../events/emission';
import type { LockedAccount } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { balancesOf, batchCall, batchValues, lockWallets, type NewTransaction } from '../ledger/ledger.service';
import { type Grant, lockGrants } from './grant.service';
import { settle } from './reward-posting.service';

type Granted = TaelEvent<'benefit.granted'>;

/** A grant that names the wallet it goes to. */
type PlainGrant = Granted & { readonly data: { readonly walletId: string } };

/** What else a batch of grants depends on, read once its wallets are locked. */
interface Facts {
  /** The instant of the postings, to the microsecond, and as it is told. */
  readonly at: string;
  readonly now: Date;
  /** Those of the source transactions that stand here. */
  readonly known: readonly string[];
  /** Who owes something for rewards that were taken back. */
  readonly indebted: readonly string[];
  /** Grants of which something was taken back before they came. */
  readonly reversed: readonly string[];
}

interface Planned {
  readonly event: PlainGrant;
  readonly transactionId: string;
  readonly balanceAfter: bigint;
}

// Somebody may hold one of the wallets for long: the others shall not wait as long as that. One grant alone has the patience
// of the session.
const BATCH_LOCK_TIMEOUT = '2s';

/** Says of a grant whether it only puts money into a wallet that it names: such are booked together. */
export const isPlain = (grant: { readonly kind?: unknown; readonly walletId?: unknown }): boolean =>
  typeof grant.walletId === 'string' && (grant.kind === 'CASHBACK' || grant.kind === 'REFERRAL_REWARD');

/** Books a grant, once, whatever is redelivered; what was taken back before it came is taken back with it. */
export async function onBenefitGranted(tx: Tx, event: Granted): Promise<void> {
  if (isPlain(event.data)) return bookGrants(tx, [event as PlainGrant]);
  await lockGrants(tx, [event.data.grantId]);
  const fresh = await takeGrants(tx, [event]);
  if (fresh.length > 0) await settle(tx, grantOf(event), event);
}

/**
 * Books plain grants in one transaction: grants are locked in one order, then wallets in order of id, as payments and
 * transfers lock them, so that nobody waits in a circle. Whoever owes something, and what was taken back already, is
 * settled one by one under the same locks.
 */
export async function bookGrants(tx: Tx, events: readonly PlainGrant[]): Promise<void> {
  if (events.length > 1) await tx.query(`/* rewards.patience */ SELECT set_config('lock_timeout', $1, true)`, [BATCH_LOCK_TIMEOUT]);
  await lockGrants(tx, events.map(({ data }) => data.grantId));
  const fresh = await newGrants(tx, events);
  if (fresh.length === 0) return;
  const wallets = await lockOwnWallets(tx, fresh);
  const facts = await readFacts(tx, fresh);
  const isSpecial = ({ data }: PlainGrant) => facts.indebted.includes(data.personId) || facts.reversed.includes(data.grantId);
  await bookTogether(tx, fresh.filter((event) => !isSpecial(event)), { wallets, facts });
  for (const event of await takeGrants(tx, fresh.filter(isSpecial))) await settle(tx, grantOf(event), event);
}

/** The columns of grants, as two statements insert them. */
const valuesOf = (events: readonly Granted[]): unknown[] => {
  const grants = events.map(({ data }) => data);
  return [
    grants.map((grant) => grant.grantId), grants.map((grant) => grant.kind), grants.map((grant) => grant.campaignId),
    grants.map((grant) => grant.personId), grants.map((grant) => grant.walletId), grants.map((grant) => grant.currency),
    grants.map((grant) => String(grant.amount)), grants.map((grant) => grant.sourceTransactionId),
  ];
};

const grantOf = ({ data }: Granted): Grant => ({ ...data, status: 'WAITING', reversed: 0n });

const eachOnce = <E extends Granted>(events: readonly E[]): E[] =>
  [...new Map([...events].reverse().map((event) => [event.data.grantId, event])).values()].reverse();

/** Gives those of locked grants that have not come before, each once. */
async function newGrants<E extends Granted>(tx: Tx, events: readonly E[]): Promise<E[]> {
  const grants = eachOnce(events);
  const rows: { grantId: string }[] = await tx.query(
    `/* rewards.known */ SELECT "grantId" FROM reward_grant WHERE "grantId" = ANY ($1::uuid[])`,
    [grants.map(({ data }) => data.grantId)],
  );
  const known = new Set(rows.map(({ grantId }) => grantId));
  return grants.filter(({ data }) => !known.has(data.grantId));
}

/** Writes down which grants have come, for those that are decided one by one; gives those that had not come before, each once. */
async function takeGrants<E extends Granted>(tx: Tx, events: readonly E[]): Promise<E[]> {
  if (events.length === 0) return [];
  const taken = eachOnce(events);
  const rows: { grantId: string }[] = await tx.query(
    `/* rewards.take */ INSERT INTO reward_grant ("grantId", kind, "campaignId", "personId", "walletId", currency, amount,
       "sourceTransactionId", status, reversed, "receivedAt")
     SELECT g.id, g.kind, g.campaign, g.person, g.wallet, g.currency, g.amount, g.source, 'WAITING', 0, now()
     FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bigint[], $8::uuid[])
       AS g (id, kind, campaign, person, wallet, currency, amount, source)
     ON CONFLICT ("grantId") DO NOTHING RETURNING "grantId"`,
    valuesOf(taken),
  );
  const fresh = new Set(rows.map(({ grantId }) => grantId));
  return taken.filter(({ data }) => fresh.has(data.grantId));
}

/** Locks the wallets that grants name. One that is not the person's, or of another currency, is a mistake of the sender. */
async function lockOwnWallets(tx: Tx, events: readonly PlainGrant[]): Promise<Map<string, LockedAccount>> {
  const wallets = await lockWallets(tx, events.map(({ data }) => data.walletId));
  for (const { data: { walletId, personId, currency } } of events) {
    const wallet = wallets.get(walletId);
    if (wallet?.personId === personId && wallet.currency === currency) continue;
    throw new Poison(`wallet ${walletId} is not a ${currency} wallet of person ${personId}`);
  }
  return wallets;
}

async function readFacts(tx: Tx, events: readonly PlainGrant[]): Promise<Facts> {
  const [facts] = await tx.query(
    `/* rewards.facts */ SELECT t.now, t.now::text AS at,
       ARRAY(SELECT id FROM ledger_tx WHERE id = ANY ($1::uuid[])) AS known,
       ARRAY(SELECT "personId" FROM reward_debt WHERE "personId" = ANY ($2::uuid[]) AND owed > 0) AS indebted,
       ARRAY(SELECT "grantId" FROM reward_reversal WHERE "grantId" = ANY ($3::uuid[]) AND status = 'WAITING') AS reversed
     FROM clock_timestamp() AS t (now)`,
    [
      events.map(({ data }) => data.sourceTransactionId), events.map(({ data }) => data.personId),
      events.map(({ data }) => data.grantId),
    ],
  );
  return facts;
}

// Postings, their marks and events in one statement: each round trip more is time for which the wallets are locked.
const POSTED = batchCall(10);
const TOLD = outboxInsert(16);

async function bookTogether(
  tx: Tx, events: readonly PlainGrant[], { wallets, facts }: { wallets: Map<string, LockedAccount>; facts: Facts },
): Promise<void> {
  if (events.length === 0) return;
  const balances = new Map([...wallets].map(([id, wallet]) => [id, wallet.posted]));
  const planned = events.map((event): Planned => {
    const { walletId, amount } = event.data;
    const balanceAfter = balances.get(walletId)! + amount;
    balances.set(walletId, balanceAfter);
    return { event, transactionId: uuidv7(), balanceAfter };
  });
  const known = new Set(facts.known);
  const posted = balancesOf(await tx.query(
    `/* rewards.post-all */ WITH told AS (${TOLD}), kept AS (
       INSERT INTO reward_grant ("grantId", kind, "campaignId", "personId", "walletId", currency, amount, "sourceTransactionId",
         "transactionId", status, reversed, "receivedAt")
       SELECT g.*, 'POSTED', 0, now() FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[],
         $7::bigint[], $8::uuid[], $9::uuid[]) AS g)
     SELECT p.* FROM ${POSTED} p`,
    [
      ...valuesOf(planned.map(({ event }) => event)), planned.map(({ transactionId }) => transactionId),
      ...batchValues(facts.at, planned.map((one) => transactionOf(one, known))), ...outboxValues(planned.flatMap((one) => eventsOf(one, facts.now))),
    ],
  ));
  for (const { event } of planned) {
    const { walletId, grantId } = event.data;
    if (posted.get(walletId) !== balances.get(walletId)) throw new Error(`grant ${grantId} was posted on another balance`);
  }
}

function transactionOf({ event, transactionId }: Planned, known: ReadonlySet<string>): NewTransaction {
  const { grantId, kind, currency, amount, personId, walletId, campaignId, sourceTransactionId } = event.data;
  return {
    id: transactionId, kind, currency, amount, personId, walletId, campaignId, externalRef: `grant:${grantId}`,
    parentId: known.has(sourceTransactionId) ? sourceTransactionId : undefined,
    legs: [{ debit: systemAccountId('REWARD_FUNDING', currency), credit: walletId, amount }],
  };
}

function eventsOf({ event, transactionId, balanceAfter }: Planned, occurredAt: Date): OutgoingMessage[] {
  const { personId, walletId, currency, amount, grantId, campaignId, kind, sourceTransactionId } = event.data;
  return messagesOf(event, [{
    type: 'reward.posted',
    data: {
      transactionId, personId, walletId, currency, amount, balanceAfter, occurredAt, grantId, campaignId, kind, credited: amount,
      sourceTransactionId,
    },
  }]);
}
