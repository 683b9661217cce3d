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

/** Eighteen people, half of them invited, each with a payment; two thirds of the payments are refunded in parts or whole. */
function history(): EventMessage[] {
  return Array.from({ length: 18 }, (_, index) => index).flatMap((index) => {
    const personId = uuidv7();
    const paid = payment({ personId, merchantId: MERCHANT, amount: 5_000n + BigInt(index) * 211n });
    const parts = [[], [1n, 2n], [1n, 2n, 3n]][index % 3]!;
    const refunds = parts.map((third) => refunded(paid, (paid.amount * third) / 3n));
    return [registered(personId, index % 2 ? { referredBy: uuidv7() } : {}), settled(paid), ...refunds];
  });
}

// A fixed sequence of random numbers (the one of Park and Miller), so that a failure comes again.
function shuffler(seed: number): <T>(items: readonly T[]) => T[] {
  let state = seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  return (items) => items.map((item) => [next(), item] as const).sort((a, b) => a[0] - b[0]).map(([, item]) => item);
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
    const messages = history();
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
