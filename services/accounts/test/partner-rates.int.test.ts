import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { decodeJwt } from 'jose';
import { takePartner } from '../src/partners/partner-copy.service';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { askForToken, clientOf, makeKey, openPartner, tellPartner } from './support/partner-bank';
import { soonerThan } from './support/sooner';

let world: PeopleWorld;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_partner_rates', { FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: 1_000 });
});
afterAll(() => world.end());

interface Told {
  readonly rates: { partnerId: string; perSecond: number; burst: number; changedAt: number }[];
  readonly mark: string;
}

/** Asks as the gateway does. */
async function ask(query = 'since=0&keys=1'): Promise<Told> {
  const identity = { principal: null, locale: 'en', reference: 'test', traceparent: '', address: '' };
  const response = await world.app.server.inject({
    method: 'GET', url: `/.well-known/ended-sessions?${query}`,
    headers: { [IDENTITY_HEADER]: signIdentity(identity, '', world.settings.IDENTITY_KEYS, world.now().getTime()) },
  });
  return response.json();
}
const rateOf = async (partnerId: string, query?: string) => (await ask(query)).rates.find((rate) => rate.partnerId === partnerId);

const LESS = { perSecond: 5, burst: 20 };

it('a rate that was changed is told as long as a token of before may live, and the newest alone', async () => {
  const { state } = await openPartner(world);
  const { partnerId } = state;
  expect(await rateOf(partnerId)).toBeUndefined();
  const before = world.now().getTime();
  await tellPartner(world, { ...state, version: 2, rate: LESS });
  const first = (await rateOf(partnerId))!;
  expect(first).toEqual({ partnerId, ...LESS, changedAt: expect.any(Number) });
  expect(first.changedAt).toBeGreaterThanOrEqual(before - 1);
  const more = { ...LESS, burst: 2_000 };
  await tellPartner(world, { ...state, version: 3, rate: more });
  const { changedAt } = (await rateOf(partnerId))!;
  expect((await ask()).rates.filter((rate) => rate.partnerId === partnerId)).toEqual([{ partnerId, ...more, changedAt }]);
  expect(changedAt).toBeGreaterThanOrEqual(first.changedAt);
  expect([(await rateOf(partnerId, `since=${changedAt}`))?.changedAt, await rateOf(partnerId, `since=${changedAt + 1}`)]).toEqual([changedAt, undefined]);
  world.later(10 * 60_000);
  expect((await rateOf(partnerId))?.changedAt).toBe(changedAt);
  world.later(60_000);
  expect(await rateOf(partnerId)).toBeUndefined();
  world.later(-11 * 60_000);
});

it('what one operation may cost comes and goes with the rate, in what is told and in tokens', async () => {
  const { client, state } = await openPartner(world);
  const { partnerId } = state;
  const rateInToken = async () => decodeJwt((await askForToken(world, client)).body.access_token)['rate'];
  await tellPartner(world, { ...state, version: 2, rate: { ...LESS, costMax: 700 } });
  expect(await rateOf(partnerId)).toEqual({ partnerId, ...LESS, costMax: 700, changedAt: expect.any(Number) });
  expect(await rateInToken()).toEqual({ ...LESS, costMax: 700 });
  const { changedAt } = (await rateOf(partnerId))!;
  // Nothing else of the rate has changed: that is a change too, and so is that it is gone.
  await tellPartner(world, { ...state, version: 3, rate: { ...LESS, costMax: 800 } });
  expect(await rateOf(partnerId, `since=${changedAt + 1}`)).toMatchObject({ costMax: 800 });
  await tellPartner(world, { ...state, version: 4, rate: LESS });
  expect(await rateOf(partnerId)).toEqual({ partnerId, ...LESS, changedAt: expect.any(Number) });
  expect(await rateInToken()).toEqual(LESS);
});

it('nothing is told where other things change, a rate comes late, or the same one comes again', async () => {
  const { client, state } = await openPartner(world);
  const next = await makeKey('ES256');
  await tellPartner(world, { ...state, version: 2, clients: [clientOf(client, { keys: [next.publicJwk], scopes: ['partner:read'] })] });
  await tellPartner(world, { ...state, version: 3, status: 'SUSPENDED' });
  await tellPartner(world, { ...state, version: 4 });
  await tellPartner(world, { ...state, version: 1, rate: LESS });
  expect(await rateOf(state.partnerId)).toBeUndefined();
  await tellPartner(world, { ...state, version: 5, rate: LESS });
  const told = await rateOf(state.partnerId);
  expect(told).toMatchObject(LESS);
  await tellPartner(world, { ...state, version: 6, rate: LESS, status: 'SUSPENDED' });
  expect(await rateOf(state.partnerId)).toEqual(told);
});

it('is told at once to a gateway whose question is held', async () => {
  const prepare = async () => ({ state: (await openPartner(world)).state, mark: (await ask()).mark });
  await soonerThan(2_000, prepare, async ({ state, mark }) => {
    const held = rateOf(state.partnerId, `since=0&keys=1&mark=${encodeURIComponent(mark)}&waitMs=2000`);
    await tellPartner(world, { ...state, version: 2, rate: LESS });
    expect(await held).toMatchObject(LESS);
  });
});

it('no token with the old rate leaves that says to be younger than the change', async () => {
  const { client, state } = await openPartner(world);
  const asked = await inTransaction(world.dataSource, async (tx) => {
    await takePartner(tx, { ...state, version: 2, rate: LESS });
    const answer = askForToken(world, client);
    await eventually(async () => {
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '/* partners.await */%' AND wait_event_type = 'Lock'`;
      expect(await world.rows(waiting)).toHaveLength(1);
    });
    // In an object: the transaction must end before the request can.
    return { answer };
  });
  expect((await asked.answer).status).toBe(401);
  const { body } = await askForToken(world, client);
  expect(decodeJwt(body.access_token)['rate']).toEqual(LESS);
});
