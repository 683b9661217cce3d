import { randomUUID } from 'node:crypto';
import { eventually, testBrokers, testDatabase, type TestDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import {
  type Bus, type BusMessage, type ConsumerOptions, createBus, listDeadLetters, type OutgoingMessage, replayDeadLetters,
} from '../src/bus';
import { type BatchHandler, type EventConsumer, type EventConsumerOptions, type EventHandler, Poison, startEventConsumer } from '../src/inbox';
import { trimInbox } from '../src/inbox/inbox.trimming';
import type { Tx } from '../src/postgres';
import { proxyTo } from './proxy';
import { connectTo, log, serviceDatabase } from './service-database';

const brokers = testBrokers();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const numberOf = (message: BusMessage): number => (JSON.parse(message.value) as { n: number }).n;
const CANARY = 'canary-4111111111111111';

/** Counts in `times` how often an effect was done: one is the only right number. */
const effect = async (tx: Tx, message: BusMessage): Promise<void> => {
  await tx.query(
    'INSERT INTO effect (n) VALUES ($1) ON CONFLICT (n) DO UPDATE SET times = effect.times + 1', [numberOf(message)],
  );
};

function inboxContract(connectBus: (busUrl: string) => Bus): void {
  let busDatabase: TestDatabase;
  let database: TestDatabase;
  let dataSource: DataSource;
  let bus: Bus;
  let topic: string;
  let group: string;
  const consumers: EventConsumer[] = [];

  beforeAll(async () => {
    busDatabase = await testDatabase({ name: 'inbox_bus' });
  });
  afterAll(() => busDatabase.drop());

  beforeEach(async () => {
    database = await serviceDatabase('inbox');
    dataSource = await connectTo(database.url);
    bus = connectBus(busDatabase.url);
    topic = `topic-${randomUUID()}`;
    group = `group-${randomUUID().slice(0, 8)}`;
    await bus.ensureTopics([{ name: topic, partitions: 3 }]);
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
    await bus.close();
    await dataSource.destroy();
    await database.drop();
  });

  const event = (n: number, key = `key-${n % 5}`): OutgoingMessage =>
    ({ topic, key, headers: { ce_id: randomUUID(), ce_type: 'test.event' }, value: JSON.stringify({ n }) });

  async function start(
    options: Omit<Partial<EventConsumerOptions>, 'handle' | 'handleBatch'> & { handle?: EventHandler | undefined; handleBatch?: BatchHandler } = {},
  ): Promise<EventConsumer> {
    const handle = options.handleBatch ? {} : { handle: effect };
    const consumer = await startEventConsumer(
      { bus, dataSource, log, group, topics: [topic], ...handle, ...options } as EventConsumerOptions,
    );
    consumers.push(consumer);
    return consumer;
  }

  const effects = async (): Promise<Record<number, number>> => {
    const rows: { n: number; times: number }[] = await dataSource.query('SELECT n, times FROM effect ORDER BY n');
    return Object.fromEntries(rows.map(({ n, times }) => [n, times]));
  };
  const once = (numbers: readonly number[]): Record<number, number> => Object.fromEntries(numbers.map((n) => [n, 1]));
  const isDone = (): Promise<void> =>
    eventually(async () => expect(await bus.lag(group, [topic])).toBe(0n), { timeoutMs: 20_000, describe: 'lag' });
  const letters = (): ReturnType<typeof listDeadLetters> => listDeadLetters(bus, topic, group);

  it('does the effect of each event once, though every one is sent three times and all are replayed', async () => {
    const events = upTo(60).map((n) => event(n));
    const tripled = [...events, ...events, ...events].sort(() => Math.random() - 0.5);
    for (let from = 0; from < tripled.length; from += 30) await bus.publish(tripled.slice(from, from + 30));
    const consumer = await start();
    await isDone();
    expect(await effects()).toEqual(once(upTo(60)));

    await consumer.stop();
    await bus.rewind(group, [topic]);
    expect(await bus.lag(group, [topic])).toBe(180n);
    await start();
    await isDone();
    expect(await effects()).toEqual(once(upTo(60)));
    expect(await letters()).toEqual([]);
  });

  it('keeps the order of a key, also over redelivery', async () => {
    const seen: number[] = [];
    let failures = 2;
    await bus.publish(upTo(40).map((n) => event(n, 'wallet')));
    await start({
      handle: async (tx, message) => {
        await effect(tx, message);
        if (numberOf(message) === 20 && failures-- > 0) throw new Error('fails twice');
        await tx.query('SELECT pg_sleep(0)');
        seen.push(numberOf(message));
      },
    });
    await isDone();
    expect(await effects()).toEqual(once(upTo(40)));
    expect([...new Set(seen)]).toEqual(upTo(40));
    expect(seen.slice(-20)).toEqual(upTo(40).slice(20));
  });

  it('puts poison among the dead letters at once, with its cause, and goes on with the partition', async () => {
    await bus.publish(upTo(12).map((n) => event(n, 'wallet')));
    await start({
      handle: async (tx, message) => {
        await effect(tx, message);
        if (numberOf(message) === 4) throw new Poison('the campaign of this event is unknown');
      },
    });
    await isDone();
    expect(await effects()).toEqual(once(upTo(12).filter((n) => n !== 4)));
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      topic, cause: 'Poison: the campaign of this event is unknown', attempts: 1, open: true, eventType: 'test.event',
      original: { topic, key: 'wallet', value: '{"n":4}' },
    });
    expect(Date.now() - letter!.firstFailedAt.getTime()).toBeLessThan(20_000);
    expect(await dataSource.query('SELECT FROM inbox WHERE "eventId" = $1', [letter!.eventId])).toEqual([]);
  });

  it('takes a message without an event id for poison, and what its handler calls malformed', async () => {
    const nameless = { ...event(1), headers: { ce_type: 'test.event' } };
    const odd = { ...event(2), headers: { ce_id: 'not-a-uuid', ce_type: 'test.event' } };
    await bus.publish([event(0), nameless, odd, event(3)]);
    await start({
      handle: async (tx, message) => {
        if (numberOf(message) === 3) throw Object.assign(new Error('unknown event type'), { name: 'MalformedEvent' });
        await effect(tx, message);
      },
    });
    await isDone();
    expect(await effects()).toEqual(once([0]));
    const found = await letters();
    expect(found.map((letter) => [letter.original.value, letter.cause, letter.attempts]).sort()).toEqual([
      ['{"n":1}', 'Poison: the message has no ce_id, or it is no UUID', 1],
      ['{"n":2}', 'Poison: the message has no ce_id, or it is no UUID', 1],
      ['{"n":3}', 'MalformedEvent: unknown event type', 1],
    ]);
  });

  it('tries an error again, and gives up after the last attempt, alone', async () => {
    const tries = new Map<number, number>();
    await bus.publish(upTo(9).map((n) => event(n, 'wallet')));
    await start({
      attemptsMax: 3,
      handle: async (tx, message) => {
        const n = numberOf(message);
        tries.set(n, (tries.get(n) ?? 0) + 1);
        await effect(tx, message);
        if (n === 3 && tries.get(n)! <= 3) throw new Error('fails in the batch and twice alone');
        if (n === 6) throw new Error('always fails');
      },
    });
    await isDone();
    expect(await effects()).toEqual(once(upTo(9).filter((n) => n !== 6)));
    expect(await letters()).toMatchObject([{ cause: 'Error: always fails', attempts: 3, original: { value: '{"n":6}' } }]);
  });

  it('works off what waits in few transactions, a single message at once', async () => {
    const transactions: number[][] = [];
    await bus.publish(upTo(30).map((n) => event(n)));
    await start({
      handle: undefined,
      handleBatch: async (tx, messages) => {
        for (const message of messages) await effect(tx, message);
        transactions.push(messages.map(({ partition }) => partition));
      },
    });
    await isDone();
    expect(await effects()).toEqual(once(upTo(30)));
    expect(transactions.length).toBeLessThan(30);
    await bus.publish([event(30)]);
    await isDone();
    expect(transactions.at(-1)).toHaveLength(1);
  });

  it('finds the poison in the middle of a batch by halves: all others take effect, in few transactions', async () => {
    const sizes: number[] = [];
    await bus.publish(upTo(64).map((n) => event(n, 'wallet')));
    await start({
      handle: undefined,
      handleBatch: async (tx, messages) => {
        sizes.push(messages.length);
        for (const message of messages) await effect(tx, message);
        if (messages.some((message) => numberOf(message) === 37)) throw new Poison('37 can never work');
      },
    });
    await isDone();
    expect(await effects()).toEqual(once(upTo(64).filter((n) => n !== 37)));
    expect((await letters()).map((letter) => letter.original.value)).toEqual(['{"n":37}']);
    // One by one would be 65 and more.
    expect(sizes.length).toBeLessThan(24);
  });

  it('gives a batch handler each of twins once, and never what was worked off before', async () => {
    const given: number[] = [];
    const twin = event(7, 'wallet');
    await bus.publish([event(1, 'wallet'), twin, twin, event(2, 'wallet'), twin]);
    const consumer = await start({ handle: undefined, handleBatch: async (_tx, messages) => void given.push(...messages.map(numberOf)) });
    await isDone();
    await bus.publish([twin, event(3, 'wallet')]);
    await isDone();
    expect(given).toEqual([1, 7, 2, 3]);
    await consumer.stop();
  });

  it('does a batch once where the session dies after its effects', async () => {
    let deaths = 2;
    await bus.publish(upTo(40).map((n) => event(n)));
    await start({
      handle: undefined,
      handleBatch: async (tx, messages) => {
        for (const message of messages) await effect(tx, message);
        if (deaths-- > 0) await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
      },
    });
    await isDone();
    expect(deaths).toBeLessThan(0);
    expect(await effects()).toEqual(once(upTo(40)));
    expect(await letters()).toEqual([]);
  });

  it('lets other partitions go on while a message of one is tried again and again', async () => {
    const messages = upTo(12).map((n) => event(n));
    await bus.publish(messages);
    let partition = -1;
    for await (const message of bus.read(topic)) if (numberOf(message) === 0) partition = message.partition;
    const others: number[] = [];
    for await (const message of bus.read(topic)) if (message.partition !== partition) others.push(numberOf(message));
    const consumer = await start({
      attemptsMax: 1_000,
      handle: async (tx, message) => {
        if (numberOf(message) === 0) throw new Error('always fails');
        await effect(tx, message);
      },
    });
    await eventually(async () => expect(await effects()).toMatchObject(once(others)), { timeoutMs: 20_000 });
    expect((await effects())[0]).toBeUndefined();
    await consumer.stop();
  });

  it('passes over what nobody wants, without a row in the inbox', async () => {
    await bus.publish(upTo(6).map((n) => event(n)));
    await start({ passOver: (message) => numberOf(message) % 2 === 1 });
    await isDone();
    expect(await effects()).toEqual(once([0, 2, 4]));
    expect(await dataSource.query('SELECT count(*)::int AS rows FROM inbox')).toEqual([{ rows: 3 }]);
  });

  it('passes over what is read to be wanted by nobody, and works everything off where that cannot be read', async () => {
    await bus.publish(upTo(6).map((n) => event(n)));
    const first = await start({ wantedOf: async (messages) => messages.filter((message) => numberOf(message) % 2 === 1) });
    await isDone();
    await first.stop();
    expect(await effects()).toEqual(once([1, 3, 5]));
    expect(await dataSource.query('SELECT count(*)::int AS rows FROM inbox')).toEqual([{ rows: 3 }]);
    await bus.publish(upTo(3).map((n) => event(n + 6)));
    await start({ wantedOf: async () => { throw new Error('cannot be read'); } });
    await isDone();
    expect(await effects()).toEqual(once([1, 3, 5, 6, 7, 8]));
  });

  it('names the fault of a dead letter without any data of the event', async () => {
    await bus.publish([event(0)]);
    await start({ attemptsMax: 1, handle: (tx) => tx.query('SELECT $1::uuid', [CANARY]) });
    await isDone();
    const [letter] = await letters();
    expect(letter!.cause).toContain('22P02');
    expect(JSON.stringify(letter!.cause)).not.toContain(CANARY);
  });

  it('works replayed dead letters off once the handler is mended, and lists them as sent', async () => {
    const bad = new Set([1, 2, 3]);
    await bus.publish(upTo(5).map((n) => event(n)));
    await start({
      handle: async (tx, message) => {
        if (bad.has(numberOf(message))) throw new Poison('not yet');
        await effect(tx, message);
      },
    });
    await isDone();
    const before = await letters();
    expect(before.map((letter) => letter.open)).toEqual([true, true, true]);

    bad.delete(2);
    const second = before.find((letter) => letter.original.value === '{"n":2}')!;
    expect(await replayDeadLetters(bus, { topic, group, eventIds: [second.eventId!] })).toBe(1);
    await eventually(async () => expect(await effects()).toEqual(once([0, 2, 4])));

    bad.clear();
    expect(await replayDeadLetters(bus, { topic, group })).toBe(3);
    await eventually(async () => expect(await effects()).toEqual(once(upTo(5))), { timeoutMs: 20_000 });
    expect((await letters()).map((letter) => letter.open)).toEqual([false, false, false]);
    expect(await replayDeadLetters(bus, { topic, group })).toBe(0);
    await isDone();
    expect(await effects()).toEqual(once(upTo(5)));
  });

  it('waits for a database that is away, without dead letters', async () => {
    const proxy = await proxyTo(database.url);
    const hop = await connectTo(proxy.url);
    const consumer = await start({ dataSource: hop });
    await bus.publish(upTo(5).map((n) => event(n)));
    await isDone();
    await proxy.cut();
    await bus.publish(upTo(10).slice(5).map((n) => event(n)));
    await eventually(() => expect(consumer.health()).toEqual({ ready: false, cause: 'the database does not answer' }));
    expect(await effects()).toEqual(once(upTo(5)));

    await proxy.mend();
    await isDone();
    expect(await effects()).toEqual(once(upTo(10)));
    expect(await letters()).toEqual([]);
    expect(await consumer.health()).toEqual({ ready: true });
    await consumer.stop();
    await hop.destroy();
    await proxy.close();
  });

  it('does an effect once where the session dies between effect and commit', async () => {
    let deaths = 3;
    await bus.publish(upTo(20).map((n) => event(n, 'wallet')));
    await start({
      handle: async (tx, message) => {
        await effect(tx, message);
        if (numberOf(message) === 10 && deaths-- > 0) await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
      },
    });
    await isDone();
    expect(deaths).toBe(-1);
    expect(await effects()).toEqual(once(upTo(20)));
    expect(await letters()).toEqual([]);
  });

  it('does an effect once where the consumer dies between the commit and the offset', async () => {
    let deaths = 2;
    const forgetful: Bus = Object.assign(Object.create(bus) as Bus, {
      subscribe: (options: ConsumerOptions) => bus.subscribe({
        ...options,
        onBatch: async (messages) => {
          await options.onBatch(messages);
          if (deaths-- > 0) throw new Error('died before the offset was committed');
        },
      }),
    });
    await bus.publish(upTo(20).map((n) => event(n, 'wallet')));
    await start({ bus: forgetful });
    await isDone();
    expect(deaths).toBeLessThan(0);
    expect(await effects()).toEqual(once(upTo(20)));
  });

  it('gives two services each their own inbox, and two instances of one service one between them', async () => {
    const otherGroup = `other-${randomUUID().slice(0, 8)}`;
    await bus.publish(upTo(30).map((n) => event(n)));
    await Promise.all([start(), start()]);
    await isDone();
    expect(await effects()).toEqual(once(upTo(30)));
    await start({ group: otherGroup });
    await eventually(async () => expect(await bus.lag(otherGroup, [topic])).toBe(0n), { timeoutMs: 20_000 });
    expect(await effects()).toEqual(Object.fromEntries(upTo(30).map((n) => [n, 2])));
  });

  it('stops soon though a message is being tried again and again', async () => {
    let tries = 0;
    await bus.publish([event(0)]);
    const consumer = await start({
      attemptsMax: 1_000,
      handle: async () => {
        tries += 1;
        throw new Error('always fails');
      },
    });
    await eventually(() => expect(tries).toBeGreaterThan(3), { timeoutMs: 20_000 });
    const from = performance.now();
    await consumer.stop();
    expect(performance.now() - from).toBeLessThan(3_000);
    expect(await bus.lag(group, [topic])).toBe(1n);
    expect(await letters()).toEqual([]);
  });
}

