import { randomUUID } from 'node:crypto';
import { eventually, type Proxy, proxyTo, testDatabase, type TestDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { type Bus, createBus } from '../src/bus';
import { PostgresBus } from '../src/bus/postgres.bus';
import { appendToOutbox, createOutboxRelay, type OutboxRelay } from '../src/outbox';
import { openSession } from '../src/outbox/outbox.session';
import { createDataSource, DatabaseUnavailable, inTransaction, ranOutOfTime, watchPool } from '../src/postgres';
import { connectTo, log, serviceDatabase } from './service-database';

// Connections whose other end is gone without a word: what is sent is swallowed, no FIN and no RST ever comes. The proxy
// is not mended before what was under way has ended, since that would tell.

const STATEMENT_MS = 500;
// The statement's time, the room beyond it, and a machine that has much else to do.
const GIVEN_UP_MS = 6_000;
const SOON = { timeoutMs: 20_000 };

let database: TestDatabase;
let proxy: Proxy;

beforeAll(async () => {
  database = await serviceDatabase('half_open');
});
afterAll(() => database.drop());
beforeEach(async () => {
  proxy = await proxyTo(database.url);
});
afterEach(() => proxy.close());

describe('the connections of a service', () => {
  let dataSource: DataSource;

  beforeEach(async () => {
    dataSource = await createDataSource({
      url: proxy.url, service: 'test', poolSize: 2, entities: [], migrations: [], statementMs: STATEMENT_MS,
    }).initialize();
  });
  afterEach(() => dataSource.destroy());

  const rows = async (n: number): Promise<number> => {
    const direct = await connectTo(database.url);
    const [{ count }] = await direct.query('SELECT count(*)::int AS count FROM effect WHERE n = $1', [n]);
    await direct.destroy();
    return count as number;
  };

  it.each([
    ['a statement', 1, async (tx: { query(sql: string): Promise<unknown> }) => {
      proxy.blackHole();
      await tx.query('/* test.effect */ INSERT INTO effect (n) VALUES (1)');
    }],
    ['a COMMIT', 2, async (tx: { query(sql: string): Promise<unknown> }) => {
      await tx.query('/* test.effect */ INSERT INTO effect (n) VALUES (2)');
      proxy.blackHole();
    }],
  ])('are given up after %s that nobody answers, and not lent out again', async (_what, n, work) => {
    await dataSource.query('SELECT 1');
    const begun = performance.now();
    await expect(inTransaction(dataSource, work)).rejects.toThrow(DatabaseUnavailable);
    expect(performance.now() - begun).toBeLessThan(GIVEN_UP_MS);
    expect(watchPool(dataSource).load()).toEqual({ used: 0, waiting: 0 });
    await proxy.mend();
    await inTransaction(dataSource, (tx) => tx.query('SELECT 1'));
    expect(await rows(n)).toBe(0);
  });

  it('leave nobody waiting for ever where all of them are gone', async () => {
    await Promise.all([1, 2].map(() => dataSource.query('SELECT pg_sleep(0.1)')));
    proxy.blackHole();
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => inTransaction(dataSource, (tx) => tx.query('SELECT 1'))));
    expect(answers.map((answer) => answer.status === 'rejected' && answer.reason instanceof DatabaseUnavailable)).toEqual(Array(6).fill(true));
    await proxy.mend();
    expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  }, 30_000);

  it('are not given up while the server works: it says itself that the time is over', async () => {
    const late = await dataSource.query('SELECT pg_sleep(5)').catch((error: unknown) => error);
    expect(ranOutOfTime(late)).toBe(true);
    expect(await dataSource.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('are not given up while they are idle, but later all the same', async () => {
    const [{ pid }] = await dataSource.query('SELECT pg_backend_pid() AS pid');
    await new Promise((resolve) => setTimeout(resolve, STATEMENT_MS + 2_500));
    expect(await dataSource.query('SELECT pg_backend_pid() AS pid')).toEqual([{ pid }]);
    proxy.blackHole();
    await expect(inTransaction(dataSource, (tx) => tx.query('SELECT 1'))).rejects.toThrow(DatabaseUnavailable);
  });

  it('are looked after by the server too, whose locks must not outlive a client that is gone', async () => {
    const settings = await dataSource.query(
      `SELECT current_setting('tcp_keepalives_idle') AS idle, current_setting('tcp_keepalives_interval') AS interval,
         current_setting('tcp_keepalives_count') AS count, current_setting('tcp_user_timeout') AS "user"`,
    );
    expect(settings).toEqual([{ idle: '10', interval: '3', count: '3', user: '20000' }]);
  });
});

describe('the office of the relay', () => {
  const topic = `topic-${randomUUID()}`;
  const sessionTimes = { statementMs: STATEMENT_MS, idleMs: 1_500 };
  let busDatabase: TestDatabase;
  let bus: Bus;
  let here: DataSource;
  let away: DataSource;
  let relays: OutboxRelay[];

  beforeAll(async () => {
    busDatabase = await testDatabase({ name: 'half_open_bus' });
    bus = createBus({ kind: 'postgres', url: busDatabase.url, clientId: 'test', log });
    await bus.ensureTopics([{ name: topic, partitions: 1 }]);
  });
  afterAll(async () => {
    await bus.close();
    await busDatabase.drop();
  });
  beforeEach(async () => {
    relays = [];
    [away, here] = [await connectTo(proxy.url), await connectTo(database.url)];
  });
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await Promise.all([away.destroy(), here.destroy()]);
  });

  function relayOn(dataSource: DataSource): OutboxRelay {
    const relay = createOutboxRelay({ dataSource, bus, log, sessionTimes });
    relays.push(relay);
    return relay;
  }
  const append = (n: number) => inTransaction(here, (tx) => appendToOutbox(tx, [{ topic, key: 'k', headers: {}, value: String(n) }]));
  async function published(): Promise<string[]> {
    const values: string[] = [];
    for await (const { value } of bus.read(topic)) values.push(value);
    return values;
  }

  it('is free soon where whoever held it is gone without a word', async () => {
    const gone = await openSession(away, sessionTimes);
    expect(await gone.lead()).toBe(true);
    proxy.blackHole();
    const relay = relayOn(here);
    await append(1);
    await eventually(async () => expect(await published()).toEqual(['1']), SOON);
    expect((await relay.health()).leader).toBe(true);
    await proxy.mend();
    await expect(gone.lead()).rejects.toThrow();
    await gone.close().catch(() => undefined);
  });

  it('is left by a relay whose database says nothing any more; it stands by once it is back', async () => {
    const first = relayOn(away);
    await append(2);
    await eventually(async () => expect(await published()).toEqual(['1', '2']), SOON);
    const second = relayOn(here);
    proxy.blackHole();
    await append(3);
    await eventually(async () => expect(await published()).toEqual(['1', '2', '3']), SOON);
    expect((await second.health()).leader).toBe(true);
    await proxy.mend();
    await eventually(async () => expect(await first.health()).toMatchObject({ leader: false, waiting: 0 }), SOON);
    await append(4);
    await eventually(async () => expect(await published()).toEqual(['1', '2', '3', '4']), SOON);
  }, 60_000);
});

it('a consumer of the Postgres bus learns that the bus is gone without a word, and goes on once it is back', async () => {
  const owner = createBus({ kind: 'postgres', url: database.ownerUrl, clientId: 'owner', log });
  const bus = new PostgresBus({ url: proxy.url, clientId: 'test', log, statementMs: STATEMENT_MS });
  const topic = `topic-${randomUUID()}`;
  await owner.ensureTopics([{ name: topic, partitions: 1 }]);
  await owner.close();
  const seen: string[] = [];
  const consumer = await bus.subscribe({ group: 'g', topics: [topic], onBatch: async (messages) => void seen.push(...messages.map(({ value }) => value)) });
  await eventually(() => expect(consumer.health()).toEqual({ ready: true }), SOON);
  proxy.blackHole();
  await eventually(() => expect(consumer.health()).toMatchObject({ ready: false, cause: expect.stringContaining('said nothing') }), SOON);
  await proxy.mend();
  await bus.publish([{ topic, key: 'k', headers: {}, value: 'back' }]);
  await eventually(() => expect(seen).toEqual(['back']), SOON);
  await bus.close();
}, 60_000);
