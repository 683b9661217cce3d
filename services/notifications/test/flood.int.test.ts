import { inTransaction } from '@tael/platform/postgres';
import { eventHandler } from '../src/events/event.consumer';
import { busMessage, campaign, deliveriesOf, inboxOf, knownPerson, merchant, openWorld, payment, prefer, received, workAll, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld('flood', { poolSize: 4 });
});
afterAll(() => world?.close());
afterEach(() => {
  world.clock.now = null;
});

const EVENTS = 10_000;
const AT_ONCE = 250;
const CAMPAIGNS = 60;
const DAY_MS = 86_400_000;

const marketingOf = (personId: string): Promise<{ status: string; reason: string | null; count: number }[]> =>
  world.dataSource.query(
    `SELECT status, reason, count(*)::int AS count FROM intent WHERE "personId" = $1 AND class = 'MARKETING' GROUP BY 1, 2 ORDER BY 1`, [personId],
  );

const rowsOf = async (table: 'intent' | 'notification' | 'purchase', personId: string): Promise<number> => {
  const [row] = await world.dataSource.query(`SELECT count(*)::int AS count FROM ${table} WHERE "personId" = $1`, [personId]);
  return row.count;
};

/** Rows that Postgres read in the tables of messages so far. */
async function rowsRead(): Promise<number> {
  await world.dataSource.query('SELECT pg_stat_force_next_flush()');
  const [row] = await world.dataSource.query(
    `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS rows FROM pg_stat_user_tables
     WHERE relname IN ('intent', 'notification', 'delivery', 'affinity', 'purchase')`,
  );
  return row.rows;
}

/** Pays that often at a shop; all events come twice, as many at once as the consumer takes. Gives rows read in the first and last batches. */
async function flood(personId: string, shop: string): Promise<{ first: number; last: number }> {
  const handle = eventHandler(world.app.services);
  const read: number[] = [];
  for (let from = 0; from < EVENTS; from += AT_ONCE) {
    const messages = Array.from({ length: AT_ONCE }, () => busMessage('payment.settled', payment(personId, shop)));
    const before = await rowsRead();
    await inTransaction(world.dataSource, (tx) => handle(tx, messages));
    read.push((await rowsRead()) - before);
    await inTransaction(world.dataSource, (tx) => handle(tx, messages));
  }
  return { first: read[1]!, last: read.at(-1)! };
}

it('A22: ten thousand payments of one person make one receipt each where the person asks for it, and no offers but those of the day', async () => {
  const shop = merchant('Harbour Coffee');
  await world.handle('merchant.changed', shop);
  for (let n = 0; n < CAMPAIGNS; n++) await world.handle('campaign.changed', campaign({ merchantIds: [shop.merchantId] }));
  const person = await knownPerson(world);
  // Receipts stay in the inbox; offers are wanted, two a day.
  await prefer(world, person.id, { marketingOptIn: true, maximumMarketingPerDay: 2, mutedChannels: ['EMAIL', 'PUSH'] });

  const { first, last } = await flood(person.id, shop.merchantId);
  expect(last).toBeLessThan(2 * first);
  expect(await rowsOf('purchase', person.id)).toBe(EVENTS);
  expect(await rowsOf('intent', person.id)).toBe(EVENTS + CAMPAIGNS);
  await workAll(world);
  expect((await inboxOf(world, person.id, { first: 1 })).unreadCount).toBe(EVENTS + 2);
  expect(await received(world, 'mail', person.email)).toEqual([]);
  expect(await marketingOf(person.id)).toEqual([
    { status: 'OPEN', reason: 'DAILY_MAXIMUM', count: CAMPAIGNS - 2 }, { status: 'SENT', reason: null, count: 2 },
  ]);
  // Held ones are not looked at again before their day.
  expect(await world.app.services.messages.settleDue(100)).toBe(0);
  world.clock.now = new Date(Date.now() + DAY_MS);
  await workAll(world);
  expect((await marketingOf(person.id)).find(({ status }) => status === 'SENT')).toMatchObject({ count: 4 });
}, 120_000);

it('A22: who has not opted in is offered nothing, however often they pay', async () => {
  const shop = merchant('Harbour Grocery');
  await world.handle('merchant.changed', shop);
  for (let n = 0; n < CAMPAIGNS; n++) await world.handle('campaign.changed', campaign({ merchantIds: [shop.merchantId] }));
  const person = await knownPerson(world);
  await prefer(world, person.id, { mutedChannels: ['EMAIL', 'PUSH'] });
  await flood(person.id, shop.merchantId);
  await workAll(world);
  expect(await marketingOf(person.id)).toEqual([]);
  expect(await rowsOf('notification', person.id)).toBe(EVENTS);
  expect(new Set((await deliveriesOf(world, person.id)).map(({ channel }) => channel))).toEqual(new Set(['IN_APP']));
  expect(await received(world, 'mail', person.email)).toEqual([]);
}, 120_000);
