import type { EventMessage } from '@tael/events';
import { v7 as uuidv7 } from 'uuid';
import { LATE_LINK_MS } from '../src/links/link.domain';
import {
  activeCampaign, linked, outcomeOf, payment, posted, refunded, registered, rewardsOf, settled, spent, startSubject, type Subject, takenBack,
} from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('referral-links');
});
afterAll(() => subject?.stop());

const usd = (amount: string) => ({ amount, currency: 'USD' });
const programme = () => activeCampaign(subject, { referralReward: { referrerReward: usd('5.00'), friendReward: usd('3.00') } });
const granted = (paymentId: string) => subject.published('benefit.granted', (data) => data['sourceTransactionId'] === paymentId);
const reversed = (paymentId: string) => subject.published('benefit.reversed', (data) => data['sourceTransactionId'] === paymentId);
const statuses = async (friendId: string) =>
  (await subject.published('referral.changed', (data) => data['friendId'] === friendId)).map((data) => data['status']);
const ordersOf = <T>([first, ...rest]: readonly T[]): T[][] =>
  first === undefined ? [[]] : ordersOf(rest).flatMap((order) => [...order, first].map((_one, at) => order.toSpliced(at, 0, first)));

describe('an inviter and a friend who have the same card', () => {
  it('earn nothing, and the friend reads why', async () => {
    const { id, merchantId } = await programme();
    const [referrerId, friendId] = [uuidv7(), uuidv7()];
    const paid = payment({ merchantId, personId: friendId });
    await subject.deliver(registered(friendId, { referredBy: referrerId }), linked(referrerId, friendId), settled(paid));
    expect(await granted(paid.transactionId)).toEqual([]);
    expect(await statuses(friendId)).toEqual(['JOINED', 'REJECTED']);
    const { rewardDecisions } = await outcomeOf(subject, paid);
    expect(rewardDecisions!.find((one) => one.campaign.id === id)).toMatchObject({
      outcome: 'CONDITION_FAILED',
      conditions: expect.arrayContaining([{
        label: 'Invited by a friend, not rewarded yet', expected: 'invited', actual: 'by somebody who uses the same card or bank account', passed: false,
      }]),
    });
    expect((await rewardsOf(subject, referrerId)).referrals).toMatchObject([{ status: 'REJECTED' }]);
  });

  it('come to nothing in every order of sign-up, card and payment, each told twice', async () => {
    const { id, merchantId } = await programme();
    for (const order of ordersOf(['sign-up', 'card', 'payment'])) {
      const [referrerId, friendId] = [uuidv7(), uuidv7()];
      const paid = payment({ merchantId, personId: friendId });
      const messages: Record<string, EventMessage> = {
        'sign-up': registered(friendId, { referredBy: referrerId }), card: linked(referrerId, friendId), payment: settled(paid),
      };
      for (const one of order) await subject.deliver(messages[one]!, messages[one]!);
      await subject.deliver(...order.map((one) => messages[one]!));
      const [grants, back] = [await granted(paid.transactionId), await reversed(paid.transactionId)];
      expect([order, back.map((one) => one['grantId']).sort()]).toEqual([order, grants.map((one) => one['grantId']).sort()]);
      expect((await statuses(friendId)).at(-1)).toBe('REJECTED');
      const { rewardDecisions } = await outcomeOf(subject, paid);
      expect([order, rewardDecisions!.find((one) => one.campaign.id === id)!.conditions])
        .toEqual([order, expect.arrayContaining([expect.objectContaining({ actual: 'by somebody who uses the same card or bank account' })])]);
    }
    expect(await spent(subject, id)).toBe(0n);
  });

  it.each([
    ['the same by way of a third', (a: string, b: string) => { const third = uuidv7(); return [linked(a, third), linked(third, b, { by: 'BANK_ACCOUNT' })]; }, 'REJECTED'],
    ['the family of a family', (a: string, b: string) => { const [one, other] = [uuidv7(), uuidv7()]; return [linked(a, one), linked(one, other), linked(other, b)]; }, 'QUALIFIED'],
    ['another who shares with one of them alone', (a: string) => [linked(a, uuidv7())], 'QUALIFIED'],
  ] as const)('%s', async (_case, links, status) => {
    const { merchantId } = await programme();
    for (const messages of [links, (a: string, b: string) => [...links(a, b)].reverse()]) {
      const [referrerId, friendId] = [uuidv7(), uuidv7()];
      await subject.deliver(
        registered(friendId, { referredBy: referrerId }), ...messages(referrerId, friendId), settled(payment({ merchantId, personId: friendId })),
      );
      expect((await statuses(friendId)).at(-1)).toBe(status);
    }
  });
});