it('forgets old rows of one consumer in steps, and no others', async () => {
  const database = await serviceDatabase('inbox_trim');
  const dataSource = await connectTo(database.url);
  const remember = (consumer: string, id: string, days: number): Promise<unknown> => dataSource.query(
    `INSERT INTO inbox (consumer, "eventId", "receivedAt") VALUES ($1, $2, now() - $3 * interval '1 day')`, [consumer, id, days],
  );
  const idOf = (days: number): string => uuidv7({ msecs: Date.now() - days * 86_400_000 });
  for (const days of [50, 40, 35, 29, 1]) await remember('one', idOf(days), days);
  await remember('other', idOf(50), 50);
  // An old event that came late: it was received a moment ago.
  await remember('one', idOf(90), 0);
  const before = new Date(Date.now() - 30 * 86_400_000);
  expect(await trimInbox(dataSource, 'one', { before, limit: 2 })).toBe(2);
  expect(await trimInbox(dataSource, 'one', { before, limit: 2 })).toBe(1);
  expect(await trimInbox(dataSource, 'one', { before, limit: 2 })).toBe(0);
  expect(await dataSource.query('SELECT consumer, count(*)::int AS rows FROM inbox GROUP BY 1 ORDER BY 1'))
    .toEqual([{ consumer: 'one', rows: 3 }, { consumer: 'other', rows: 1 }]);
  await dataSource.destroy();
  await database.drop();
});

