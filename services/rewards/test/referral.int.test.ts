import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import {
  activeCampaign, outcomeOf, payment, posted, refunded, registered, rewardsOf, settled, somebody, spent, startSubject, type Subject, takenBack,
} from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('referral');
});
afterAll(() => subject?.stop());

const usd = (amount: string) => ({ amount, currency: 'USD' });
const programme = (given: Record<string, unknown> = {}) =>
  activeCampaign(subject, { referralReward: { referrerReward: usd('5.00'), friendReward: usd('3.00') }, ...given });
const grantsFor = (paymentId: string) => subject.published('benefit.granted', (data) => data['sourceTransactionId'] === paymentId);
const locks = async (granted: boolean): Promise<number> => {
  const [row] = await subject.dataSource.query(
    `SELECT count(*)::int AS locks FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted = $1
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [granted],
  );
  return row.locks;
};
const changesOf = async (friendId: string) =>
  (await subject.published('referral.changed', (data) => data['friendId'] === friendId)).map((data) => data['status']);

it('rewards both sides once, after the first payment that qualifies', async () => {
  const { id, merchantId } = await programme({ conditions: { minimumAmount: usd('50.00') } });
  const [referrerId, friendId] = [uuidv7(), uuidv7()];
  await subject.deliver(registered(referrerId), registered(friendId, { referredBy: referrerId, displayName: 'Jun Wei Chen' }));
  expect((await rewardsOf(subject, referrerId)).referrals).toEqual([{ displayName: 'Jun', status: 'JOINED' }]);

  const small = payment({ merchantId, personId: friendId, amount: 4_999n });
  const paid = payment({ merchantId, personId: friendId, ordinal: 2 });
  const later = payment({ merchantId, personId: friendId, ordinal: 3 });
  await subject.deliver(settled(small), settled(paid), settled(paid), settled(later));
  expect(await grantsFor(small.transactionId)).toEqual([]);
  expect(await grantsFor(later.transactionId)).toEqual([]);
  const grants = await grantsFor(paid.transactionId);
  expect(grants).toMatchObject([
    { kind: 'REFERRAL_REWARD', personId: referrerId, walletId: null, orderKey: referrerId, amount: '500' },
    { kind: 'REFERRAL_REWARD', personId: friendId, walletId: null, orderKey: friendId, amount: '300' },
  ]);
  expect(await spent(subject, id)).toBe(800n);
  expect((await rewardsOf(subject, referrerId)).referrals).toMatchObject([{ status: 'QUALIFIED' }]);

  await Promise.all(grants.map((grant) => subject.deliver(posted(grant))));
  expect((await rewardsOf(subject, referrerId)).referrals).toMatchObject([{ status: 'REWARDED' }]);
  expect(await rewardsOf(subject, referrerId)).toMatchObject({ earned: [usd('5.00')], referralCode: 'CODE' });
  expect(await changesOf(friendId)).toEqual(['JOINED', 'QUALIFIED', 'REWARDED']);
});

it("shows the friend their own side only, and the referrer nothing of the friend's payment", async () => {
  const { id, merchantId } = await programme();
  const [referrerId, friendId] = [uuidv7(), uuidv7()];
  const paid = payment({ merchantId, personId: friendId });
  await subject.deliver(registered(friendId, { referredBy: referrerId }), settled(paid));
  const { benefits } = await outcomeOf(subject, paid);
  expect(benefits).toMatchObject([{ kind: 'REFERRAL_REWARD', amount: usd('3.00'), campaign: { id } }]);
  expect(await outcomeOf(subject, paid, somebody({ personId: referrerId }))).toEqual({ benefits: null, rewardDecisions: null });
});

it('comes to the same where the payment is heard of before the sign-up, or at once', async () => {
  const { id, merchantId } = await programme();
  const people = Array.from({ length: 12 }, () => ({ referrerId: uuidv7(), friendId: uuidv7() }));
  const work = people.map(({ referrerId, friendId }, index) => {
    const signUp = () => subject.deliver(registered(friendId, { referredBy: referrerId }));
    const pay = () => subject.deliver(settled(payment({ merchantId, personId: friendId })));
    return index < 4 ? pay().then(signUp) : Promise.all([pay(), signUp()]);
  });
  await Promise.all(work);
  for (const { friendId } of people) expect(await changesOf(friendId)).toEqual(['JOINED', 'QUALIFIED']);
  expect(await spent(subject, id)).toBe(BigInt(people.length) * 800n);
});

it.each([['payment', 'sign-up'], ['sign-up', 'payment']])(
  'makes of a %s and a %s in transactions at once the later one wait and see the other', async (first) => {
    const { merchantId } = await programme();
    const friendId = uuidv7();
    const messages = [settled(payment({ merchantId, personId: friendId })), registered(friendId, { referredBy: uuidv7() })];
    const [earlier, later] = first === 'payment' ? messages : messages.reverse();
    let commit!: () => void;
    const held = new Promise<void>((resolve) => (commit = resolve));
    const isDone = subject.dataSource.transaction(async (tx) => {
      await subject.handle(tx, [earlier!]);
      await held;
    });
    await eventually(async () => expect(await locks(true)).toBeGreaterThan(0));
    const isSeen = subject.deliver(later!);
    try {
      await eventually(async () => expect(await locks(false)).toBe(1), { timeoutMs: 3_000, describe: 'the later one waits' });
    } finally {
      commit();
      await Promise.all([isDone, isSeen]);
    }
    expect(await changesOf(friendId)).toEqual(['JOINED', 'QUALIFIED']);
  },
);

it('takes the budget for both or for none', async () => {
  // It holds one pair of rewards, and of the second all but a cent.
  const { id, merchantId } = await programme({ budget: usd('15.99') });
  const [first, second] = [payment({ merchantId }), payment({ merchantId })];
  for (const paid of [first, second]) {
    await subject.deliver(registered(paid.personId, { referredBy: uuidv7() }), settled(paid));
  }
  expect(await grantsFor(first.transactionId)).toHaveLength(2);
  expect(await grantsFor(second.transactionId)).toEqual([]);
  expect(await spent(subject, id)).toBe(800n);
  const { rewardDecisions } = await outcomeOf(subject, second);
  expect(rewardDecisions!.find((one) => one.campaign.id === id)).toMatchObject({ outcome: 'BUDGET_EXHAUSTED' });
});

it('bounds the one who invites', async () => {
  const { id, merchantId } = await programme({ conditions: { maximumRewardsPerUser: 2 } });
  const referrerId = uuidv7();
  const friends = Array.from({ length: 6 }, () => uuidv7());
  await subject.deliver(...friends.map((friendId) => registered(friendId, { referredBy: referrerId })));
  await Promise.all(friends.map((personId) => subject.deliver(settled(payment({ merchantId, personId })))));
  expect(await spent(subject, id)).toBe(1_600n);
});

it('takes both sides back with a full refund, and nothing with a part of it', async () => {
  const { id, merchantId } = await programme();
  const [referrerId, friendId] = [uuidv7(), uuidv7()];
  const paid = payment({ merchantId, personId: friendId });
  await subject.deliver(registered(friendId, { referredBy: referrerId }), settled(paid));
  await subject.deliver(...(await grantsFor(paid.transactionId)).map((one) => posted(one)), refunded(paid, 9_999n));
  expect(await spent(subject, id)).toBe(800n);
  await subject.deliver(refunded(paid, 10_000n));
  const reversals = await subject.published('benefit.reversed', (data) => data['sourceTransactionId'] === paid.transactionId);
  expect(reversals.map((one) => [one['personId'], one['amount']]).sort()).toEqual([[referrerId, '500'], [friendId, '300']].sort());
  expect(await spent(subject, id)).toBe(0n);
  await subject.deliver(...reversals.map((one) => takenBack(one)));
  expect(await changesOf(friendId)).toEqual(['JOINED', 'QUALIFIED', 'REWARDED', 'REJECTED']);
  expect(await rewardsOf(subject, referrerId)).toMatchObject({ earned: [usd('0.00')], referrals: [{ status: 'REJECTED' }] });
});

it('A20: refuses to refer oneself, also in a ring', async () => {
  const { merchantId } = await programme();
  const [a, b, c] = [uuidv7(), uuidv7(), uuidv7()];
  await subject.deliver(registered(a, { referredBy: a }));
  expect(await changesOf(a)).toEqual(['REJECTED']);
  await subject.deliver(registered(b, { referredBy: c }), registered(c, { referredBy: b }));
  expect([await changesOf(b), await changesOf(c)]).toEqual([['JOINED', 'REJECTED'], ['REJECTED']]);
  for (const personId of [b, c]) {
    const paid = payment({ merchantId, personId });
    await subject.deliver(settled(paid));
    expect(await grantsFor(paid.transactionId)).toEqual([]);
  }
});
