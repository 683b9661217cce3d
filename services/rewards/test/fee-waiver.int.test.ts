import { v7 as uuidv7 } from 'uuid';
import { activeCampaign, change, outcomeOf, payment, posted, refused, refunded, rewardsOf, settled, spent, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('fee_waiver');
});
afterAll(() => subject?.stop());

const usd = (amount: string) => ({ amount, currency: 'USD' });
const waiver = (given: { conditions?: object; budget?: object; feeWaiver?: object } = {}) =>
  activeCampaign(subject, { feeWaiver: {}, ...given, conditions: { firstPaymentOnly: true, maximumRewardsPerUser: 1, ...given.conditions } });
const rebatesFor = (paymentId: string) => subject.published('benefit.granted', (data) => data['sourceTransactionId'] === paymentId);
const decisionOf = async (campaignId: string, paid: ReturnType<typeof payment>) =>
  (await outcomeOf(subject, paid)).rewardDecisions!.find((one) => one.campaign.id === campaignId);

it('is offered to accounts whole, with a version that grows, from activation to the end', async () => {
  const { id, merchantId } = await waiver({ feeWaiver: { maximumPerPayment: usd('2.00') } });
  await change(subject, 'pause', id);
  await change(subject, 'activate', id);
  const offers = await subject.published('fee-waiver.offered', (data) => data['campaignId'] === id);
  expect(offers.map((offer) => offer['version'])).toEqual([2, 3, 4]);
  expect(offers[0]).toMatchObject({
    currency: 'USD', budget: '100000', minimumAmount: null, merchantIds: [merchantId], merchantCategoryCodes: null, firstPaymentOnly: true,
    maximumRewardsPerUser: 1, maximumPerPayment: '200', startsAt: null, endsAt: null, activeTimes: [{ to: null }],
  });
  expect(offers[1]!['activeTimes']).toMatchObject([{ from: offers[0]!['activeTimes'][0].from, to: expect.any(String) }]);
  expect(offers[2]!['activeTimes']).toHaveLength(2);
});

it('shows what accounts has spent as a paid benefit, and asks for nothing', async () => {
  const { id, merchantId } = await waiver();
  const paid = payment({ merchantId, fee: 0n, waived: 100n, waiverCampaignId: id });
  expect((await rewardsOf(subject, paid.personId)).feeWaivers.filter((one: any) => one.campaign.id === id)).toEqual([
    { id: expect.any(String), campaign: { id }, remainingUses: 1, expiresAt: null },
  ]);
  await subject.deliver(settled(paid), settled(paid));
  expect(await rebatesFor(paid.transactionId)).toEqual([]);
  expect((await outcomeOf(subject, paid)).benefits).toMatchObject([{ kind: 'FEE_WAIVER', status: 'PAID', amount: usd('1.00') }]);
  expect(await decisionOf(id, paid)).toMatchObject({ outcome: 'GRANTED' });
  expect(await spent(subject, id)).toBe(100n);
  const rewards = await rewardsOf(subject, paid.personId);
  expect(rewards.earned).toEqual([]);
  expect(rewards.feeWaivers.filter((one: any) => one.campaign.id === id)).toEqual([]);
});

it('asks for a rebate where the offer had not reached accounts, and shows it when accounts has posted it', async () => {
  const { id, merchantId } = await waiver({ feeWaiver: { maximumPerPayment: usd('0.60') } });
  const paid = payment({ merchantId });
  await subject.deliver(settled(paid));
  const [rebate, ...more] = await rebatesFor(paid.transactionId);
  expect(more).toEqual([]);
  expect(rebate).toMatchObject({ kind: 'FEE_REBATE', campaignId: id, walletId: paid.walletId, amount: '60' });
  expect((await outcomeOf(subject, paid)).benefits).toMatchObject([{ kind: 'FEE_WAIVER', status: 'PENDING' }]);
  await subject.deliver(posted(rebate!));
  expect((await outcomeOf(subject, paid)).benefits).toMatchObject([{ kind: 'FEE_WAIVER', status: 'PAID', amount: usd('0.60') }]);
  expect(await rewardsOf(subject, paid.personId)).toMatchObject({ earned: [usd('0.60')] });
});

