import { randomUUID } from 'node:crypto';
import { eventually, testDatabase, type TestDatabase } from '@tael/testkit';
import pg from 'pg';
import type { BusMessage, ConsumerOptions } from '../src/bus';
import { PostgresBus } from '../src/bus/postgres.bus';
import { trimMessages } from '../src/bus/postgres.trim';
import { proxyTo } from './proxy';
import { log } from './service-database';

const TIMING = { pollMs: 20, heartbeatMs: 100, leaseMs: 1_500 };
// A bound for a machine that has much else to do.
const SOON = { timeoutMs: 20_000 };

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

let database: TestDatabase;
let watcher: pg.Client;
let topic: string;
const buses: PostgresBus[] = [];

beforeAll(async () => {
  database = await testDatabase({ name: 'bus_fencing' });
  watcher = new pg.Client({ connectionString: database.url });
  await watcher.connect();
});
afterAll(async () => {
  await watcher.end();
  await database.drop();
});
beforeEach(async () => {
  topic = `topic-${randomUUID()}`;
  await connect().ensureTopics([{ name: topic, partitions: 2 }]);
});
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.close()));
});

function connect(url = database.url): PostgresBus {
  const bus = new PostgresBus({ url, clientId: 'test', log }, TIMING);
  buses.push(bus);
  return bus;
}

const send = (bus: PostgresBus, numbers: readonly number[], key = 'wallet'): Promise<void> =>
  bus.publish(numbers.map((n) => ({ topic, key, headers: {}, value: String(n) })));

async function committed(group: string): Promise<bigint> {
  const rows = await watcher.query<{ sum: string }>(
    'SELECT coalesce(sum(committed), 0)::text AS sum FROM bus_offset WHERE consumer_group = $1 AND topic = $2', [group, topic],
  );
  return BigInt(rows.rows[0]!.sum);
}

it('does not let a member that was away commit over its successor', async () => {
  const proxy = await proxyTo(database.url);
  const away = connect(proxy.url);
  const here = connect();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const stale: BusMessage[] = [];
  const options = (onBatch: ConsumerOptions['onBatch']): ConsumerOptions => ({ group: 'fenced', topics: [topic], onBatch });

  const first = await away.subscribe(options(async (messages) => {
    stale.push(...messages);
    await held;
  }));
  await send(here, upTo(5));
  await eventually(() => expect(stale).toHaveLength(5), SOON);
  // The first member is cut off in the middle of its batch; its lease runs out.
  await proxy.cut();
  const seen: BusMessage[] = [];
  await here.subscribe(options(async (messages) => void seen.push(...messages)));
  await eventually(() => expect(seen).toHaveLength(5), SOON);
  await send(here, upTo(20).slice(5));
  await eventually(async () => expect(await committed('fenced')).toBe(20n), SOON);

  await proxy.mend();
  release();
  await eventually(() => expect(first.health()).toEqual({ ready: true }), SOON);
  await send(here, [20], 'wallet');
  await eventually(async () => expect(await here.lag('fenced', [topic])).toBe(0n), SOON);
  expect(await committed('fenced')).toBe(21n);
  const worked = new Set([...stale.slice(5), ...seen].map(({ value }) => Number(value)));
  expect([...worked].sort((a, b) => a - b)).toEqual(upTo(21));
  await away.close();
  await proxy.close();
}, 60_000);

it('survives the loss of its session in the middle of a transaction', async () => {
  const proxy = await proxyTo(database.url);
  const member = await connect(proxy.url).subscribe({ group: 'cut', topics: [topic], onBatch: async () => undefined });
  await eventually(() => expect(member.health()).toEqual({ ready: true }), SOON);
  // The heartbeat waits inside of its transaction, since somebody else holds the lock of the group.
  await watcher.query(`SELECT pg_advisory_lock(hashtextextended('tael/bus/cut', 0))`);
  await eventually(async () => {
    const found = await watcher.query(`SELECT FROM pg_stat_activity WHERE wait_event = 'advisory' AND query LIKE '%bus.group.lock%'`);
    expect(found.rowCount).toBeGreaterThan(0);
  }, SOON);
  await proxy.cut();
  await watcher.query(`SELECT pg_advisory_unlock(hashtextextended('tael/bus/cut', 0))`);
  await eventually(() => expect(member.health().ready).toBe(false), SOON);
  await proxy.mend();
  await eventually(() => expect(member.health()).toEqual({ ready: true }), SOON);
  await member.stop();
  await buses.pop()!.close();
  await proxy.close();
}, 60_000);

