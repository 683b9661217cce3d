import type { EventMessage } from '@tael/events';
import { inTransaction } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { activeCampaign, payment, posted, refunded, registered, settled, startSubject, type Subject, takenBack } from './support';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const MERCHANT = uuidv7();
const conditions = { merchantIds: [MERCHANT] };

interface Scene {
  readonly subject: Subject;
  readonly campaigns: readonly string[];
}

async function scene(name: string): Promise<Scene> {
  const subject = await startSubject(name);
  const campaigns = [];
  for (const effect of [
    { cashback: { rateBasisPoints: 333 } },
    { cashback: { rateBasisPoints: 150, maximumPerPayment: usd('1.00') }, conditions: { minimumAmount: usd('80.00') } },
    { feeWaiver: {}, conditions: { firstPaymentOnly: true, maximumRewardsPerUser: 1 } },
    { referralReward: { referrerReward: usd('5.00'), friendReward: usd('3.00') } },
  ]) {
    campaigns.push((await activeCampaign(subject, { ...effect, conditions: { ...conditions, ...effect.conditions } })).id);
  }
  return { subject, campaigns };
}

interface Customer {
  readonly personId: string;
  /** Who invited them, if anybody did. */
  readonly referredBy: string | undefined;
  readonly paid: ReturnType<typeof payment>;
  /** How much of the payment was refunded, after each refund. */
  readonly refundedTotals: readonly bigint[];
}

/** Half of them invited, each with a payment; two thirds of the payments are refunded in parts or whole. */
function customers(count: number): Customer[] {
  return Array.from({ length: count }, (_, index) => {
    const personId = uuidv7();
    const paid = payment({ personId, merchantId: MERCHANT, amount: 5_000n + BigInt(index) * 211n });
    const thirds = [[], [1n, 2n], [1n, 2n, 3n]][index % 3]!;
    return { personId, referredBy: index % 2 ? uuidv7() : undefined, paid, refundedTotals: thirds.map((third) => (paid.amount * third) / 3n) };
  });
}

function historyOf(all: readonly Customer[]): EventMessage[] {
  return all.flatMap(({ personId, referredBy, paid, refundedTotals }) => [
    registered(personId, referredBy ? { referredBy } : {}), settled(paid), ...refundedTotals.map((total) => refunded(paid, total)),
  ]);
}

// A fixed sequence of random numbers (the one of Park and Miller), so that a failure comes again.
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647);
}

function shuffler(seed: number): <T>(items: readonly T[]) => T[] {
  const next = numbers(seed);
  return (items) => items.map((item) => [next(), item] as const).sort((a, b) => a[0] - b[0]).map(([, item]) => item);
}

const TWICE_PERCENT = 20;
const WINDOW = 50;

/** As a bus that is allowed what ours is: one in five comes twice, and each up to fifty places later than it was sent. */
function disorderer(seed: number): <T>(items: readonly T[]) => T[] {
  const next = numbers(seed);
  return (items) => items
    .flatMap((item, place) => (next() % 100 < TWICE_PERCENT ? [item, item] : [item]).map((one) => [place + (next() % (WINDOW + 1)), one] as const))
    .sort((a, b) => a[0] - b[0]).map(([, item]) => item);
}

const laneOf = ({ key }: EventMessage): number => Buffer.from(key.slice(-4)).reduce((sum, byte) => sum + byte, 0) % 4;

/** Delivers as several consumers at once would: what has one key to one of them, in batches, a batch a transaction. */
async function deliverAtOnce({ subject }: Scene, messages: readonly EventMessage[]): Promise<void> {
  const lanes = [0, 1, 2, 3].map((lane) => messages.filter((message) => laneOf(message) === lane));
  await Promise.all(lanes.map(async (lane) => {
    for (let from = 0; from < lane.length; from += 7) {
      const batch = lane.slice(from, from + 7);
      await inTransaction(subject.dataSource, (tx) => subject.handle(tx, batch));
    }
  }));
}

/** Rounded half to even. */
function shareOf(amount: bigint, numerator: bigint, denominator: bigint): bigint {
  const [whole, rest] = [(amount * numerator) / denominator, (amount * numerator) % denominator];
  return 2n * rest > denominator || (2n * rest === denominator && whole % 2n === 1n) ? whole + 1n : whole;
}

