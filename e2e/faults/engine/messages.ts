import type pg from 'pg';
import type { Journal, Operation, OperationKind } from './journal';
import type { World } from './people';

/** Somebody is told of a transaction. */
export interface Told {
  readonly transactionId: string;
  readonly personId: string;
  readonly topic: string;
}

/** A reward, or its reversal, as the ledger has posted it: what it put into the wallet, or took out of it. */
export interface RewardPosting {
  readonly id: string;
  readonly kind: string;
  readonly personId: string;
  readonly net: bigint | string;
}

/**
 * Who is told what of each kind of movement, written down here and not taken from the code that tells. `by` is who asked for
 * it, `other` the other side: who is sent money, and who paid what is given back. A shop's owner is not told of a refund.
 */
const TOPICS_OF: Readonly<Record<OperationKind, { readonly by?: string; readonly other?: string }>> = {
  PAYMENT: { by: 'payment.settled' },
  TRANSFER: { by: 'transfer.sent', other: 'transfer.received' },
  TOP_UP: { by: 'topup.settled' },
  WITHDRAWAL: { by: 'withdrawal.settled' },
  REFUND: { other: 'payment.refunded' },
};

const REWARD_TOPICS: Readonly<Record<string, string>> = {
  CASHBACK: 'reward.paid', REFERRAL_REWARD: 'reward.paid', FEE_REBATE: 'reward.paid', REWARD_REVERSAL: 'reward.reversed',
};

/** Everything that has to be told, once each: of what was acknowledged, and of the rewards that the ledger has posted. */
export function dueMessages(
  operations: readonly Operation[], people: World['everybody'], rewards: readonly RewardPosting[],
): { due: Told[]; breaches: string[] } {
  const byEmail = new Map(people.map((person) => [person.email, person.id]));
  const payerOf = new Map(operations.filter((one) => one.kind === 'PAYMENT').map((one) => [one.transactionId, one.scope]));
  const breaches: string[] = [];
  const due: Told[] = [];
  for (const { kind, key, scope, input, transactionId } of operations) {
    const { by, other } = TOPICS_OF[kind];
    if (by) due.push({ transactionId: transactionId!, personId: scope, topic: by });
    if (!other) continue;
    const personId = kind === 'TRANSFER' ? byEmail.get(String(input['recipientEmail'])) : payerOf.get(String(input['transactionId']));
    if (personId) due.push({ transactionId: transactionId!, personId, topic: other });
    else breaches.push(`the other side of ${key} (${transactionId}) is nobody of this run`);
  }
  for (const { id, kind, personId, net } of rewards) {
    const topic = REWARD_TOPICS[kind];
    // Where all of a reward is kept for earlier debts nobody is told.
    if (topic && BigInt(net) !== 0n) due.push({ transactionId: id, personId, topic });
  }
  return { due, breaches };
}

/** What is missing, doubled or told to a stranger. */
export function differencesOf(due: readonly Told[], told: readonly Told[]): string[] {
  const placeOf = ({ transactionId, personId, topic }: Told) => `${topic} of ${transactionId} to ${personId}`;
  const copies = new Map<string, number>();
  for (const one of told) copies.set(placeOf(one), (copies.get(placeOf(one)) ?? 0) + 1);
  const places = new Set(due.map(placeOf));
  return [
    ...[...places].filter((place) => !copies.has(place)).map((place) => `there is no message ${place}`),
    ...[...copies].filter(([place, count]) => count > 1 && places.has(place)).map(([place, count]) => `${count} messages ${place}`),
    ...[...copies.keys()].filter((place) => !places.has(place)).map((place) => `a message that nobody is due: ${place}`),
  ];
}

/** Of each movement every person whom it concerns has exactly one message of its topic, and nobody else has any. */
export async function messageBreaches(
  clients: { readonly accounts: pg.Client; readonly notifications: pg.Client }, world: World, journal: Journal,
): Promise<string[]> {
  const { rows: rewards } = await clients.accounts.query<RewardPosting>(
    `/* faults.rewards */ SELECT t.id, t.kind, t."personId",
       sum(CASE WHEN p."creditAccountId" = t."walletId" THEN p.amount WHEN p."debitAccountId" = t."walletId" THEN -p.amount ELSE 0 END)::text AS net
     FROM ledger_tx t JOIN posting p ON p."txId" = t.id
     WHERE t."personId" = ANY($1) AND t.kind = ANY($2) GROUP BY t.id`,
    [world.everybody.map((person) => person.id), Object.keys(REWARD_TOPICS)],
  );
  const { due, breaches } = dueMessages(journal.acknowledged(), world.everybody, rewards);
  const { rows: told } = await clients.notifications.query<Told>(
    '/* faults.messages */ SELECT "transactionId", "personId", topic FROM notification WHERE "transactionId" = ANY($1)',
    [due.map((one) => one.transactionId)],
  );
  return [...breaches, ...differencesOf(due, told)];
}
