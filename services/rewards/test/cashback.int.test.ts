import { inTransaction } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import type { Spend } from '../src/campaigns/spending.service';
import {
  activeCampaign, atOnce, change, createCampaign, event, outcomeOf, payment, posted, refunded, rewardsOf, settled, somebody, spent,
  startSubject, type Subject, takenBack,
} from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('cashback');
});
afterAll(() => subject?.stop());

const grantsFor = (paymentId: string) => subject.published('benefit.granted', (data) => data['sourceTransactionId'] === paymentId);
const reversalsFor = (paymentId: string) => subject.published('benefit.reversed', (data) => data['sourceTransactionId'] === paymentId);
const usd = (amount: string) => ({ amount, currency: 'USD' });

describe('a payment that qualifies', () => {
  it('brings cashback: asked of accounts once, paid when accounts says so, with a trace of why', async () => {
    const { id, merchantId } = await activeCampaign(subject, { conditions: { minimumAmount: usd('50.00') } });
    const paid = payment({ merchantId, amount: 5_020n });
    await subject.deliver(settled(paid));

    const [grant, ...more] = await grantsFor(paid.transactionId);
    expect(more).toEqual([]);
    // 2.5 % of 50.20 is 1.255: half-even makes it 1.26.
    expect(grant).toMatchObject({
      kind: 'CASHBACK', campaignId: id, personId: paid.personId, walletId: paid.walletId, orderKey: paid.walletId, amount: '126', currency: 'USD',
    });
    expect(await spent(subject, id)).toBe(126n);
    expect(await rewardsOf(subject, paid.personId)).toMatchObject({ earned: [], pending: [usd('1.26')] });

    await subject.deliver(posted(grant!));
    const { benefits, rewardDecisions } = await outcomeOf(subject, paid);
    expect(benefits).toEqual([{
      id: grant!['grantId'], kind: 'CASHBACK', status: 'PAID', amount: usd('1.26'), takenBack: { amount: '0.00' },
      campaign: { id, name: 'Autumn', status: 'ACTIVE' },
    }]);
    expect(rewardDecisions).toEqual([{
      campaign: { id },
      outcome: 'GRANTED',
      conditions: [
        { label: 'The campaign was active', expected: 'yes', actual: 'yes', passed: true },
        { label: 'Payment in USD', expected: 'USD', actual: 'USD', passed: true },
        { label: 'Payment of at least 50.00 USD', expected: '50.00 USD', actual: '50.20 USD', passed: true },
        {
          label: 'Payment at a merchant of the campaign', expected: 'the merchant of the campaign',
          actual: 'a merchant of the campaign', passed: true,
        },
        { label: 'Budget of the campaign', expected: '1.26 USD left', actual: 'enough left', passed: true },
      ],
    }]);
    expect(await rewardsOf(subject, paid.personId)).toMatchObject({ earned: [usd('1.26')], pending: [] });
  });

  it('brings it once, whatever is delivered again, and also where the producer tells it twice', async () => {
    const { id, merchantId } = await activeCampaign(subject);
    const paid = payment({ merchantId });
    const message = settled(paid);
    await Promise.all([message, message, settled(paid), settled(paid)].map((copy) => subject.deliver(copy)));
    const [grant, ...more] = await grantsFor(paid.transactionId);
    expect(more).toEqual([]);
    const answers = [posted(grant!), posted(grant!)];
    await subject.deliver(...answers, ...answers, message);
    expect(await spent(subject, id)).toBe(250n);
    expect(await rewardsOf(subject, paid.personId)).toMatchObject({ earned: [usd('2.50')], pending: [] });
  });

  it('is explained in Chinese too', async () => {
    const { id, merchantId } = await activeCampaign(subject, { conditions: { minimumAmount: usd('50.00') } });
    const paid = payment({ merchantId, amount: 4_999n });
    await subject.deliver(settled(paid));
    const { rewardDecisions } = await outcomeOf(subject, paid, somebody({ personId: paid.personId, locale: 'zh-CN' }));
    const [decision] = rewardDecisions!.filter((one) => one.campaign.id === id);
    expect(decision.outcome).toBe('CONDITION_FAILED');
    expect(decision.conditions).toContainEqual({ label: '付款金额至少 50.00 USD', expected: '50.00 USD', actual: '49.99 USD', passed: false });
  });
});