it.each([
  ['LIMIT_REACHED', 'LIMIT_REACHED', { label: 'At most 1 rewards per person', expected: 'fewer than 1 before', actual: '1 before' }],
  ['BUDGET_EXHAUSTED', 'BUDGET_EXHAUSTED', { label: 'Budget of the campaign', expected: '1.00 USD left', actual: 'not enough left' }],
  ['ALREADY_WAIVED', 'NOT_COMBINABLE', { label: 'Used up by other campaigns', expected: 'no', actual: 'yes' }],
  ['UNKNOWN_PAYMENT', 'CONDITION_FAILED', { label: 'A fee that can be waived', expected: '0.01 USD', actual: '0.00 USD' }],
] as const)('drops a rebate that accounts refuses as %s, says why, and frees what was reserved', async (reason, outcome, because) => {
  const { id, merchantId } = await waiver({ conditions: { firstPaymentOnly: false } });
  const paid = payment({ merchantId });
  await subject.deliver(settled(paid));
  expect(await spent(subject, id)).toBe(100n);
  expect((await decisionOf(id, paid)).conditions.every((one: any) => one.passed)).toBe(true);
  const [rebate] = await rebatesFor(paid.transactionId);
  await subject.deliver(refused(rebate!, reason), refused(rebate!, reason));
  expect(await spent(subject, id)).toBe(0n);
  expect((await outcomeOf(subject, paid)).benefits).toEqual([]);
  const decision = await decisionOf(id, paid);
  expect(decision).toMatchObject({ outcome });
  expect(decision.conditions.filter((one: any) => !one.passed)).toEqual([{ ...because, passed: false }]);
  // The person's use is free again: the next payment asks once more.
  const next = payment({ merchantId, personId: paid.personId, walletId: paid.walletId, ordinal: 2 });
  await subject.deliver(settled(next));
  expect(await rebatesFor(next.transactionId)).toHaveLength(1);
});

it('counts in the trace of a refused rebate only what stands, not what was refused before it', async () => {
  const { id, merchantId } = await waiver({ conditions: { firstPaymentOnly: false, maximumRewardsPerUser: 3 } });
  const personId = uuidv7();
  const [waived, first, second] = [
    payment({ merchantId, personId, fee: 0n, waived: 100n, waiverCampaignId: id }), payment({ merchantId, personId, ordinal: 2 }),
    payment({ merchantId, personId, ordinal: 3 }),
  ];
  await subject.deliver(settled(waived), settled(first), settled(second));
  for (const paid of [first, second]) {
    await subject.deliver(refused((await rebatesFor(paid.transactionId))[0]!, 'BUDGET_EXHAUSTED'));
  }
  const { outcome, conditions } = await decisionOf(id, second);
  expect(outcome).toBe('BUDGET_EXHAUSTED');
  expect(conditions.map((one: any) => [one.actual, one.passed]).slice(-2)).toEqual([['1 before', true], ['not enough left', false]]);
});

it('says of the better waiver that its budget is too small, where accounts has therefore spent another', async () => {
  const { id: small, merchantId } = await waiver({ budget: usd('0.99') });
  const { id: used } = await waiver({ conditions: { merchantIds: [merchantId] }, feeWaiver: { maximumPerPayment: usd('0.30') } });
  const paid = payment({ merchantId, fee: 70n, waived: 30n, waiverCampaignId: used });
  await subject.deliver(settled(paid));
  expect(await decisionOf(used, paid)).toMatchObject({ outcome: 'GRANTED' });
  expect(await decisionOf(small, paid)).toMatchObject({ outcome: 'BUDGET_EXHAUSTED' });
  expect(await rebatesFor(paid.transactionId)).toEqual([]);
});

it('does not ask where its own counters say that the person has had all', async () => {
  const { id, merchantId } = await waiver({ conditions: { firstPaymentOnly: false } });
  const personId = uuidv7();
  const waived = payment({ merchantId, personId, fee: 0n, waived: 100n, waiverCampaignId: id });
  const charged = payment({ merchantId, personId, ordinal: 2 });
  await subject.deliver(settled(waived), settled(charged));
  expect(await rebatesFor(charged.transactionId)).toEqual([]);
  expect(await decisionOf(id, charged)).toMatchObject({ outcome: 'LIMIT_REACHED' });
});

it('gives one waiver a fee: the best for the payer, the others are not combinable', async () => {
  const { id: small, merchantId } = await waiver({ feeWaiver: { maximumPerPayment: usd('0.30') } });
  const { id: large } = await waiver({ conditions: { merchantIds: [merchantId] } });
  const paid = payment({ merchantId });
  await subject.deliver(settled(paid));
  expect(await rebatesFor(paid.transactionId)).toMatchObject([{ campaignId: large, amount: '100' }]);
  expect(await decisionOf(small, paid)).toMatchObject({ outcome: 'NOT_COMBINABLE' });
});

it('is not taken back by a refund, since the fee stays', async () => {
  const { merchantId } = await waiver();
  const paid = payment({ merchantId });
  await subject.deliver(settled(paid));
  const [rebate] = await rebatesFor(paid.transactionId);
  await subject.deliver(posted(rebate!), refunded(paid, 10_000n));
  expect(await subject.published('benefit.reversed', (data) => data['sourceTransactionId'] === paid.transactionId)).toEqual([]);
});
