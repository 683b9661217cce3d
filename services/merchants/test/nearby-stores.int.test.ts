import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { merchantsDataSource } from '../src/data-source';
import { WEEKDAYS } from '../src/stores/hours.domain';
import { NearbyService } from '../src/stores/nearby.service';
import { distanceM, type Place } from '../src/stores/place.domain';
import { type CoffeeStore, coffeeStores } from './coffee-stores';
import { activate, nobody, operator, register, somebody, startSubject, type Subject } from './support';

// The 113 shops of test/data, each of a merchant that can be paid, against a look at every one of them.
const LIST = coffeeStores();
const ZONE = 'America/Los_Angeles';
let subject: Subject;
let now = new Date();
let ids: string[];

const placeOf = (store: CoffeeStore): Place => ({ latitudeE6: Math.round(store.latitude * 1e6), longitudeE6: Math.round(store.longitude * 1e6) });

async function insert(dataSource: DataSource, merchantId: string, store: CoffeeStore, id = uuidv7()): Promise<string> {
  const { latitudeE6, longitudeE6 } = placeOf(store);
  const weekly = store.hours ? WEEKDAYS.map((weekday) => ({ weekday, ...store.hours! })) : [];
  await dataSource.query(
    `INSERT INTO store VALUES ($1, $2, $3, '{x}', $4, NULL, 'US', $5, $6, $7, $8, 'OPEN', now())`,
    [id, merchantId, store.name, store.city, latitudeE6, longitudeE6, ZONE, JSON.stringify({ weekly, exceptions: [] })],
  );
  return id;
}

async function activeMerchant(): Promise<string> {
  const { merchant } = await register(subject, somebody());
  await activate(subject, operator(), merchant.id);
  return merchant.id;
}

beforeAll(async () => {
  subject = await startSubject('nearby', { now: () => now });
  const merchantId = await activeMerchant();
  ids = [];
  for (const store of LIST) ids.push(await insert(subject.dataSource, merchantId, store));
});
afterAll(() => subject?.stop());
beforeEach(() => {
  now = new Date();
});

async function near(input: object, first = 100, after?: string, as = somebody()): Promise<any> {
  return subject.ask(as, `query ($input: NearbyStoresInput!, $first: Int, $after: String) {
    nearbyStores(input: $input, first: $first, after: $after) {
      edges { node { distanceMeters store { id isOpenNow } } } pageInfo { hasNextPage endCursor } } }`, { input, first, after });
}
const shown = (answer: any): [string, number][] =>
  answer.data.nearbyStores.edges.map(({ node }: any) => [node.store.id, node.distanceMeters]);

/** Every page, one after the other. */
async function all(input: object, first: number): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for (let after: string | undefined; ;) {
    const answer = await near(input, first, after);
    expect(answer.errors).toBeUndefined();
    found.push(...shown(answer));
    const { pageInfo } = answer.data.nearbyStores;
    if (!pageInfo.hasNextPage) return found;
    after = pageInfo.endCursor;
  }
}

/** What a clock in San Francisco shows, told another way than the service does. */
const minutesThere = (at: Date): number => {
  const [hour, minute] = at.toLocaleTimeString('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' }).split(':').map(Number);
  return hour! * 60 + minute!;
};
const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
function isOpenThere({ hours }: CoffeeStore, minute: number): boolean {
  if (!hours) return false;
  const [from, to] = [minutes(hours.opens), minutes(hours.closes)];
  return to > from ? minute >= from && minute < to : minute >= from || minute < to;
}

function oracle(place: Place, radius: number, isShown: (store: CoffeeStore) => boolean = () => true): [string, number][] {
  return LIST.map((store, index) => ({ store, id: ids[index]!, distance: distanceM(place, placeOf(store)) }))
    .filter(({ store, distance }) => distance <= radius && isShown(store))
    .sort((a, b) => Math.round(a.distance * 1_000) - Math.round(b.distance * 1_000) || (a.id < b.id ? -1 : 1))
    .map(({ id, distance }) => [id, Math.round(distance)]);
}

