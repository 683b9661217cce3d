import { readMerchantPresented, readTaelCode } from '@tael/emvco';
import { fromMessage } from '@tael/events';
import type { Identity } from '@tael/platform/identity';
import { activate, operator, register, somebody, startSubject, type Subject } from './support';

let subject: Subject;
let now = new Date();
beforeAll(async () => {
  subject = await startSubject('codes', { now: () => now });
});
afterAll(() => subject?.stop());
beforeEach(() => {
  now = new Date();
});

const STORE = {
  name: 'Corner at the ferry', addressLines: ['1 Main Street'], city: 'San Francisco', postalCode: '94105', country: 'US', latitude: 37.784064,
  longitude: -122.40398, timeZone: 'America/Los_Angeles', openingHours: [],
};

interface Shop {
  readonly owner: Identity;
  readonly merchantId: string;
  readonly storeId: string;
}

async function shop(input: object = {}, active = true): Promise<Shop> {
  const owner = somebody();
  const { merchant } = await register(subject, owner, input);
  if (active) await activate(subject, operator(), merchant.id);
  const { data } = await subject.ask(owner, 'mutation ($input: AddStoreInput!) { addStore(input: $input) { store { id } } }', {
    input: { merchantId: merchant.id, ...STORE },
  });
  return { owner, merchantId: merchant.id, storeId: data.addStore.store.id };
}

async function codeOf({ merchantId }: Shop, as: Identity): Promise<string | null> {
  const answer = await subject.ask(as, 'query ($id: ID!) { merchant(id: $id) { stores { edges { node { qrCode } } } } }', { id: merchantId });
  expect(answer.errors).toBeUndefined();
  return answer.data.merchant.stores.edges[0].node.qrCode;
}

async function create(as: Identity, storeId: string, input: object = {}): Promise<any> {
  const answer = await subject.ask(as, `mutation ($input: CreatePaymentCodeInput!) { createPaymentCode(input: $input) {
    paymentCode { id storeId payload amount { amount currency } reference expiresAt } userErrors { code field } } }`,
  { input: { storeId, amount: { amount: '12.50', currency: 'USD' }, ...input } });
  expect(answer.errors).toBeUndefined();
  return answer.data.createPaymentCode;
}

async function join({ merchantId }: Shop, role: string): Promise<Identity> {
  const someone = somebody();
  await subject.dataSource.query('INSERT INTO merchant_person ("merchantId", "personId", role) VALUES ($1, $2, $3)', [
    merchantId, someone.principal!.personId, role,
  ]);
  return someone;
}

describe('the code of a store', () => {
  it('is static, and says whose it is and where', async () => {
    const at = await shop({ name: 'Café Zoë 街角' });
    const payload = (await codeOf(at, at.owner))!;
    expect(readTaelCode(payload)).toMatchObject({ ok: true, value: { merchantId: at.merchantId, storeId: at.storeId, codeId: undefined, amount: undefined } });
    expect(readMerchantPresented(payload)).toMatchObject({
      ok: true,
      value: {
        initiation: 'STATIC', categoryCode: '5814', currency: '840', country: 'US', name: 'Cafe Zoe', city: 'San Francisco', postalCode: '94105',
        localised: { language: 'zh', name: 'Café Zoë 街角' },
      },
    });
    expect(await codeOf(at, at.owner)).toBe(payload);
  });
  it('is shown to the merchant\'s people and operators alone', async () => {
    const at = await shop();
    for (const person of [at.owner, await join(at, 'MANAGER'), await join(at, 'CASHIER'), operator()]) {
      expect(await codeOf(at, person)).toMatch(/^000201/);
    }
    expect(await codeOf(at, somebody())).toBeNull();
  });
});