/** What the four campaigns owe each person in the end, and what each has spent, by nothing but what is written of them. */
function oracle(all: readonly Customer[]) {
  const spent = [0n, 0n, 0n, 0n];
  const kept = new Map<string, bigint>();
  const give = (campaign: number, personId: string, amount: bigint): void => {
    spent[campaign]! += amount;
    kept.set(personId, (kept.get(personId) ?? 0n) + amount);
  };
  for (const { personId, referredBy, paid, refundedTotals } of all) {
    const refundedMinor = refundedTotals.at(-1) ?? 0n;
    // Of a part that is given back, that part of the cashback is; the rebate of the first fee stays.
    const cashback = (campaign: number, whole: bigint) => give(campaign, personId, whole - shareOf(whole, refundedMinor, paid.amount));
    cashback(0, shareOf(paid.amount, 333n, 10_000n));
    const capped = shareOf(paid.amount, 150n, 10_000n);
    if (paid.amount >= 8_000n) cashback(1, capped > 100n ? 100n : capped);
    give(2, personId, paid.fee);
    // An invitation stands as long as something of the first payment does.
    if (referredBy && refundedMinor < paid.amount) {
      give(3, referredBy, 500n);
      give(3, personId, 300n);
    }
  }
  return { spent: spent.map(String), kept: Object.fromEntries([...kept].map(([personId, amount]) => [personId, String(amount)])) };
}

async function answers({ subject }: Scene): Promise<EventMessage[]> {
  const [grants, reversals] = [await subject.published('benefit.granted'), await subject.published('benefit.reversed')];
  return [...grants.map((one) => posted(one)), ...reversals.map((one) => takenBack(one))];
}

/** All that came of it, without ids that differ from run to run. */
async function totals({ subject, campaigns }: Scene) {
  const benefits = await subject.dataSource.query(
    `SELECT array_position($1::uuid[], "campaignId") AS campaign, "paymentId", kind, side, "personId", amount, status, reversed, "takenBack"
     FROM benefit ORDER BY "paymentId", campaign, side`,
    [campaigns],
  );
  const budgets = await subject.dataSource.query(
    'SELECT spent FROM campaign_budget WHERE "campaignId" = ANY($1) ORDER BY array_position($1::uuid[], "campaignId")', [campaigns],
  );
  const decisions = await subject.dataSource.query(
    `SELECT array_position($1::uuid[], "campaignId") AS campaign, "paymentId", outcome FROM reward_decision ORDER BY 2, 1`, [campaigns],
  );
  const referrals = await subject.dataSource.query('SELECT "friendId", status FROM referral ORDER BY 1');
  return { benefits, budgets, decisions, referrals };
}

it.each([1, 20_261_122])('F8: every event tripled and shuffled, in crossing batches (seed %i), comes to what the clean run comes to', async (seed) => {
  const [clean, wild] = [await scene('replay_clean'), await scene('replay_wild')];
  const shuffled = shuffler(seed);
  try {
    const messages = historyOf(customers(18));
    await clean.subject.deliver(...messages);
    await clean.subject.deliver(...(await answers(clean)));

    await deliverAtOnce(wild, shuffled([...messages, ...messages, ...messages]));
    const answered = await answers(wild);
    await deliverAtOnce(wild, shuffled([...answered, ...answered, ...answered, ...messages]));

    const expected = await totals(clean);
    expect(expected.benefits.length).toBeGreaterThan(40);
    expect(expected.referrals.map((row: { status: string }) => row.status)).toEqual(expect.arrayContaining(['REWARDED', 'REJECTED']));
    expect(await totals(wild)).toEqual(expected);
    // What is published is as much as what stands in the tables: nothing was asked for twice.
    const grants = await wild.subject.published('benefit.granted');
    expect(new Set(grants.map((grant) => grant['grantId'])).size).toBe(grants.length);
    expect(grants.length).toBe(expected.benefits.length);
  } finally {
    await clean.subject.stop();
    await wild.subject.stop();
  }
}, 90_000);

it.each([3, 4_711])('F8: one event in five twice, all of them up to fifty places late (seed %i): the totals are the oracle\'s', async (seed) => {
  const wild = await scene('replay_oracle');
  const { dataSource } = wild.subject;
  const disordered = disorderer(seed);
  try {
    const all = customers(60);
    const messages = historyOf(all);
    await deliverAtOnce(wild, disordered(messages));
    await deliverAtOnce(wild, disordered(await answers(wild)));
    // What was late has made new grants and reversals, and they are answered too, with everything before them once more.
    await deliverAtOnce(wild, disordered([...messages, ...(await answers(wild))]));
    const { budgets, benefits } = await totals(wild);
    const kept = await dataSource.query('SELECT "personId", sum(amount - reversed)::text AS minor FROM benefit GROUP BY 1 HAVING sum(amount - reversed) > 0');
    expect({
      spent: budgets.map((row: { spent: string }) => String(row.spent)),
      kept: Object.fromEntries(kept.map((row: { personId: string; minor: string }) => [row.personId, row.minor])),
    }).toEqual(oracle(all));
    expect(benefits.filter((row: { status: string; reversed: string; takenBack: string }) => row.status !== 'PAID' || row.reversed !== row.takenBack)).toEqual([]);
  } finally {
    await wild.subject.stop();
  }
}, 120_000);
