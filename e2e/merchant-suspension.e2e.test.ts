import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { newVerifiedMerchant } from './verified-merchant';
import { inboxOf, must, newFundedPerson, operator, pay, type Person, refund } from './world';

// The loops of settlement and of the bank are waited for one after the other.
jest.setTimeout(240_000);

const IBAN = 'DE89370400440532013000';
const QUOTE = 'query ($input: PaymentQuoteInput!) { paymentQuote(input: $input) { quote { amount { amount } } userErrors { code } } }';
const PAY = 'mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { transaction { id } userErrors { code field } } }';
const SHOP = `query ($id: ID!) { merchant(id: $id) { status payoutHold { reason } settlements(first: 10) { edges { node {
  net { amount } payout { status } } } } } }`;
const TRAIL = 'query ($id: ID!) { merchant(id: $id) { auditTrail(first: 10) { edges { node { action actorId reason before after } } } } }';

/** Asks where a refusal is an answer that the test looks at. */
async function ask(by: Person, query: string, variables: Record<string, unknown>): Promise<any> {
  const { data, errors } = await by.client.request<any>(query, variables);
  expect(errors).toBeUndefined();
  return data;
}

const shopOf = async (by: Person, id: string) => (await must<any>(by.client, SHOP, { id })).merchant;

it('a merchant that is suspended is not paid and paid nothing, until it is let back in', async () => {
  const [shop, payer, staff] = await Promise.all([newVerifiedMerchant(), newFundedPerson('200.00'), operator()]);
  const first = await pay(payer, shop.id, '100.00');
  const reason = `Complaints ${randomUUID()}`;
  const { suspendMerchant } = await must<any>(staff.client,
    'mutation ($input: SuspendMerchantInput!) { suspendMerchant(input: $input) { merchant { status } userErrors { code } } }', { input: { merchantId: shop.id, reason } });
  expect(suspendMerchant).toEqual({ merchant: { status: 'SUSPENDED' }, userErrors: [] });
  const sum = { amount: '10.00', currency: 'USD' };
  const quoted = async () => (await ask(payer, QUOTE, { input: { walletId: payer.walletId, merchantId: shop.id, amount: sum } })).paymentQuote;
  await eventually(async () => {
    expect((await quoted()).userErrors).toEqual([{ code: 'MERCHANT_NOT_ACTIVE' }]);
    expect((await shopOf(shop.owner, shop.id)).payoutHold).toEqual({ reason: 'SUSPENDED' });
  }, { describe: 'accounts knows that it is suspended', timeoutMs: 15_000 });
  const heard = async (by: Person, title: RegExp) => eventually(async () => {
    const messages = (await inboxOf(by)).filter(({ topic }: any) => topic === 'merchant.status-changed');
    expect(messages).toContainEqual(expect.objectContaining({ class: 'SECURITY', title: expect.stringMatching(title) }));
    expect(JSON.stringify(messages)).not.toContain(reason);
  }, { describe: `its owner is told: ${title}`, timeoutMs: 30_000 });
  await heard(shop.owner, / is suspended$/);
  const order = { walletId: payer.walletId, merchantId: shop.id, amount: sum, idempotencyKey: randomUUID() };
  expect((await ask(payer, PAY, { input: order })).payMerchant)
    .toEqual({ transaction: null, userErrors: [{ code: 'MERCHANT_NOT_ACTIVE', field: ['input', 'merchantId'] }] });
  // What was paid can be given back all the same; and what is left is settled, but stays where it is.
  await refund(shop.owner, first.id, '30.00');
  await must(shop.owner.client, 'mutation ($input: SetPayoutAccountInput!) { setPayoutAccount(input: $input) { payoutAccount { id } userErrors { code } } }',
    { input: { merchantId: shop.id, iban: IBAN, holderName: 'Corner Coffee Ltd' } });
  const settled = async () => (await shopOf(staff, shop.id)).settlements.edges.map(({ node }: any) => node);
  await eventually(async () => {
    await staff.client.request<any>('mutation ($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id } userErrors { code } } }',
      { input: { merchantId: shop.id, currency: 'USD', reason: 'A story' } });
    expect((await settled()).reduce((cents: number, { net }: any) => cents + Math.round(Number(net.amount) * 100), 0)).toBe(6_920);
  }, { describe: 'both are settled', timeoutMs: 90_000 });
  expect((await settled()).map(({ payout }: any) => payout)).toEqual((await settled()).map(() => null));
  expect((await shopOf(shop.owner, shop.id)).payoutHold).toEqual({ reason: 'SUSPENDED' });

  const ACTIVATE = 'mutation ($input: ActivateMerchantInput!) { activateMerchant(input: $input) { merchant { status } userErrors { code field } } }';
  expect((await ask(staff, ACTIVATE, { input: { merchantId: shop.id } })).activateMerchant.userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'reason'] }]);
  expect((await must<any>(staff.client, ACTIVATE, { input: { merchantId: shop.id, reason: 'All paid back' } })).activateMerchant)
    .toEqual({ merchant: { status: 'ACTIVE' }, userErrors: [] });
  await heard(shop.owner, / can be paid again$/);
  await eventually(async () => expect((await quoted()).userErrors).toEqual([]), { describe: 'it can be paid again', timeoutMs: 15_000 });
  await pay(payer, shop.id, '10.00');
  await eventually(async () => {
    for (const { payout } of await settled()) expect(payout).toMatchObject({ status: 'SETTLED' });
  }, { describe: 'what was held is paid out', timeoutMs: 60_000 });
  expect((await shopOf(shop.owner, shop.id)).payoutHold).toBeNull();

  const { merchant } = await must<any>(staff.client, TRAIL, { id: shop.id });
  expect(merchant.auditTrail.edges.slice(0, 2).map(({ node }: any) => node)).toMatchObject([
    { action: 'RESUMED', actorId: staff.id, reason: 'All paid back', before: '{"status":"SUSPENDED"}', after: '{"status":"ACTIVE"}' },
    { action: 'SUSPENDED', actorId: staff.id, reason, before: '{"status":"ACTIVE"}', after: '{"status":"SUSPENDED"}' },
  ]);
  expect((await must<any>(shop.owner.client, TRAIL, { id: shop.id })).merchant.auditTrail).toBeNull();
});