describe('a payment that does not', () => {
  it('is told why, campaign by campaign', async () => {
    const { id, merchantId } = await activeCampaign(subject, { conditions: { maximumRewardsPerUser: 1 } });
    const person = { personId: uuidv7(), merchantId };
    const first = payment(person);
    const second = payment({ ...person, ordinal: 2 });
    const draft = await createCampaign(subject, { cashback: { rateBasisPoints: 100 }, conditions: { merchantIds: [merchantId] } });
    await subject.deliver(settled(first), settled(second));
    expect(await grantsFor(second.transactionId)).toEqual([]);
    const { rewardDecisions } = await outcomeOf(subject, second);
    expect(rewardDecisions!.find((one) => one.campaign.id === id)).toMatchObject({ outcome: 'LIMIT_REACHED' });
    expect(rewardDecisions!.find((one) => one.campaign.id === draft)).toBeUndefined();
  });

  it('happened outside of the active times, whenever it is consumed', async () => {
    const { id, merchantId } = await activeCampaign(subject);
    const within = new Date();
    await change(subject, 'pause', id);
    const late = payment({ merchantId, occurredAt: within });
    const paused = payment({ merchantId, occurredAt: new Date(Date.now() + 1) });
    const before = payment({ merchantId, occurredAt: new Date(within.getTime() - 60_000) });
    await subject.deliver(settled(late), settled(paused), settled(before));
    const outcome = async (paid: typeof late) => {
      const { rewardDecisions } = await outcomeOf(subject, paid);
      return rewardDecisions!.find((one) => one.campaign.id === id)?.outcome;
    };
    expect([await outcome(late), await outcome(paused), await outcome(before)]).toEqual(['GRANTED', 'OUTSIDE_SCHEDULE', 'OUTSIDE_SCHEDULE']);
  });
});

