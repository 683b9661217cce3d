import { eventually } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import { addStore, must, newFundedPerson, newMerchant, newPerson, type Person, persona, STORE } from './world';

// A shop and its codes: from the first store to the second payer, through the gateway.

const PAY = `mutation ($input: PayByQrInput!) { payByQr(input: $input) {
  transaction { id status kind amount { amount } merchant { id } } wallet { balance { posted { amount } } } userErrors { code field } } }`;
const usd = (amount: string) => ({ amount, currency: 'USD' });

async function payByQr(payer: Person, payload: string, input: object = {}): Promise<any> {
  const answer = await payer.client.request<any>(PAY, { input: { walletId: payer.walletId, payload, idempotencyKey: randomUUID(), ...input } });
  expect(answer.errors).toBeUndefined();
  return answer.data.payByQr;
}

async function createPaymentCode(as: Person, storeId: string, amount: string): Promise<any> {
  const data = await must<any>(as.client,
    `mutation ($input: CreatePaymentCodeInput!) { createPaymentCode(input: $input) { paymentCode { payload expiresAt } userErrors { code field } } }`,
    { input: { storeId, amount: usd(amount), reference: 'TABLE 7' } });
  return data.createPaymentCode.paymentCode;
}

/** Pays a code as soon as accounts knows it, always under one key: a refusal of what is not known yet leaves it free. */
async function payWhenKnown(payer: Person, payload: string): Promise<any> {
  const idempotencyKey = randomUUID();
  return eventually(async () => {
    const paid = await payByQr(payer, payload, { idempotencyKey });
    expect(paid.userErrors.map(({ code }: any) => code)).not.toContain('NOT_FOUND');
    return paid;
  }, { describe: 'accounts knows the code', timeoutMs: 15_000 });
}

it('a shop puts its code up, and a customer pays by it as often as they like', async () => {
  const [shop, payer] = await Promise.all([newMerchant(), newFundedPerson('100.00')]);
  const { id: storeId, qrCode } = await addStore(shop.owner, shop.id);
  const kit = await must<any>(shop.owner.client, 'query ($storeId: ID!) { promotionKit(storeId: $storeId) { payload png pdf } }', { storeId });
  expect(kit.promotionKit.payload).toBe(qrCode);
  expect(Buffer.from(kit.promotionKit.pdf, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
  const paid = await payByQr(payer, qrCode, { amount: usd('10.00'), description: 'coffee' });
  expect(paid).toMatchObject({
    userErrors: [], transaction: { status: 'SETTLED', kind: 'PAYMENT', amount: { amount: '10.00' }, merchant: { id: shop.id } },
    wallet: { balance: { posted: { amount: '89.90' } } },
  });
  expect((await payByQr(payer, qrCode, { amount: usd('1.00') })).userErrors).toEqual([]);
  expect((await payByQr(payer, qrCode)).userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'amount'] }]);
});

it('a cashier makes a code for one bill: it is paid once, and refunded up to the cashier\'s limit', async () => {
  const [shop, cashier, payer, other] = await Promise.all([newMerchant(), newPerson(), newFundedPerson('500.00'), newFundedPerson('500.00')]);
  const { id: storeId } = await addStore(shop.owner, shop.id);
  const { inviteMerchantPerson } = await must<any>(shop.owner.client,
    'mutation ($input: InviteMerchantPersonInput!) { inviteMerchantPerson(input: $input) { invitation { code } userErrors { code } } }',
    { input: { merchantId: shop.id, role: 'CASHIER' } });
  await must(cashier.client, 'mutation ($input: JoinMerchantInput!) { joinMerchant(input: $input) { merchant { id viewerRole } userErrors { code } } }',
    { input: { code: inviteMerchantPerson.invitation.code } });
  const { payload } = await createPaymentCode(cashier, storeId, '300.00');
  const paid = await payWhenKnown(payer, payload);
  expect(paid).toMatchObject({ userErrors: [], transaction: { amount: { amount: '300.00' } } });
  expect((await payByQr(other, payload)).userErrors).toEqual([{ code: 'ALREADY_EXISTS', field: ['input', 'payload'] }]);
  const refund = (by: Person, amount: string) => by.client.request<any>(
    'mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) { transaction { id } userErrors { code } } }',
    { input: { transactionId: paid.transaction.id, amount: usd(amount), idempotencyKey: randomUUID() } });
  const refundedBy = async (by: Person, id: string) =>
    (await must<any>(by.client, 'query ($id: ID!) { transaction(id: $id) { refundedBy { personId displayName role } } }', { id })).transaction.refundedBy;
  // What the owner gives back is not counted to the till.
  const { refundPayment: byOwner } = (await refund(shop.owner, '90.00')).data;
  expect(byOwner.userErrors).toEqual([]);
  await eventually(async () => {
    expect((await refund(cashier, '200.01')).data.refundPayment.userErrors).toEqual([{ code: 'LIMIT_EXCEEDED' }]);
  }, { describe: 'accounts knows the cashier', timeoutMs: 15_000 });
  const { refundPayment: byCashier } = (await refund(cashier, '200.00')).data;
  expect(byCashier.userErrors).toEqual([]);
  expect((await refund(cashier, '0.01')).data.refundPayment.userErrors).toEqual([{ code: 'LIMIT_EXCEEDED' }]);
  expect((await refund(shop.owner, '10.00')).data.refundPayment.userErrors).toEqual([]);
  // Who it was is for the owner: neither the cashier nor who was paid back sees it.
  expect(await refundedBy(shop.owner, byCashier.transaction.id)).toEqual({ personId: cashier.id, displayName: 'Ada Example', role: 'CASHIER' });
  expect(await refundedBy(shop.owner, byOwner.transaction.id)).toMatchObject({ personId: shop.owner.id, role: 'OWNER' });
  for (const by of [cashier, payer]) expect(await refundedBy(by, byCashier.transaction.id)).toBeNull();
});

it('a customer finds the shop around the corner, and strangers see no code of it', async () => {
  const [shop, customer] = await Promise.all([newMerchant(), persona('customer')]);
  // A place of its own, so that other tests' stores are not nearer.
  const place = { latitude: -48.876667, longitude: Number((-123 - Math.random() * 20).toFixed(6)) };
  const { id } = await addStore(shop.owner, shop.id, { ...STORE, ...place, timeZone: 'UTC', openingHours: [] });
  const { nearbyStores } = await must<any>(customer.client,
    `query ($input: NearbyStoresInput!) { nearbyStores(input: $input, first: 1) { edges { node { distanceMeters store { id isOpenNow qrCode } } } } }`,
    { input: { ...place, radiusMeters: 100 } });
  expect(nearbyStores.edges).toEqual([{ node: { distanceMeters: 0, store: { id, isOpenNow: false, qrCode: null } } }]);
});