describe('nearbyStores', () => {
  it('has 113 stores to find', () => {
    expect(LIST).toHaveLength(113);
    expect(LIST.filter(({ hours }) => hours)).toHaveLength(110);
  });
  it.each([
    ['Union Square', 37.787994, -122.407437], ['the ferry at Oakland', 37.795, -122.2793], ['Berkeley', 37.8715, -122.273], ['the ocean', 37.75, -122.6],
    ['Paris', 48.8566, 2.3522],
  ])('finds from %s what a look at every one finds, in the same order', async (_where, latitude, longitude) => {
    const place = { latitudeE6: Math.round(latitude * 1e6), longitudeE6: Math.round(longitude * 1e6) };
    for (const radiusMeters of [1, 300, 1_000, 5_000, 20_000, 50_000]) {
      expect(await all({ latitude, longitude, radiusMeters }, 7)).toEqual(oracle(place, radiusMeters));
    }
  });
  it.each(['2026-06-01T11:29:00Z', '2026-06-01T11:30:00Z', '2026-06-01T19:00:00Z', '2026-06-02T04:00:00Z', '2026-06-02T07:30:00Z', '2026-11-01T08:30:00Z',
    '2026-11-01T09:30:00Z'])('finds at %s those that are open', async (at) => {
    now = new Date(at);
    const [latitude, longitude] = [37.787994, -122.407437];
    const minute = minutesThere(now);
    const expected = oracle({ latitudeE6: 37_787_994, longitudeE6: -122_407_437 }, 30_000, (store) => isOpenThere(store, minute));
    expect(await all({ latitude, longitude, radiusMeters: 30_000, openNow: true }, 5)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  });
  it('shows no store of a merchant that cannot be paid, and none that is closed for good', async () => {
    const here = { name: 'x', city: 'Nowhere', latitude: -48.876667, longitude: -123.393333, hours: undefined };
    const input = { latitude: here.latitude, longitude: here.longitude, radiusMeters: 10 };
    const merchantId = await activeMerchant();
    const pending = (await register(subject, somebody())).merchant.id;
    const store = await insert(subject.dataSource, merchantId, here);
    await insert(subject.dataSource, pending, here);
    expect(shown(await near(input, 10, undefined, operator()))).toEqual([[store, 0]]);
    await subject.dataSource.query(`UPDATE store SET status = 'CLOSED' WHERE id = $1`, [store]);
    expect(shown(await near(input))).toEqual([]);
  });
  it('finds across the meridian of 180 degrees and over the pole', async () => {
    const merchantId = await activeMerchant();
    const at = (latitude: number, longitude: number) => insert(subject.dataSource, merchantId, { name: 'x', city: 'x', latitude, longitude, hours: undefined });
    const [fiji, pole] = [await at(-16.8, -179.9), await at(89.9, 170)];
    expect(shown(await near({ latitude: -16.8, longitude: 179.9, radiusMeters: 50_000 }))).toEqual([[fiji, 21_290]]);
    expect(shown(await near({ latitude: 89.9, longitude: -10, radiusMeters: 50_000 }))).toEqual([[pole, 22_239]]);
  });
  it.each([
    [{ radiusMeters: 0 }, 'radiusMeters'], [{ radiusMeters: 50_001 }, 'radiusMeters'], [{ latitude: 90.1 }, 'latitude'], [{ longitude: -180.1 }, 'longitude'],
  ])('refuses %j', async (change, field) => {
    const answer = await near({ latitude: 37, longitude: -122, radiusMeters: 1_000, ...change });
    expect(answer.errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: ['input', field] });
  });
  it('asks for a session', async () => {
    const answer = await near({ latitude: 37, longitude: -122, radiusMeters: 1_000 }, 10, undefined, nobody);
    expect(answer.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});

// A plan that was made while the table was empty must not read it whole when it is full.
it('reads the stores around a place and not all of them, by a plan of before', async () => {
  const lone = await merchantsDataSource({ url: subject.database.url, poolSize: 1 }).initialize();
  try {
    const service = new NearbyService({ dataSource: lone, now: () => now });
    const find = () => service.find(
      { place: { latitudeE6: 37_787_994, longitudeE6: -122_407_437 }, radiusMeters: 300, openNow: false }, { limit: 20, after: undefined },
    );
    // Six times, so that the plan is one for any place.
    for (let round = 0; round < 6; round += 1) await find();
    await lone.query(`INSERT INTO store SELECT r.* FROM (SELECT s FROM store s LIMIT 1) one, generate_series(1, 30000) n,
      LATERAL jsonb_populate_record(one.s, jsonb_build_object('id', gen_random_uuid(), 'latitudeE6', (n * 5393) % 60000000,
        'longitudeE6', (n * 9973) % 100000000)) r`);
    const read = async (): Promise<bigint> => {
      await lone.query('SELECT pg_stat_force_next_flush()');
      const [row] = await lone.query(`SELECT sum(seq_tup_read + idx_tup_fetch)::bigint AS rows FROM pg_stat_user_tables WHERE relname IN ('store', 'merchant')`);
      return row.rows;
    };
    const before = await read();
    expect((await find()).length).toBeGreaterThan(0);
    expect((await read()) - before).toBeLessThan(200n);
  } finally {
    await lone.destroy();
  }
});