describe('limits under load', () => {
  it('lets forty payments at once take a budget to the last whole grant, and never a cent more', async () => {
    // Each brings 2.50; the budget holds seven of them and a rest of 1.99.
    const { id, merchantId } = await activeCampaign(subject, { budget: usd('19.49') });
    const payments = Array.from({ length: 40 }, () => payment({ merchantId }));
    await atOnce(payments.map((paid) => () => subject.deliver(settled(paid))));
    const outcomes = await atOnce(payments.map((paid) => async () => (await outcomeOf(subject, paid)).rewardDecisions!));
    const own = outcomes.map((decisions) => decisions.find((one) => one.campaign.id === id)!.outcome);
    expect(own.filter((outcome) => outcome === 'GRANTED')).toHaveLength(7);
    expect(own.filter((outcome) => outcome === 'BUDGET_EXHAUSTED')).toHaveLength(33);
    expect(await spent(subject, id)).toBe(1_750n);
    const granted = await subject.published('benefit.granted', (data) => data['campaignId'] === id);
    expect(granted).toHaveLength(7);
  });

  const spend = (...spends: Spend[]) => inTransaction(subject.dataSource, (tx) => subject.services.spending.spendAll(tx, spends));
  const uses = async (id: string): Promise<number | null> => {
    const [row] = await subject.dataSource.query('SELECT sum(rewards)::int AS uses FROM campaign_person WHERE "campaignId" = $1', [id]);
    return row.uses;
  };

  it('holds the budget by the statement that spends, without the turn that payments take', async () => {
    const { id } = await activeCampaign(subject, { budget: usd('5.00') });
    const takers = Array.from({ length: 200 }, () => ({ campaignId: id, personId: uuidv7(), amount: 50n, maximum: 1 }));
    const results = await atOnce(takers.map((taker) => () => spend(taker).then(() => 'SPENT', (error: Error) => error.name)));
    expect(results.filter((result) => result === 'SPENT')).toHaveLength(10);
    expect(results.filter((result) => result === 'Overspent')).toHaveLength(190);
    expect([await spent(subject, id), await uses(id)]).toEqual([500n, 10]);
  });

  it('holds a person to the maximum by the statement that takes a use', async () => {
    const { id } = await activeCampaign(subject);
    const taker = { campaignId: id, personId: uuidv7(), amount: 1n, maximum: 3 };
    const results = await atOnce(Array.from({ length: 200 }, () => () => spend(taker).then(() => 'SPENT', (error: Error) => error.name)));
    expect(results.filter((result) => result === 'SPENT')).toHaveLength(3);
    expect(await spent(subject, id)).toBe(3n);
  });

  it('takes what several grants ask for together, all or nothing', async () => {
    const [first, second] = [await activeCampaign(subject, { budget: usd('5.00') }), await activeCampaign(subject, { budget: usd('1.00') })];
    const [one, other] = [uuidv7(), uuidv7()];
    const of = ({ id: campaignId }: { id: string }, personId: string, amount: bigint, maximum: number | null = null) =>
      ({ campaignId, personId, amount, maximum });
    await spend(of(first, one, 100n, 2), of(second, one, 40n), of(first, one, 50n, 2), of(first, other, 50n, 2), of(second, other, 60n));
    const taken = [200n, 3, 100n, 2];
    const now = async () => [await spent(subject, first.id), await uses(first.id), await spent(subject, second.id), await uses(second.id)];
    expect(await now()).toEqual(taken);
    // A budget that is used up, a person's limit in this batch alone, and one together with what was there.
    for (const refused of [
      [of(first, other, 1n, 2), of(second, other, 1n)],
      Array.from({ length: 3 }, () => of(first, uuidv7(), 100n)).concat(of(first, one, 1n, 2)),
      Array.from({ length: 2 }, () => of(first, other, 1n, 2)),
    ]) await expect(spend(...refused)).rejects.toThrow('less left');
    expect(await now()).toEqual(taken);
  });

  it('never gives two campaigns together more than the payment, in batches that cross', async () => {
    const { id: first, merchantId } = await activeCampaign(subject, { cashback: { rateBasisPoints: 7_000 } });
    const { id: second } = await activeCampaign(subject, { cashback: { rateBasisPoints: 7_000 }, conditions: { merchantIds: [merchantId] } });
    const payments = Array.from({ length: 12 }, () => payment({ merchantId }));
    const half = payments.slice(6);
    await Promise.all([payments.slice(0, 6), half].map((batch) =>
      inTransaction(subject.dataSource, (tx) => subject.handle(tx, batch.map(settled))),
    ));
    expect([await spent(subject, first), await spent(subject, second)]).toEqual([12n * 7_000n, 12n * 3_000n]);
  });
});

