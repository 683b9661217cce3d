import { balanceOf, must, newFundedPerson, newMerchant, PAY, payment, persona, refund, REFUND, pay } from './world';

describe('an idempotency key', () => {
  it('sent fifty times at once pays once and answers alike', async () => {
    const shop = await newMerchant();
    const person = await newFundedPerson('100.00');
    const input = payment(person, shop.id, '10.00', { idempotencyKey: 'the-one' });
    const answers = await Promise.all(Array.from({ length: 50 }, () => person.client.request<any>(PAY, input)));
    const ids = new Set(answers.map((answer) => answer.data?.payMerchant?.transaction?.id));
    expect(answers.map((answer) => answer.errors ?? answer.data.payMerchant.userErrors)).toEqual(answers.map(() => []));
    expect(ids.size).toBe(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.data.payMerchant.transaction))).size).toBe(1);
    expect(await balanceOf(person)).toBe('89.90');
  });

  it('with another input is refused and moves nothing', async () => {
    const shop = await newMerchant();
    const person = await newFundedPerson('100.00');
    await must(person.client, PAY, payment(person, shop.id, '10.00', { idempotencyKey: 'reused' }));
    const other = await person.client.request<any>(PAY, payment(person, shop.id, '11.00', { idempotencyKey: 'reused' }));
    expect(other.data.payMerchant).toMatchObject({ transaction: null, userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
    expect(await balanceOf(person)).toBe('89.90');
  });

  it('of one person never meets that of another', async () => {
    const shop = await newMerchant();
    const [one, two] = await Promise.all([newFundedPerson('50.00'), newFundedPerson('50.00')]);
    const first = await must<any>(one.client, PAY, payment(one, shop.id, '10.00', { idempotencyKey: 'shared' }));
    const second = await must<any>(two.client, PAY, payment(two, shop.id, '20.00', { idempotencyKey: 'shared' }));
    expect(first.payMerchant.transaction.id).not.toBe(second.payMerchant.transaction.id);
    expect([await balanceOf(one), await balanceOf(two)]).toEqual(['39.90', '29.80']);
  });

  it('of a refused payment answers the refusal again, also when there is money by then', async () => {
    const shop = await newMerchant();
    const person = await newFundedPerson('5.00');
    const input = payment(person, shop.id, '10.00', { idempotencyKey: 'too-poor' });
    const refused = await person.client.request<any>(PAY, input);
    expect(refused.data.payMerchant.userErrors[0].code).toBe('INSUFFICIENT_FUNDS');
    const customer = await persona('customer');
    expect(customer.walletId).not.toBe('');
    await must(customer.client, `mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { userErrors { code } } }`, {
      input: { walletId: customer.walletId, recipientEmail: person.email, amount: { amount: '20.00', currency: 'USD' }, idempotencyKey: person.id },
    });
    const again = await person.client.request<any>(PAY, input);
    expect(again.data.payMerchant.userErrors[0].code).toBe('INSUFFICIENT_FUNDS');
    expect(await balanceOf(person)).toBe('25.00');
  });

  it('of a refund gives the first refund again', async () => {
    const shop = await newMerchant();
    const person = await newFundedPerson('50.00');
    const paid = await pay(person, shop.id, '20.00');
    const answers = await Promise.all(Array.from({ length: 5 }, () => refund(shop.owner, paid.id, '5.00', 'refund-1')));
    expect(new Set(answers.map((answer) => answer.transaction.id)).size).toBe(1);
    expect(await balanceOf(person)).toBe('34.80');
    const changed = await shop.owner.client.request<any>(REFUND, {
      input: { transactionId: paid.id, amount: { amount: '6.00', currency: 'USD' }, idempotencyKey: 'refund-1' },
    });
    expect(changed.data.refundPayment.userErrors[0].code).toBe('IDEMPOTENCY_KEY_REUSED');
  });
});
