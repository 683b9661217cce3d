import { randomUUID } from 'node:crypto';
import { IDENTITY_HEADER, type Identity, signIdentity } from '@tael/platform/identity';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { openPartner, tellPartner } from './support/partner-bank';

let world: PeopleWorld;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_partner_use');
});
afterAll(() => world.end());

const gateway: Identity = { principal: null, locale: 'en', reference: 'partner-use', traceparent: '', address: '' };
const URL = '/.well-known/partner-use';

async function post(body: string, signedFor = body): Promise<{ status: number; body: any }> {
  const response = await world.app.server.inject({
    method: 'POST', url: URL, payload: body,
    headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: signIdentity(gateway, signedFor, world.settings.IDENTITY_KEYS, world.now().getTime()) },
  });
  return { status: response.statusCode, body: response.json() };
}

/** Tells what was used, as a gateway does; gives what is missing of each, in the order told. */
async function tell(...used: { partnerId: string; units: number }[]): Promise<number[]> {
  const { status, body } = await post(JSON.stringify({ used }));
  expect(status).toBe(200);
  return used.map(({ partnerId }) => body.levels.find((level: { partnerId: string }) => level.partnerId === partnerId)?.missing);
}

/** A partner of some rate; what flows in while a test looks is next to nothing where it is slow. */
async function partnerOf(perSecond: number, burst = 1_000_000) {
  const { state } = await openPartner(world);
  await tellPartner(world, { ...state, version: 2, rate: { perSecond, burst } });
  return { partnerId: state.partnerId, state };
}
/** What was told of counts as if so long ago. */
const ago = (partnerId: string, interval: string) =>
  world.rows(`UPDATE partner_use SET "countedAt" = clock_timestamp() - $2::interval WHERE "partnerId" = $1 RETURNING 1`, [partnerId, interval]);

it('adds up what gateways tell, each partner by itself', async () => {
  const [one, other] = [await partnerOf(1), await partnerOf(1)];
  expect(await tell({ partnerId: one.partnerId, units: 40.5 })).toEqual([40.5]);
  const [first, second] = await tell({ partnerId: one.partnerId, units: 1_000 }, { partnerId: other.partnerId, units: 7 });
  expect(first).toBeGreaterThan(1_030);
  expect(first).toBeLessThanOrEqual(1_040.5);
  expect(second).toBe(7);
  expect(await tell({ partnerId: one.partnerId, units: 0 })).toEqual([expect.closeTo(first!, -1)]);
});

it('lets flow in what the rate of now gives, up to a full bucket, whatever the clock of the database does', async () => {
  const { partnerId, state } = await partnerOf(10);
  await tell({ partnerId, units: 1_000 });
  await ago(partnerId, '50 seconds');
  const [after] = await tell({ partnerId, units: 0 });
  expect(after).toBeGreaterThan(400);
  expect(after).toBeLessThanOrEqual(500);
  await tellPartner(world, { ...state, version: 3, rate: { perSecond: 100, burst: 1_000_000 } });
  await ago(partnerId, '3 seconds');
  const [faster] = await tell({ partnerId, units: 0 });
  expect(faster).toBeLessThanOrEqual(after! - 300);
  await ago(partnerId, '1 day');
  expect(await tell({ partnerId, units: 5 })).toEqual([5]);
  await ago(partnerId, '-1 day');
  expect(await tell({ partnerId, units: 5 })).toEqual([10]);
});

it('loses nothing where many tell at once, in whatever order they name partners, and nobody waits for another', async () => {
  const partners = await Promise.all(Array.from({ length: 4 }, () => partnerOf(1)));
  const used = partners.map(({ partnerId }) => ({ partnerId, units: 100 }));
  await Promise.all(Array.from({ length: 50 }, (_, index) => tell(...(index % 2 ? used : [...used].reverse()))));
  for (const missing of await tell(...used.map((use) => ({ ...use, units: 0 })))) {
    expect(missing).toBeGreaterThan(4_900);
    expect(missing).toBeLessThanOrEqual(5_000);
  }
});

it('takes a partner that is named twice as one, and leaves out who is not known', async () => {
  const { partnerId } = await partnerOf(1);
  expect(await tell({ partnerId, units: 3 }, { partnerId, units: 4 }, { partnerId: randomUUID(), units: 5 })).toEqual([7, 7, undefined]);
  expect(await tell()).toEqual([]);
});

it.each<[string, unknown]>([
  ['no list', {}],
  ['an id that is none', { used: [{ partnerId: 'x', units: 1 }] }],
  ['less than nothing', { used: [{ partnerId: randomUUID(), units: -1 }] }],
  ['no number', { used: [{ partnerId: randomUUID(), units: '1' }] }],
  ['more than anybody uses', { used: [{ partnerId: randomUUID(), units: 1e10 }] }],
  ['too many partners', { used: Array.from({ length: 1_001 }, () => ({ partnerId: randomUUID(), units: 1 })) }],
])('refuses %s', async (_name, body) => {
  expect(await post(JSON.stringify(body))).toEqual({ status: 400, body: { error: 'invalid_request' } });
});

it('refuses who does not sign as a gateway does, and a text that was signed for another', async () => {
  const { partnerId } = await partnerOf(1);
  const body = JSON.stringify({ used: [{ partnerId, units: 9 }] });
  expect(await post(body, JSON.stringify({ used: [] }))).toEqual({ status: 401, body: { error: 'unauthorized' } });
  const unsigned = await world.app.server.inject({ method: 'POST', url: URL, payload: body, headers: { 'content-type': 'application/json' } });
  expect(unsigned.statusCode).toBe(401);
  expect(await world.rows('SELECT 1 FROM partner_use WHERE "partnerId" = $1', [partnerId])).toEqual([]);
});