describe('refunds', () => {
  async function granted() {
    const { id, merchantId } = await activeCampaign(subject, { cashback: { rateBasisPoints: 333 } });
    const paid = payment({ merchantId, amount: 10_001n });
    return { id, paid };
  }

  it('take the cashback back in proportion, the whole at the end, and give it back to the budget alone', async () => {
    const { id, paid } = await granted();
    await subject.deliver(settled(paid));
    const [grant] = await grantsFor(paid.transactionId);
    expect(grant!['amount']).toBe('333');
    await subject.deliver(posted(grant!), refunded(paid, 3_333n), refunded(paid, 6_667n), refunded(paid, 10_001n));
    const reversals = await reversalsFor(paid.transactionId);
    expect(reversals.map((one) => one['amount'])).toEqual(['111', '111', '111']);
    expect(reversals.every((one) => one['orderKey'] === paid.walletId)).toBe(true);
    expect(await spent(subject, id)).toBe(0n);
    const [uses] = await subject.dataSource.query('SELECT rewards FROM campaign_person WHERE "campaignId" = $1', [id]);
    expect(uses.rewards).toBe(1);

    await subject.deliver(takenBack(reversals[0]!), takenBack(reversals[1]!));
    expect((await outcomeOf(subject, paid)).benefits).toMatchObject([{ status: 'PAID', takenBack: { amount: '2.22' } }]);
    expect(await rewardsOf(subject, paid.personId)).toMatchObject({ earned: [usd('1.11')] });
    await subject.deliver(takenBack(reversals[2]!), takenBack(reversals[2]!));
    const { benefits, rewardDecisions } = await outcomeOf(subject, paid);
    expect(benefits).toMatchObject([{ status: 'REVERSED', amount: usd('3.33'), takenBack: { amount: '3.33' } }]);
    expect(rewardDecisions!.find((one) => one.campaign.id === id)).toMatchObject({ outcome: 'REVERSED' });
    expect(await rewardsOf(subject, paid.personId)).toMatchObject({ earned: [usd('0.00')], pending: [] });
  });

  it('count as earned what reached the wallet, less what left it: a debt lessens it only when a later reward pays it', async () => {
    const { merchantId } = await activeCampaign(subject);
    const paid = payment({ merchantId });
    const later = payment({ merchantId, personId: paid.personId, walletId: paid.walletId, ordinal: 2 });
    await subject.deliver(settled(paid), settled(later));
    await subject.deliver(posted((await grantsFor(paid.transactionId))[0]!), refunded(paid, 10_000n));
    const reversal = takenBack((await reversalsFor(paid.transactionId))[0]!, 150n);
    await subject.deliver(reversal, reversal);
    const { benefits, rewardDecisions } = await outcomeOf(subject, paid);
    expect(benefits).toMatchObject([{ status: 'REVERSED', amount: usd('2.50'), takenBack: { amount: '1.00' } }]);
    expect(rewardDecisions!.map((one) => one.outcome)).toContain('REVERSED');
    expect(await rewardsOf(subject, paid.personId)).toMatchObject({ earned: [usd('1.50')], pending: [usd('2.50')] });

    await subject.deliver(posted((await grantsFor(later.transactionId))[0]!, 150n));
    expect((await outcomeOf(subject, later)).benefits).toMatchObject([{ status: 'PAID', amount: usd('2.50') }]);
    expect(await rewardsOf(subject, paid.personId)).toMatchObject({ earned: [usd('2.50')], pending: [] });
  });

  it('end in the same where they are seen before the payment, tripled and in another order', async () => {
    const { id, paid } = await granted();
    const refunds = [refunded(paid, 3_333n), refunded(paid, 6_667n)];
    const shuffled = [refunds[1]!, refunds[0]!, settled(paid), refunds[0]!, refunds[1]!, settled(paid), refunds[1]!];
    await subject.deliver(...shuffled);
    const grants = await grantsFor(paid.transactionId);
    const reversals = await reversalsFor(paid.transactionId);
    expect(grants.map((one) => one['amount'])).toEqual(['333']);
    expect(reversals.map((one) => one['amount'])).toEqual(['222']);
    expect(await spent(subject, id)).toBe(111n);
  });

  it('and payment at once never miss each other', async () => {
    const { merchantId } = await activeCampaign(subject);
    const payments = Array.from({ length: 20 }, () => payment({ merchantId }));
    await atOnce(payments.flatMap((paid) => [() => subject.deliver(refunded(paid, 10_000n)), () => subject.deliver(settled(paid))]));
    for (const paid of payments) {
      expect((await grantsFor(paid.transactionId)).map((one) => one['amount'])).toEqual(['250']);
      expect((await reversalsFor(paid.transactionId)).map((one) => one['amount'])).toEqual(['250']);
    }
  });
});

it('tells of every campaign, those of other merchants too', async () => {
  const here: string[] = [];
  for (let n = 0; n < 3; n++) {
    here.push((await activeCampaign(subject, { conditions: { merchantIds: ['0196a000-0000-7000-8000-00000000feed'] } })).id);
  }
  const elsewhere: string[] = [];
  for (let n = 0; n < 30; n++) elsewhere.push((await activeCampaign(subject)).id);
  const paid = payment({ merchantId: '0196a000-0000-7000-8000-00000000feed' });
  await subject.deliver(settled(paid));
  const { rewardDecisions } = await outcomeOf(subject, paid);
  const told = rewardDecisions!.map((one) => one.campaign.id);
  expect(told.filter((id) => here.includes(id))).toEqual(here);
  expect(told.filter((id) => !here.includes(id))).toEqual(expect.arrayContaining(elsewhere));
});

it('passes over events of other matters', async () => {
  const data = { personId: uuidv7(), walletId: uuidv7(), currency: payment().currency, occurredAt: new Date() };
  await subject.deliver(event('wallet.opened', data));
  await expect(subject.deliver({ ...settled(payment()), value: '{"amount":"x"}' })).rejects.toThrow('does not fit its schema');
});
