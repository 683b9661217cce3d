import type { EventMessage } from '@tael/events';
import { inTransaction } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { activeCampaign, linked, payment, posted, refunded, registered, settled, spent, startSubject, type Subject, takenBack } from './support';

// Corpora of people who invite each other for the money, and of people who do not: made from a seed, the same in every run.

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('referral-abuse');
});
afterAll(() => subject?.stop());

const usd = (amount: string) => ({ amount, currency: 'USD' });
const MINIMUM = 5_000n;
const MAXIMUM = 20;
const PAIR = 800n;
const AT_ONCE = 50;

const programme = () => activeCampaign(subject, {
  referralReward: { referrerReward: usd('5.00'), friendReward: usd('3.00') }, budget: usd('100000.00'),
  conditions: { minimumAmount: usd('50.00'), maximumRewardsPerUser: MAXIMUM },
});

/** Chance that can be had again (mulberry32): numbers from 0 up to, not including, `below`. */
function chanceOf(seed: number) {
  let state = seed;
  const next = (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
  const shuffled = <T>(list: readonly T[]): T[] => {
    const left = [...list];
    return list.map(() => left.splice(next(left.length), 1)[0]!);
  };
  return { next, shuffled };
}

/** Works messages off in batches, as the consumer does under load. */
async function deliverAll(messages: readonly EventMessage[]): Promise<void> {
  for (let from = 0; from < messages.length; from += AT_ONCE) {
    await inTransaction(subject.dataSource, (tx) => subject.handle(tx, messages.slice(from, from + AT_ONCE)));
  }
}

const people = (count: number): string[] => Array.from({ length: count }, () => uuidv7());
const paidFor = async (campaignId: string) => subject.published('benefit.granted', (data) => data['campaignId'] === campaignId);

function countOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

it('A20: pays nothing in a corpus of rings, of one person and of up to eight, whoever signs up and pays first', async () => {
  const { id, merchantId } = await programme();
  const { next, shuffled } = chanceOf(20);
  const rings = Array.from({ length: 120 }, (_none, index) => people(1 + (index % 8)));
  const signUps = rings.map((ring) => shuffled(ring.map((person, at) => registered(person, { referredBy: ring[(at + 1) % ring.length]! }))));
  await deliverAll(signUps.flat());
  const payments = rings.flat().flatMap((personId) =>
    Array.from({ length: 1 + next(2) }, (_none, at) => payment({ personId, merchantId, amount: MINIMUM + BigInt(next(10_000)), ordinal: at + 1 })));
  await deliverAll(shuffled(payments).map((one) => settled(one)));
  expect(await paidFor(id)).toEqual([]);
  expect(await spent(subject, id)).toBe(0n);
});

it('A20: keeps nothing paid of a corpus of payments that are given back after the reward, in parts or at once', async () => {
  const { id, merchantId } = await programme();
  const { next, shuffled } = chanceOf(21);
  const [referrers, friends] = [people(60), people(60)];
  const payments = friends.map((personId) => payment({ personId, merchantId, amount: MINIMUM + BigInt(next(10_000)) }));
  await deliverAll(friends.map((friend, at) => registered(friend, { referredBy: referrers[at]! })));
  await deliverAll(payments.map((one) => settled(one)));
  const grants = await paidFor(id);
  expect(grants).toHaveLength(2 * friends.length);
  await deliverAll(grants.map((grant) => posted(grant)));
  // Each says how much is given back by then; they may come in any order.
  const refunds = payments.flatMap((paid) =>
    [...Array.from({ length: next(3) }, () => 1n + BigInt(next(Number(paid.amount) - 1))), paid.amount].map((total) => refunded(paid, total)));
  await deliverAll(shuffled(refunds));
  const back = await subject.published('benefit.reversed', (data) => data['campaignId'] === id);
  expect(back).toHaveLength(grants.length);
  await deliverAll(back.map((reversal) => takenBack(reversal)));
  expect(await spent(subject, id)).toBe(0n);
});

it('A20: gives a thousand fresh accounts of one inviter nothing for signing up, for little or for what is given back, and no more than the most', async () => {
  const { id, merchantId } = await programme();
  const [referrerId] = people(1);
  const farm = people(1_000);
  await deliverAll(farm.map((friend) => registered(friend, { referredBy: referrerId! })));
  expect(await paidFor(id)).toEqual([]);
  const [little, back, real] = [farm.slice(0, 300), farm.slice(300, 320), farm.slice(320, 620)];
  await deliverAll(little.map((personId) => settled(payment({ personId, merchantId, amount: MINIMUM - 1n }))));
  expect(await paidFor(id)).toEqual([]);
  const given = back.map((personId) => payment({ personId, merchantId, amount: MINIMUM }));
  await deliverAll(given.map((one) => settled(one)));
  await deliverAll(given.map((one) => refunded(one, MINIMUM)));
  expect(await spent(subject, id)).toBe(0n);
  // What was taken back has used the inviter's share up: whoever pays for real after that is one too many.
  await deliverAll(real.map((personId) => settled(payment({ personId, merchantId, amount: MINIMUM }))));
  expect(await spent(subject, id)).toBe(0n);
});

it('A20: takes nobody of a corpus of honest people for a ring: families, classes and chains of friends, some of whom give a part back', async () => {
  const { id, merchantId } = await programme();
  const { next, shuffled } = chanceOf(22);
  const honest = people(500);
  // Everybody but the first was invited by somebody of before: chains where it is the last one, crowds where it is an early one.
  const invitedBy = honest.map((_person, at) => (at === 0 ? undefined : honest[at - 1 - (next(2) ? 0 : next(Math.min(at, 12)))]));
  const signUps = honest.map((person, at) => registered(person, invitedBy[at] ? { referredBy: invitedBy[at] } : {}));
  const payments = honest.map((personId) => payment({ personId, merchantId, amount: MINIMUM + BigInt(next(10_000)) }));
  const partly = payments.filter((_one, at) => at % 10 === 0).map((paid) => refunded(paid, paid.amount / 10n));
  await deliverAll([...shuffled([...signUps, ...payments.map((one) => settled(one))]), ...partly]);
  const friends = honest.slice(1);
  const rewards = countOf((await paidFor(id)).map((grant) => grant['personId'] as string));
  const fans = countOf(invitedBy.flatMap((inviter) => inviter ?? []));
  // One reward as a friend, and one for each friend.
  const short = friends.filter((person) => (rewards.get(person) ?? 0) < 1 + (fans.get(person) ?? 0));
  expect(Math.max(...fans.values())).toBeLessThanOrEqual(MAXIMUM);
  expect(short.length / friends.length).toBeLessThanOrEqual(0.01);
  expect(await spent(subject, id)).toBeGreaterThanOrEqual(PAIR * 494n);
});

/** The links of people who add one card one after the other: accounts links each to the first three who had it. */
const linksOf = (holders: readonly string[]): EventMessage[] =>
  holders.flatMap((holder, at) => holders.slice(0, Math.min(at, 3)).map((first) => linked(holder, first)));

it('A20: pays nothing in a corpus of people with many sign-ups and one card each, however sign-ups, cards and payments are heard of', async () => {
  const { id, merchantId } = await programme();
  const { next, shuffled } = chanceOf(23);
  // Chains and crowds: each sign-up but the first was invited by an earlier one of the same person.
  const persons = Array.from({ length: 80 }, (_none, index) => people(2 + (index % 9)));
  const signUps = persons.flatMap((ids) => ids.map((one, at) => registered(one, at === 0 ? {} : { referredBy: ids[next(at)]! })));
  const cards = persons.flatMap((ids) => linksOf(shuffled(ids)));
  const payments = persons.flat().map((personId) => settled(payment({ personId, merchantId, amount: MINIMUM + BigInt(next(10_000)) })));
  await deliverAll(shuffled([...signUps, ...cards, ...payments, ...shuffled(cards).slice(0, 50)]));
  // Of what was paid before the card was heard of, all is asked back, once.
  const [paid, back] = [await paidFor(id), await subject.published('benefit.reversed', (data) => data['campaignId'] === id)];
  expect(back.map((one) => [one['grantId'], one['amount'], one['cause']]).sort()).toEqual(paid.map((one) => [one['grantId'], one['amount'], 'LINK']).sort());
  expect(await spent(subject, id)).toBe(0n);
  const [left] = await subject.dataSource.query(
    `SELECT count(*)::int AS standing FROM referral WHERE "friendId" = ANY ($1::uuid[]) AND status <> 'REJECTED'`, [persons.flat()],
  );
  expect(left.standing).toBe(0);
});

it('A20: pays nothing at all where the cards are heard of before the payments, as they are where one is needed to pay', async () => {
  const { id, merchantId } = await programme();
  const { next, shuffled } = chanceOf(24);
  const persons = Array.from({ length: 80 }, (_none, index) => people(2 + (index % 9)));
  const signUps = persons.flatMap((ids) => ids.map((one, at) => registered(one, at === 0 ? {} : { referredBy: ids[next(at)]! })));
  await deliverAll(shuffled([...signUps, ...persons.flatMap((ids) => linksOf(shuffled(ids)))]));
  await deliverAll(shuffled(persons.flat().map((personId) => settled(payment({ personId, merchantId, amount: MINIMUM })))));
  expect(await paidFor(id)).toEqual([]);
  expect(await spent(subject, id)).toBe(0n);
});

/** Of a hundred people so many share a card with somebody of their family. */
const IN_FAMILIES = 20;

it('A20: takes from families who share a card the rewards between them alone: all others of the corpus, theirs with friends too, are paid', async () => {
  const { id, merchantId } = await programme();
  const { next, shuffled } = chanceOf(25);
  const honest = people(600);
  const invitedBy = honest.map((_person, at) => (at === 0 ? undefined : at - 1 - next(Math.min(at, 12))));
  // Two people who signed up one after the other are a family; now and then one of them invited the other.
  const families = Array.from({ length: (honest.length * IN_FAMILIES) / 200 }, (_none, index) => [10 * index, 10 * index + 1] as const);
  const familyOf = new Map(families.flatMap(([one, other]) => [[one, other], [other, one]]));
  const signUps = honest.map((person, at) => registered(person, at === 0 ? {} : { referredBy: honest[invitedBy[at]!]! }));
  const cards = families.map(([one, other]) => linked(honest[one]!, honest[other]!));
  const payments = honest.map((personId) => settled(payment({ personId, merchantId, amount: MINIMUM + BigInt(next(10_000)) })));
  await deliverAll(shuffled([...signUps, ...cards, ...payments]));
  const within = honest.flatMap((_person, at) => (at > 0 && familyOf.get(at) === invitedBy[at] ? [at] : []));
  expect(within.length).toBeGreaterThan(3);
  const statuses: { friendId: string; status: string }[] = await subject.dataSource.query(
    'SELECT "friendId", status FROM referral WHERE "friendId" = ANY ($1::uuid[])', [honest],
  );
  expect(statuses.filter(({ status }) => status === 'REJECTED').map(({ friendId }) => friendId).sort())
    .toEqual(within.map((at) => honest[at]!).sort());
  // Nobody is refused but they: 0 of the 600 besides, and of all no more than one in a hundred.
  expect(await spent(subject, id)).toBe(PAIR * BigInt(honest.length - 1 - within.length));
  expect(within.length / honest.length).toBeLessThanOrEqual(0.01);
});
