import { eventually } from '@tael/testkit';
import { addCard, balanceOf, inboxOf, must, newCampaign, newMerchant, newPerson, PAY, payment, QUOTE, received, refund, rewardsOf, waiverArrives } from './world';
import { stack } from './stack';

// Goal: the whole story of issue 3 through the public door. Method: one person, one merchant, two campaigns of its own.
describe('a payment becomes cashback, a waived fee and a message', () => {
  it('from sign-up to the refund that takes the cashback back', async () => {
    const shop = await newMerchant({ name: 'Harbour Coffee' });
    const cashback = await newCampaign([shop.id], {
      name: '2.5 % at Harbour Coffee',
      conditions: { minimumAmount: { amount: '50.00', currency: 'USD' } },
      cashback: { rateBasisPoints: 250 },
    });
    const waiver = await newCampaign([shop.id], {
      name: 'First payment without a fee', conditions: { firstPaymentOnly: true, maximumRewardsPerUser: 1 }, feeWaiver: {},
    });

    const person = await newPerson({ displayName: 'Lin Example', locale: 'zh-CN', timeZone: 'Asia/Shanghai' });
    const subscription = person.client.subscribe<any>(
      'subscription { notificationReceived { topic title body transaction { id } } }',
    );
    const live: any[] = [];
    const listening = (async () => {
      for await (const message of subscription) live.push(message.data?.notificationReceived);
    })();
    const pushes = await registerForPush(person);

    const paymentMethodId = await addCard(person);
    const { topUp } = await must<any>(person.client,
      `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { status balanceAfter { amount } } userErrors { code } } }`,
      { input: { walletId: person.walletId, paymentMethodId, amount: { amount: '500.00', currency: 'USD' }, idempotencyKey: 'top-up-1' } });
    expect(topUp.transaction).toEqual({ status: 'SETTLED', balanceAfter: { amount: '500.00' } });

    // 100.20 at 2.5 % is 2.505: half-even gives 2.50. Its fee would be 1.00 (1 % of 100.20 is 1.002).
    await waiverArrives(person, shop.id, '100.20');
    const { paymentQuote } = await must<any>(person.client, QUOTE, {
      input: { walletId: person.walletId, merchantId: shop.id, amount: { amount: '100.20', currency: 'USD' } },
    });
    expect(paymentQuote.quote).toMatchObject({
      fee: { amount: '0.00' }, feeBeforeWaiver: { amount: '1.00' }, total: { amount: '100.20' },
      expectedCashback: { amount: '2.50', currency: 'USD' },
    });

    const { payMerchant } = await must<any>(person.client, PAY, payment(person, shop.id, '100.20'));
    expect(payMerchant.transaction).toMatchObject({
      kind: 'PAYMENT', status: 'SETTLED', direction: 'OUT', fee: { amount: '0.00' }, balanceAfter: { amount: '399.80' },
    });
    const paymentId: string = payMerchant.transaction.id;

    await eventually(async () => {
      const { benefits } = await rewardsOf(person, paymentId);
      expect(benefits).toEqual(expect.arrayContaining([
        { kind: 'CASHBACK', status: 'PAID', amount: { amount: '2.50', currency: 'USD' }, campaign: expect.objectContaining({ id: cashback }) },
        { kind: 'FEE_WAIVER', status: 'PAID', amount: { amount: '1.00', currency: 'USD' }, campaign: expect.objectContaining({ id: waiver }) },
      ]));
      expect(benefits).toHaveLength(2);
    }, { describe: 'cashback and waiver are paid', timeoutMs: 20_000 });
    expect(await balanceOf(person)).toBe('402.30');

    // The waiver was for the first payment: the second one pays its fee.
    const second = await must<any>(person.client, PAY, payment(person, shop.id, '10.00'));
    expect(second.payMerchant.transaction.fee.amount).toBe('0.10');
    await eventually(async () => {
      const { rewardDecisions } = await rewardsOf(person, second.payMerchant.transaction.id);
      const byCampaign = new Map(rewardDecisions.map((decision: any) => [decision.campaign.id, decision]));
      expect(byCampaign.get(cashback)).toMatchObject({ outcome: 'CONDITION_FAILED' });
      const failed = (byCampaign.get(cashback) as any).conditions.filter((condition: any) => !condition.passed);
      expect(failed).toEqual([expect.objectContaining({ label: expect.stringContaining('50.00'), passed: false })]);
      expect(['CONDITION_FAILED', 'LIMIT_REACHED']).toContain((byCampaign.get(waiver) as any).outcome);
    }, { describe: 'the decisions say why not', timeoutMs: 20_000 });

    await eventually(async () => {
      const inbox = await inboxOf(person);
      const ofPayment = inbox.filter((message) => message.transaction?.id === paymentId && message.topic === 'payment.settled');
      expect(ofPayment).toHaveLength(1);
      expect(ofPayment[0].body).toContain('Harbour Coffee');
      expect(ofPayment[0].body).toContain('100.20');
      expect(inbox.filter((message) => message.topic === 'reward.paid')).toHaveLength(1);
    }, { describe: 'both messages are in the inbox', timeoutMs: 20_000 });
    await eventually(() => {
      expect(live.map((message) => message.topic)).toEqual(expect.arrayContaining(['payment.settled', 'reward.paid']));
      expect(live.find((message) => message.topic === 'payment.settled').transaction).toEqual({ id: paymentId });
    }, { describe: 'the messages came live', timeoutMs: 20_000 });
    await eventually(async () => {
      const mails = await received('mail', person.email);
      expect(JSON.stringify(mails)).toContain('Harbour Coffee');
      expect((await received('push', pushes)).length).toBeGreaterThan(0);
    }, { describe: 'a mail and a web push are in the sandbox', timeoutMs: 20_000 });

    // Half back takes half of the cashback: 1.25. The rest back takes the rest.
    expect((await refund(shop.owner, paymentId, '50.10')).userErrors).toEqual([]);
    await eventually(async () => {
      expect(await balanceOf(person)).toBe('441.05');
    }, { describe: 'half of the cashback is taken back', timeoutMs: 20_000 });
    const rest = await refund(shop.owner, paymentId);
    expect(rest.transaction.amount.amount).toBe('50.10');
    await eventually(async () => {
      expect(await balanceOf(person)).toBe('489.90');
      const transaction = await rewardsOf(person, paymentId);
      expect(transaction.status).toBe('REFUNDED');
      expect(transaction.benefits.find((benefit: any) => benefit.kind === 'CASHBACK').status).toBe('REVERSED');
      expect(transaction.rewardDecisions.find((decision: any) => decision.campaign.id === cashback).outcome).toBe('REVERSED');
    }, { describe: 'all of the cashback is taken back', timeoutMs: 20_000 });
    const { viewer } = await must<any>(person.client, '{ viewer { rewards { earned { amount } pending { amount } } } }');
    expect(viewer.rewards.earned.every((money: any) => Number.parseInt(money.amount, 10) === 0)).toBe(true);

    await subscription.return?.();
    await listening;
  });
});

async function registerForPush(person: Awaited<ReturnType<typeof newPerson>>): Promise<string> {
  const response = await fetch(`${stack.sandboxUrl}/push/subscriptions`, { method: 'POST' });
  const device: any = await response.json();
  await must(person.client,
    `mutation ($input: RegisterPushSubscriptionInput!) { registerPushSubscription(input: $input) { userErrors { code field } } }`,
    { input: { endpoint: device.endpoint, p256dh: device.keys.p256dh, auth: device.keys.auth } });
  return device.endpoint;
}
