import { randomUUID } from 'node:crypto';
import { eventually, testDatabase } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { type Bus, type ConsumerOptions, createBus } from '../src/bus';
import { startEventConsumer } from '../src/inbox';
import { trimInbox } from '../src/inbox/inbox.trimming';
import { effect, numberOf, once, onEachBus, upTo } from './inbox.suite';
import { proxyTo } from './proxy';
import { connectTo, log, serviceDatabase } from './service-database';

onEachBus('the inbox', (box) => {
  const { event, start, effects, isDone, letters } = box;

  it('F8: does the effect of each event once, though every one is sent three times and all are replayed', async () => {
    const events = upTo(60).map((n) => event(n));
    const tripled = [...events, ...events, ...events].sort(() => Math.random() - 0.5);
    for (let from = 0; from < tripled.length; from += 30) await box.bus.publish(tripled.slice(from, from + 30));
    const consumer = await start();
    await isDone();
    expect(await effects()).toEqual(once(upTo(60)));

    await consumer.stop();
    await box.bus.rewind(box.group, [box.topic]);
    expect(await box.bus.lag(box.group, [box.topic])).toBe(180n);
    await start();
    await isDone();
    expect(await effects()).toEqual(once(upTo(60)));
    expect(await letters()).toEqual([]);
  });

  it('keeps the order of a key, also over redelivery', async () => {
    const seen: number[] = [];
    let failures = 2;
    await box.bus.publish(upTo(40).map((n) => event(n, 'wallet')));
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

  it('lets other partitions go on while a message of one is tried again and again', async () => {
    const messages = upTo(12).map((n) => event(n));
    await box.bus.publish(messages);
    let partition = -1;
    for await (const message of box.bus.read(box.topic)) if (numberOf(message) === 0) partition = message.partition;
    const others: number[] = [];
    for await (const message of box.bus.read(box.topic)) if (message.partition !== partition) others.push(numberOf(message));
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
    await box.bus.publish(upTo(6).map((n) => event(n)));
    await start({ passOver: (message) => numberOf(message) % 2 === 1 });
    await isDone();
    expect(await effects()).toEqual(once([0, 2, 4]));
    expect(await box.dataSource.query('SELECT count(*)::int AS rows FROM inbox')).toEqual([{ rows: 3 }]);
  });

  it('passes over what is read to be wanted by nobody, and works everything off where that cannot be read', async () => {
    await box.bus.publish(upTo(6).map((n) => event(n)));
    const first = await start({ wantedOf: async (messages) => messages.filter((message) => numberOf(message) % 2 === 1) });
    await isDone();
    await first.stop();
    expect(await effects()).toEqual(once([1, 3, 5]));
    expect(await box.dataSource.query('SELECT count(*)::int AS rows FROM inbox')).toEqual([{ rows: 3 }]);
    await box.bus.publish(upTo(3).map((n) => event(n + 6)));
    await start({ wantedOf: async () => { throw new Error('cannot be read'); } });
    await isDone();
    expect(await effects()).toEqual(once([1, 3, 5, 6, 7, 8]));
  });

  it('waits for a database that is away, without dead letters', async () => {
    const proxy = await proxyTo(box.database.url);
    const hop = await connectTo(proxy.url);
    const consumer = await start({ dataSource: hop });
    await box.bus.publish(upTo(5).map((n) => event(n)));
    await isDone();
    await proxy.cut();
    await box.bus.publish(upTo(10).slice(5).map((n) => event(n)));
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
    await box.bus.publish(upTo(20).map((n) => event(n, 'wallet')));
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
    const forgetful: Bus = Object.assign(Object.create(box.bus) as Bus, {
      subscribe: (options: ConsumerOptions) => box.bus.subscribe({
        ...options,
        onBatch: async (messages) => {
          await options.onBatch(messages);
          if (deaths-- > 0) throw new Error('died before the offset was committed');
        },
      }),
    });
    await box.bus.publish(upTo(20).map((n) => event(n, 'wallet')));
    await start({ bus: forgetful });
    await isDone();
    expect(deaths).toBeLessThan(0);
    expect(await effects()).toEqual(once(upTo(20)));
  });

  it('gives two services each their own inbox, and two instances of one service one between them', async () => {
    const otherGroup = `other-${randomUUID().slice(0, 8)}`;
    await box.bus.publish(upTo(30).map((n) => event(n)));
    await Promise.all([start(), start()]);
    await isDone();
    expect(await effects()).toEqual(once(upTo(30)));
    await start({ group: otherGroup });
    await eventually(async () => expect(await box.bus.lag(otherGroup, [box.topic])).toBe(0n), { timeoutMs: 20_000 });
    expect(await effects()).toEqual(Object.fromEntries(upTo(30).map((n) => [n, 2])));
  });

  it('stops soon though a message is being tried again and again', async () => {
    let tries = 0;
    await box.bus.publish([event(0)]);
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
    expect(await box.bus.lag(box.group, [box.topic])).toBe(1n);
    expect(await letters()).toEqual([]);
  });
});

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