it('hands a partition over in the middle of a steady stream, and delivers nothing twice', async () => {
  const seen = [[], []] as BusMessage[][];
  const join = (bus: PostgresBus, index: number): Promise<unknown> => bus.subscribe({
    group: 'steady', topics: [topic], batchSizeMax: 5,
    onBatch: async (messages) => {
      seen[index]!.push(...messages);
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  const sender = connect();
  let sent = 0;
  // Sends as fast as the members keep up, so that both always have something to do.
  const streamUntil = async (isEnough: () => boolean): Promise<void> => {
    while (!isEnough()) {
      await Promise.all(upTo(8).map((key) => send(sender, upTo(5), `key-${key}`)));
      sent += 40;
      await eventually(() => expect(seen.flat().length).toBeGreaterThan(sent - 200), { timeoutMs: 20_000 });
    }
  };
  await join(connect(), 0);
  await streamUntil(() => seen[0]!.length > 200);
  await join(connect(), 1);
  await streamUntil(() => seen[1]!.length > 200);
  await eventually(async () => expect(await sender.lag('steady', [topic])).toBe(0n), { timeoutMs: 20_000 });
  const places = seen.flat().map(({ partition, offset }) => `${partition}/${offset}`);
  expect(places).toHaveLength(sent);
  expect(new Set(places).size).toBe(places.length);
}, 60_000);

it('gives offsets in the order of commits, so that a reader never passes over one', async () => {
  const reader = connect();
  const seen: bigint[] = [];
  let skipped = 0;
  await reader.subscribe({
    group: 'gaps', topics: [topic],
    onBatch: async (messages) => {
      for (const { offset } of messages) {
        if (offset !== BigInt(seen.length)) skipped += 1;
        seen.push(offset);
      }
    },
  });
  await Promise.all(upTo(12).map(async (sender) => {
    const bus = connect();
    for (const n of upTo(30)) await send(bus, [sender * 100 + n], 'one-key');
  }));
  await eventually(() => expect(seen).toHaveLength(360), SOON);
  expect(skipped).toBe(0);
});

it('does not lock up where senders write to many partitions in different orders', async () => {
  const names = upTo(4).map((n) => `${topic}-${n}`);
  const setUp = connect();
  await setUp.ensureTopics(names.map((name) => ({ name, partitions: 6 })));
  await Promise.all(upTo(8).map(async (sender) => {
    const bus = connect();
    for (const round of upTo(20)) {
      const messages = names.flatMap((name) => upTo(6).map((n) => ({ topic: name, key: `${n}`, headers: {}, value: `${round}` })));
      await bus.publish(messages.sort(() => (sender % 2 ? 1 : -1) * (Math.random() - 0.4)));
    }
  }));
  expect(await setUp.lag('nobody', names)).toBe(BigInt(8 * 20 * 24));
});

it('makes its tables once, however many processes start at the same time', async () => {
  const fresh = await testDatabase({ name: 'bus_tables' });
  const many = upTo(6).map(() => connect(fresh.url));
  await Promise.all(many.map((bus) => bus.ensureTopics([{ name: 'same', partitions: 3 }])));
  expect(await Promise.all(many.map((bus) => bus.health()))).toEqual(many.map(() => ({ ready: true })));
  await Promise.all(many.map((bus) => bus.close()));
  await fresh.drop();
});

it('forgets what is old and worked off by every group, and nothing else', async () => {
  const own = await testDatabase({ name: 'bus_trim' });
  const bus = connect(own.url);
  await bus.ensureTopics([{ name: topic, partitions: 2 }]);
  const dead = `${topic}.someone.dlq`;
  await bus.ensureTopics([{ name: dead, partitions: 1 }]);
  await send(bus, upTo(10));
  await bus.publish([{ topic: dead, key: 'k', headers: {}, value: 'dead' }, { topic: dead, key: 'k', headers: {}, value: 'letter' }]);
  const pool = new pg.Pool({ connectionString: own.url });
  const old = new Date(Date.now() + 1_000);
  const left = async (): Promise<number[]> => {
    const numbers: number[] = [];
    for await (const message of bus.read(topic)) numbers.push(Number(message.value));
    return numbers;
  };
  const upToOf = (group: string, offset: number): Promise<unknown> => pool.query(
    `INSERT INTO bus_offset (consumer_group, topic, partition, committed)
     SELECT $1, topic, partition, least($3, next_offset) FROM bus_partition WHERE topic = $2
     ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET committed = excluded.committed`, [group, topic, offset],
  );
  // No group has read it, so it may still be wanted.
  expect(await trimMessages(pool, { before: old, limit: 100 })).toBe(0);
  await upToOf('fast', 10);
  await upToOf('slow', 4);
  expect(await trimMessages(pool, { before: new Date(Date.now() - 60_000), limit: 100 })).toBe(0);
  expect(await trimMessages(pool, { before: old, limit: 3 })).toBe(3);
  expect(await trimMessages(pool, { before: old, limit: 3 })).toBe(1);
  expect(await left()).toEqual([4, 5, 6, 7, 8, 9]);
  // A group that is gone keeps its part for ever, until somebody says that it is gone.
  await upToOf('gone', 6);
  await upToOf('slow', 10);
  while ((await trimMessages(pool, { before: old, limit: 3 })) > 0) continue;
  expect(await left()).toEqual([6, 7, 8, 9]);
  await bus.removeGroup('gone');
  while ((await trimMessages(pool, { before: old, limit: 3 })) > 0) continue;
  expect(await left()).toEqual([9]);
  await pool.query('INSERT INTO bus_offset (consumer_group, topic, partition, committed) VALUES ($1, $2, 0, 2)', ['x.replay', dead]);
  expect(await trimMessages(pool, { before: old, limit: 100 })).toBe(0);
  // A new group still comes to the end.
  const seen: string[] = [];
  await bus.subscribe({ group: 'new', topics: [topic], onBatch: async (messages) => void seen.push(...messages.map(({ value }) => value)) });
  await eventually(async () => expect(await bus.lag('new', [topic])).toBe(0n), SOON);
  expect(seen).toEqual(['9']);
  await pool.end();
  await bus.close();
  await own.drop();
});
