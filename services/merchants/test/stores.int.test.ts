import type { Identity } from '@tael/platform/identity';
import { WEEKDAYS } from '../src/stores/hours.domain';
import { activate, nobody, operator, register, somebody, startSubject, type Subject } from './support';

let subject: Subject;
let now = new Date();
beforeAll(async () => {
  subject = await startSubject('stores', { now: () => now });
});
afterAll(() => subject?.stop());
beforeEach(() => {
  now = new Date();
});

const HOURS = WEEKDAYS.map((weekday) => ({ weekday, opens: '08:00', closes: '18:00' }));
const STORE = {
  name: 'Corner', addressLines: ['1 Main Street', 'Floor 2'], city: 'San Francisco', postalCode: '94105', country: 'US', latitude: 37.784064,
  longitude: -122.40398, timeZone: 'America/Los_Angeles', openingHours: HOURS, openingExceptions: [{ date: '2026-12-25', times: [] }],
};
const SHOWN = `id merchantId name addressLines city postalCode country latitude longitude timeZone status isOpenNow
  openingHours { weekday opens closes } openingExceptions { date times { opens closes } }`;

async function mutate(as: Identity, name: string, input: object): Promise<any> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const answer = await subject.ask(as, `mutation ($input: ${type}!) { ${name}(input: $input) { store { ${SHOWN} } userErrors { code message field } } }`, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data[name];
}

async function storesOf(as: Identity, id: string, first = 20, after?: string): Promise<any> {
  const { data, errors } = await subject.ask(as, `query ($id: ID!, $first: Int, $after: String) {
    merchant(id: $id) { stores(first: $first, after: $after) { edges { node { id status } } pageInfo { hasNextPage endCursor } } } }`, { id, first, after });
  expect(errors).toBeUndefined();
  return data.merchant?.stores;
}
const idsOf = (connection: any): string[] => connection.edges.map(({ node }: any) => node.id);

async function member(role: string) {
  const owner = somebody();
  const { merchant } = await register(subject, owner);
  const someone = somebody();
  await subject.dataSource.query('INSERT INTO merchant_person ("merchantId", "personId", role) VALUES ($1, $2, $3)', [
    merchant.id, someone.principal!.personId, role,
  ]);
  return { owner, someone, merchantId: merchant.id as string };
}

describe('a store', () => {
  it('is shown as it was added', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    const { store, userErrors } = await mutate(owner, 'addStore', { merchantId: merchant.id, ...STORE });
    expect(userErrors).toEqual([]);
    expect(store).toMatchObject({ ...STORE, merchantId: merchant.id, status: 'OPEN' });
  });
  it('is open by its own clock', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    for (const [at, isOpenNow] of [['2026-06-01T14:59:00Z', false], ['2026-06-01T15:00:00Z', true], ['2026-12-25T20:00:00Z', false]] as const) {
      now = new Date(at);
      expect((await mutate(owner, 'addStore', { merchantId: merchant.id, ...STORE })).store.isOpenNow).toBe(isOpenNow);
    }
  });
  it('keeps what an update leaves out, and takes away what it nulls', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    const { store } = await mutate(owner, 'addStore', { merchantId: merchant.id, ...STORE });
    const { store: updated } = await mutate(owner, 'updateStore', { storeId: store.id, name: 'Other', postalCode: null, openingExceptions: [] });
    expect(updated).toEqual({ ...store, name: 'Other', postalCode: null, openingExceptions: [] });
  });
  it('is refused with all that is at fault', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    const input = { merchantId: merchant.id, ...STORE, country: 'XX', timeZone: '+01:00', openingHours: [{ weekday: 'MONDAY', opens: '9', closes: '10:00' }] };
    const { store, userErrors } = await mutate(owner, 'addStore', input);
    expect(store).toBeNull();
    expect(userErrors.map(({ field }: any) => field.join('.'))).toEqual(['input.country', 'input.timeZone', 'input.openingHours.0.opens']);
    expect(userErrors[0].message).toContain('ISO 3166-1');
  });
  it('that is closed for good is shown to its own people alone', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner);
    await activate(subject, operator(), merchant.id);
    const { store } = await mutate(owner, 'addStore', { merchantId: merchant.id, ...STORE });
    const { store: kept } = await mutate(owner, 'addStore', { merchantId: merchant.id, ...STORE });
    const closed = await mutate(owner, 'closeStore', { storeId: store.id });
    expect(closed.store).toMatchObject({ id: store.id, status: 'CLOSED', isOpenNow: false });
    expect(await mutate(owner, 'closeStore', { storeId: store.id })).toEqual(closed);
    expect(idsOf(await storesOf(owner, merchant.id))).toEqual([store.id, kept.id]);
    expect(idsOf(await storesOf(operator(), merchant.id))).toEqual([store.id, kept.id]);
    expect(idsOf(await storesOf(somebody(), merchant.id))).toEqual([kept.id]);
  });
  it('is one of pages, for many merchants in one statement', async () => {
    const owner = somebody();
    const merchants = await Promise.all([1, 2, 3].map(async () => (await register(subject, owner)).merchant.id));
    const added = new Map<string, string[]>();
    for (const merchantId of merchants) {
      for (let n = 0; n < 3; n += 1) {
        const { store } = await mutate(owner, 'addStore', { merchantId, ...STORE });
        added.set(merchantId, [...(added.get(merchantId) ?? []), store.id]);
      }
    }
    const query = jest.spyOn(subject.dataSource, 'query');
    const { data } = await subject.ask(owner, `{ merchants(first: 50) { edges { node { id stores(first: 2) { edges { node { id } } pageInfo { hasNextPage endCursor } } } } } }`);
    expect(query.mock.calls.filter(([sql]) => String(sql).includes('stores.pages'))).toHaveLength(1);
    query.mockRestore();
    for (const merchantId of merchants) {
      const { node } = data.merchants.edges.find((edge: any) => edge.node.id === merchantId);
      expect(idsOf(node.stores)).toEqual(added.get(merchantId)!.slice(0, 2));
      expect(node.stores.pageInfo.hasNextPage).toBe(true);
      const next = await storesOf(owner, merchantId, 2, node.stores.pageInfo.endCursor);
      expect(idsOf(next)).toEqual(added.get(merchantId)!.slice(2));
    }
  });
});