describe('a card that comes to light after the rewards', () => {
  const earned = async () => {
    const { id, merchantId } = await programme();
    const [referrerId, friendId] = [uuidv7(), uuidv7()];
    const paid = payment({ merchantId, personId: friendId });
    await subject.deliver(registered(friendId, { referredBy: referrerId }), settled(paid));
    await subject.deliver(...(await granted(paid.transactionId)).map((one) => posted(one)));
    return { id, paid, referrerId, friendId };
  };
  const late = (paidAt: Date, ms: number) => new Date(paidAt.getTime() + ms);

  it('takes both back, once, whatever else is found or given back after it', async () => {
    const { id, paid, referrerId, friendId } = await earned();
    await subject.deliver(linked(referrerId, friendId), linked(referrerId, friendId), linked(referrerId, friendId, { by: 'BANK_ACCOUNT' }));
    const back = await reversed(paid.transactionId);
    expect(back.map((one) => [one['personId'], one['amount'], one['cause']]).sort())
      .toEqual([[referrerId, '500', 'LINK'], [friendId, '300', 'LINK']].sort());
    await subject.deliver(refunded(paid, paid.amount), ...back.map((one) => takenBack(one)));
    expect(await reversed(paid.transactionId)).toHaveLength(2);
    expect(await spent(subject, id)).toBe(0n);
    expect(await statuses(friendId)).toEqual(['JOINED', 'QUALIFIED', 'REWARDED', 'REJECTED']);
    const { rewardDecisions } = await outcomeOf(subject, paid);
    expect(rewardDecisions!.find((one) => one.campaign.id === id)).toMatchObject({ outcome: 'REVERSED' });
  });

  it('takes nothing where a refund took it before, and nothing twice where both come at once', async () => {
    const { id, paid, referrerId, friendId } = await earned();
    await subject.deliver(refunded(paid, paid.amount), linked(referrerId, friendId));
    expect((await reversed(paid.transactionId)).map((one) => one['cause'])).toEqual(['REFUND', 'REFUND']);
    const other = await earned();
    await Promise.all([subject.deliver(refunded(other.paid, other.paid.amount)), subject.deliver(linked(other.referrerId, other.friendId))]);
    expect(await reversed(other.paid.transactionId)).toHaveLength(2);
    expect([await spent(subject, id), await spent(subject, other.id)]).toEqual([0n, 0n]);
  });

  it.each([[LATE_LINK_MS, 0n, 'REJECTED'], [LATE_LINK_MS + 1, 800n, 'REWARDED']])('%d ms after the payment leaves %d', async (ms, left, status) => {
    const { id, paid, referrerId, friendId } = await earned();
    await subject.deliver(linked(referrerId, friendId, { at: late(paid.occurredAt, ms) }));
    expect(await spent(subject, id)).toBe(left);
    expect((await statuses(friendId)).at(-1)).toBe(status);
  });

  it('long after it leaves what was earned also where it is heard of first; and one of before, heard of last, takes it', async () => {
    const { id, merchantId } = await programme();
    const [referrerId, friendId] = [uuidv7(), uuidv7()];
    const paid = payment({ merchantId, personId: friendId });
    await subject.deliver(
      linked(referrerId, friendId, { at: late(paid.occurredAt, LATE_LINK_MS + 1) }), registered(friendId, { referredBy: referrerId }), settled(paid),
    );
    expect(await granted(paid.transactionId)).toHaveLength(2);
    await subject.deliver(linked(referrerId, friendId, { by: 'BANK_ACCOUNT', at: paid.occurredAt }));
    expect(await reversed(paid.transactionId)).toHaveLength(2);
    expect(await spent(subject, id)).toBe(0n);
  });

  it('leaves the cashback of the same payment', async () => {
    const { merchantId } = await programme();
    const { id } = await activeCampaign(subject, { conditions: { merchantIds: [merchantId] } });
    const [referrerId, friendId] = [uuidv7(), uuidv7()];
    const paid = payment({ merchantId, personId: friendId });
    await subject.deliver(registered(friendId, { referredBy: referrerId }), settled(paid), linked(referrerId, friendId));
    expect((await reversed(paid.transactionId)).map((one) => one['campaignId'])).not.toContain(id);
    expect(await spent(subject, id)).toBe(250n);
  });

  it('pays neither where a sign-up and a card are worked off at once', async () => {
    const { id, merchantId } = await programme();
    const pairs = Array.from({ length: 12 }, () => [uuidv7(), uuidv7()] as const);
    await Promise.all(pairs.flatMap(([referrerId, friendId]) => [
      subject.deliver(registered(friendId, { referredBy: referrerId })), subject.deliver(linked(referrerId, friendId)),
      subject.deliver(settled(payment({ merchantId, personId: friendId }))),
    ]));
    for (const [, friendId] of pairs) expect((await statuses(friendId)).at(-1)).toBe('REJECTED');
    expect(await spent(subject, id)).toBe(0n);
  });
});
