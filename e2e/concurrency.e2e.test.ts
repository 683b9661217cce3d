import { eventually } from '@tael/testkit';
import { balanceOf, newCampaign, newFundedPerson, newMerchant, PAY, pay, payment, type Person, refund, rewardsOf, waiverArrives } from './world';

const minor = (amount: string): bigint => BigInt(amount.replace('.', ''));

describe('at once', () => {
  it('a hundred payments never overdraw', async () => {
    const shop = await newMerchant();
    // 30 payments of 9.90 and their fee of 0.10 are exactly what is there.
    const person = await newFundedPerson('300.00');
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => person.client.request<any>(PAY, payment(person, shop.id, '9.90'))),
    );
    const codes = answers.map((answer) => answer.data?.payMerchant?.userErrors[0]?.code ?? (answer.errors ? 'FAULT' : 'PAID'));
    expect(codes.filter((code) => code === 'PAID')).toHaveLength(30);
    expect(codes.filter((code) => code === 'INSUFFICIENT_FUNDS')).toHaveLength(70);
    expect(await balanceOf(person)).toBe('0.00');
  });

  it('forty qualifying payments never exceed a budget by a cent', async () => {
    const shop = await newMerchant();
    // 1.00 of cashback each; the budget is enough for ten, and 0.99 that no payment may take in part.
    const campaign = await newCampaign([shop.id], { budget: { amount: '10.99', currency: 'USD' }, cashback: { rateBasisPoints: 1000 } });
    const people = await Promise.all(Array.from({ length: 8 }, () => newFundedPerson('100.00')));
    const payments = await Promise.all(
      people.flatMap((person) => Array.from({ length: 5 }, async () => ({ person, ...(await pay(person, shop.id, '10.00')) }))),
    );
    const outcomes = await Promise.all(payments.map(({ person, id }) => eventually(async () => {
      const { benefits, rewardDecisions } = await rewardsOf(person, id);
      const decision = rewardDecisions.find((entry: any) => entry.campaign.id === campaign);
      expect(decision).toBeDefined();
      if (decision.outcome === 'GRANTED') expect(benefits[0].status).toBe('PAID');
      return decision.outcome as string;
    }, { timeoutMs: 30_000, describe: 'each payment is decided and paid' })));
    expect(outcomes.filter((outcome) => outcome === 'GRANTED')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'BUDGET_EXHAUSTED')).toHaveLength(30);
    const balances = await Promise.all(people.map(balanceOf));
    // Eight times 100.00 less five payments of 10.10, and ten times 1.00 of cashback.
    expect(balances.map(minor).reduce((a, b) => a + b, 0n)).toBe(8n * 10_000n - 40n * 1_010n + 1_000n);
  });

  it('two first payments waive one fee', async () => {
    const shop = await newMerchant();
    const waiver = await newCampaign([shop.id], { conditions: { firstPaymentOnly: true, maximumRewardsPerUser: 1 }, feeWaiver: {} });
    const people = await Promise.all(Array.from({ length: 5 }, () => newFundedPerson('100.00')));
    await waiverArrives(people[0] as Person, shop.id, '20.00');
    for (const person of people) {
      const paid = await Promise.all([pay(person, shop.id, '20.00'), pay(person, shop.id, '20.00')]);
      expect(paid.map((payment) => payment.fee).sort()).toEqual(['0.00', '0.20']);
      // Once both are decided, no rebate of the charged fee can come any more.
      await eventually(async () => {
        const outcomes = await Promise.all(paid.map(async ({ id }) => {
          const { rewardDecisions } = await rewardsOf(person, id);
          return rewardDecisions.find((decision: any) => decision.campaign.id === waiver)?.outcome;
        }));
        expect(outcomes.filter((outcome) => outcome === 'GRANTED')).toHaveLength(1);
        expect(outcomes).not.toContain(undefined);
      }, { timeoutMs: 20_000 });
      expect(await balanceOf(person)).toBe('59.80');
    }
  });

  it('six refunds of a third each: three succeed', async () => {
    const shop = await newMerchant();
    const person = await newFundedPerson('50.00');
    const paid = await pay(person, shop.id, '30.00');
    const answers = await Promise.all(Array.from({ length: 6 }, () => refund(shop.owner, paid.id, '10.00')));
    const codes = answers.map((answer) => answer.userErrors[0]?.code ?? 'REFUNDED').sort();
    expect(codes).toEqual([...Array(3).fill('REFUNDED'), ...Array(3).fill('REFUND_EXCEEDS_PAYMENT')].sort());
    expect(await balanceOf(person)).toBe('49.70');
  });

  it('opposite transfers between two people all settle', async () => {
    const [one, two] = await Promise.all([newFundedPerson('100.00'), newFundedPerson('100.00')]);
    const send = (from: Person, to: Person, n: number) => from.client.request<any>(
      'mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { status } userErrors { code } } }',
      { input: { walletId: from.walletId, recipientEmail: to.email, amount: { amount: '1.00', currency: 'USD' }, idempotencyKey: `t-${n}` } },
    );
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => [send(one, two, n), send(two, one, n)]).flat());
    expect(answers.map((answer) => answer.data?.sendMoney?.transaction?.status)).toEqual(Array(40).fill('SETTLED'));
    expect([await balanceOf(one), await balanceOf(two)]).toEqual(['100.00', '100.00']);
  });
});
