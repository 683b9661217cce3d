import type { TaelEvent } from '@tael/events';
import type { OutgoingMessage } from '@tael/platform/bus';
import { Poison } from '@tael/platform/inbox';
import { outboxInsert, outboxValues } from '@tael/platform/outbox';
import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { messagesOf } from '../events/emission';
import { systemAccountId } from '../ledger/account.ids';
import { balancesOf, batchCall, batchValues, type NewTransaction } from '../ledger/ledger.service';
import { type Grant, lockGrants } from './grant.service';
import { settle } from './reward-posting.service';

type Granted = TaelEvent<'benefit.granted'>;

/** A grant that names the wallet it goes to. */
type PlainGrant = Granted & { readonly data: { readonly walletId: string } };

/** A locked wallet, its balance as text. */
interface WalletRow {
  readonly id: string;
  readonly personId: string;
  readonly currency: string;
  readonly posted: string;
}

/** What a batch of grants depends on, read once it and its wallets are locked. */
interface Opened {
  /** Those that have not come before; the wallets of no others are locked. */
  readonly fresh: readonly string[];
  readonly wallets: readonly WalletRow[] | null;
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

// Somebody may hold one of the wallets for long: the others shall not wait as long as that. One grant alone may wait twice in its statement, for itself and for its
// wallet: each less than half of what a statement has (15 s), so that it is told that it waited, and is tried again.
const BATCH_LOCK_TIMEOUT = '2s';
const LONE_LOCK_TIMEOUT = '7s';

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
  const grants = eachOnce(events);
  const opened = await open(tx, grants, events.length > 1 ? BATCH_LOCK_TIMEOUT : LONE_LOCK_TIMEOUT);
  const isFresh = new Set(opened.fresh);
  const fresh = grants.filter(({ data }) => isFresh.has(data.grantId));
  if (fresh.length === 0) return;
  const balances = ownBalances(fresh, opened.wallets ?? []);
  const isSpecial = ({ data }: PlainGrant) => opened.indebted.includes(data.personId) || opened.reversed.includes(data.grantId);
  await bookTogether(tx, fresh.filter((event) => !isSpecial(event)), { balances, opened });
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

/** Locks grants and their wallets and reads what they depend on, in one round trip: payments wait for the wallets. */
async function open(tx: Tx, events: readonly PlainGrant[], patience: string): Promise<Opened> {
  const grants = events.map(({ data }) => data);
  const [opened]: [Opened] = await tx.query(
    `/* rewards.open */ SELECT fresh, wallets, at::text AS at, at AS now, known, indebted, reversed
     FROM grant_open($1, $2::text[], $3::uuid[], $4::uuid[], $5::uuid[])`,
    [
      patience, grants.map(({ grantId }) => grantId), grants.map(({ walletId }) => walletId), grants.map(({ personId }) => personId),
      grants.map(({ sourceTransactionId }) => sourceTransactionId),
    ],
  );
  return opened;
}

/** Gives the balances of the wallets that grants name. One that is not the person's, or of another currency, is a mistake of the sender. */
function ownBalances(events: readonly PlainGrant[], rows: readonly WalletRow[]): Map<string, bigint> {
  const wallets = new Map(rows.map((row) => [row.id, row]));
  for (const { data: { walletId, personId, currency } } of events) {
    const wallet = wallets.get(walletId);
    if (wallet?.personId === personId && wallet.currency === currency) continue;
    throw new Poison(`wallet ${walletId} is not a ${currency} wallet of person ${personId}`);
  }
  return new Map(rows.map(({ id, posted }) => [id, BigInt(posted)]));
}

// Postings, their marks and events in one statement: each round trip more is time for which the wallets are locked.
const POSTED = batchCall(10);
const TOLD = outboxInsert(16);

async function bookTogether(
  tx: Tx, events: readonly PlainGrant[], { balances, opened }: { balances: Map<string, bigint>; opened: Opened },
): Promise<void> {
  if (events.length === 0) return;
  const planned = events.map((event): Planned => {
    const { walletId, amount } = event.data;
    const balanceAfter = balances.get(walletId)! + amount;
    balances.set(walletId, balanceAfter);
    return { event, transactionId: uuidv7(), balanceAfter };
  });
  const known = new Set(opened.known);
  const posted = balancesOf(await tx.query(
    `/* rewards.post-all */ WITH told AS (${TOLD}), kept AS (
       INSERT INTO reward_grant ("grantId", kind, "campaignId", "personId", "walletId", currency, amount, "sourceTransactionId",
         "transactionId", status, reversed, "receivedAt")
       SELECT g.*, 'POSTED', 0, now() FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[],
         $7::bigint[], $8::uuid[], $9::uuid[]) AS g)
     SELECT p.* FROM ${POSTED} p`,
    [
      ...valuesOf(planned.map(({ event }) => event)), planned.map(({ transactionId }) => transactionId),
      ...batchValues(opened.at, planned.map((one) => transactionOf(one, known))), ...outboxValues(planned.flatMap((one) => eventsOf(one, opened.now))),
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