describe('who may change stores', () => {
  it.each([['OWNER', undefined], ['MANAGER', undefined], ['CASHIER', 'NOT_ALLOWED']])('%s: %s', async (role, code) => {
    const { owner, someone, merchantId } = await member(role);
    const { store } = await mutate(owner, 'addStore', { merchantId, ...STORE });
    const codes = await Promise.all([
      mutate(someone, 'addStore', { merchantId, ...STORE }), mutate(someone, 'updateStore', { storeId: store.id, name: 'x' }),
      mutate(someone, 'closeStore', { storeId: store.id }),
    ]);
    expect(codes.map(({ userErrors }) => userErrors[0]?.code)).toEqual([code, code, code]);
  });
  it('is nobody else: neither merchant nor store exists for them', async () => {
    const { owner, merchantId } = await member('OWNER');
    const { store } = await mutate(owner, 'addStore', { merchantId, ...STORE });
    const missing = '0196a000-0000-7000-8000-00000000dead';
    const stranger = somebody();
    expect(await mutate(stranger, 'addStore', { merchantId, ...STORE })).toEqual(await mutate(stranger, 'addStore', { merchantId: missing, ...STORE }));
    for (const [name, rest] of [['updateStore', { name: 'x' }], ['closeStore', {}]] as const) {
      const answer = await mutate(stranger, name, { storeId: store.id, ...rest });
      expect(answer).toEqual(await mutate(stranger, name, { storeId: missing, ...rest }));
      expect(answer.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['input', 'storeId'] }]);
    }
  });
  it('is at most a thousand times', async () => {
    const { owner, merchantId } = await member('OWNER');
    await mutate(owner, 'addStore', { merchantId, ...STORE });
    await subject.dataSource.query(`INSERT INTO store SELECT r.* FROM (SELECT s FROM store s WHERE "merchantId" = $1) one, generate_series(1, 998) n,
      LATERAL jsonb_populate_record(one.s, jsonb_build_object('id', gen_random_uuid(), 'name', n::text)) r`, [merchantId]);
    const answers = await Promise.all([1, 2, 3].map(() => mutate(owner, 'addStore', { merchantId, ...STORE })));
    expect(answers.map(({ userErrors }) => userErrors[0]?.code ?? 'OK').sort()).toEqual(['LIMIT_EXCEEDED', 'LIMIT_EXCEEDED', 'OK']);
  });
  it('asks for a session', async () => {
    const answer = await subject.ask(nobody, 'mutation { closeStore(input: { storeId: "x" }) { userErrors { code } } }');
    expect(answer.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});