describe('a code for one payment', () => {
  it('has its amount and reference, and is told of in the same transaction without the reference', async () => {
    const at = await shop();
    const { paymentCode, userErrors } = await create(at.owner, at.storeId, { reference: 'BILL-4711', expiresInSeconds: 60 });
    expect(userErrors).toEqual([]);
    expect(paymentCode).toMatchObject({ storeId: at.storeId, amount: { amount: '12.50', currency: 'USD' }, reference: 'BILL-4711' });
    expect(new Date(paymentCode.expiresAt).getTime()).toBe(now.getTime() + 60_000);
    const codeId = paymentCode.id;
    expect(readTaelCode(paymentCode.payload)).toMatchObject({ ok: true, value: { merchantId: at.merchantId, storeId: at.storeId, codeId, amount: { minor: 1_250n } } });
    expect(readMerchantPresented(paymentCode.payload)).toMatchObject({ ok: true, value: { additional: new Map([['05', 'BILL-4711']]) } });
    const message = (await subject.events(at.merchantId)).at(-1)!;
    expect(JSON.stringify([message.headers, message.data])).not.toContain('4711');
    expect(fromMessage(message as never)).toMatchObject({
      type: 'payment-code.created', data: { codeId, merchantId: at.merchantId, storeId: at.storeId, amount: 1_250n, currency: 'USD', expiresAt: new Date(paymentCode.expiresAt) },
    });
  });
  it('is made by everybody who acts for the merchant, and by nobody else', async () => {
    const at = await shop();
    for (const person of [await join(at, 'MANAGER'), await join(at, 'CASHIER'), operator()]) {
      expect((await create(person, at.storeId)).userErrors).toEqual([]);
    }
    const missing = { paymentCode: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'storeId'] }] };
    const stranger = somebody();
    for (const id of [at.storeId, '0196a000-0000-7000-8000-00000000dead', 'none']) expect(await create(stranger, id)).toEqual(missing);
  });
  it.each<[string, object, string, string]>([
    ['another currency', { amount: { amount: '1.00', currency: 'EUR' } }, 'CURRENCY_MISMATCH', 'input.amount.currency'],
    ['nothing', { amount: { amount: '0', currency: 'USD' } }, 'INVALID_INPUT', 'input.amount.amount'],
    ['half a cent', { amount: { amount: '0.005', currency: 'USD' } }, 'INVALID_INPUT', 'input.amount.amount'],
    ['more than a code holds', { amount: { amount: '10000000000.00', currency: 'USD' } }, 'INVALID_INPUT', 'input.amount.amount'],
    ['a reference of two lines', { reference: 'a\nb' }, 'INVALID_INPUT', 'input.reference'],
    ['a life of two days', { expiresInSeconds: 172_800 }, 'INVALID_INPUT', 'input.expiresInSeconds'],
  ])('is refused for %s', async (_what, input, code, field) => {
    const at = await shop();
    const { paymentCode, userErrors } = await create(at.owner, at.storeId, input);
    expect(paymentCode).toBeNull();
    expect(userErrors).toEqual([{ code, field: field.split('.') }]);
    expect((await subject.events(at.merchantId)).map(({ headers }) => headers['ce_type'])).not.toContain('payment-code.created');
  });
  it('is refused where the merchant cannot be paid yet, and where the store is closed for good', async () => {
    const pending = await shop({}, false);
    expect((await create(pending.owner, pending.storeId)).userErrors).toEqual([{ code: 'MERCHANT_NOT_ACTIVE', field: ['input', 'storeId'] }]);
    const at = await shop();
    await subject.ask(at.owner, 'mutation ($input: CloseStoreInput!) { closeStore(input: $input) { userErrors { code } } }', { input: { storeId: at.storeId } });
    expect((await create(at.owner, at.storeId)).userErrors).toEqual([{ code: 'NOT_ALLOWED', field: ['input', 'storeId'] }]);
  });
  it('never changes once it is made', async () => {
    await expect(subject.dataSource.query('UPDATE payment_code SET amount = 1')).rejects.toThrow('permission denied');
  });
});