describe('the inbox on the Postgres bus', () => {
  inboxContract((url) => createBus({ kind: 'postgres', url, clientId: 'test', log }));

  it('joins late where the bus was away at the start', async () => {
    const [busDatabase, database] = await Promise.all([testDatabase({ name: 'inbox_late' }), serviceDatabase('inbox_late')]);
    const dataSource = await connectTo(database.url);
    const proxy = await proxyTo(busDatabase.url);
    const bus = createBus({ kind: 'postgres', url: proxy.url, clientId: 'test', log });
    await bus.ensureTopics([{ name: 'late', partitions: 1 }]);
    await proxy.cut();
    const consumer = await startEventConsumer({ bus, dataSource, log, group: 'late', topics: ['late'], handle: effect });
    expect(await consumer.health()).toMatchObject({ ready: false, cause: expect.stringContaining('the bus') as string });
    await proxy.mend();
    await bus.publish([{ topic: 'late', key: 'k', headers: { ce_id: randomUUID() }, value: '{"n":1}' }]);
    await eventually(async () => expect(await dataSource.query('SELECT n, times FROM effect')).toEqual([{ n: 1, times: 1 }]));
    expect(await consumer.health()).toEqual({ ready: true });
    await consumer.stop();
    await bus.close();
    await proxy.close();
    await dataSource.destroy();
    await Promise.all([busDatabase.drop(), database.drop()]);
  });
});

(brokers ? describe : describe.skip)('the inbox on Kafka', () => {
  inboxContract(() => createBus({ kind: 'kafka', brokers: brokers!, clientId: 'test', log }));
});
