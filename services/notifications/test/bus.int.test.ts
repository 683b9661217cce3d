import { randomUUID } from 'node:crypto';
import { TOPICS } from '@tael/events';
import { type Bus, type BusMessage, createBus } from '@tael/platform/bus';
import { deadLetterTopic } from '@tael/platform/inbox';
import { createOutboxRelay } from '@tael/platform/outbox';
import { inTransaction } from '@tael/platform/postgres';
import { eventually, testDatabase, type TestDatabase } from '@tael/testkit';
import { startWork } from '../src/app';
import { eventHandler, startNotificationsConsumer } from '../src/events/event.consumer';
import { busMessage, log, merchant, messagesOf, newPerson, openWorld, payment, received, type World } from './world';

// The whole service as main.ts wires it, from the bus to the mail server and back to the bus.
let world: World;
let busDatabase: TestDatabase;
let bus: Bus;
const stops: (() => Promise<unknown>)[] = [];

async function startConsumer(): Promise<() => Promise<void>> {
  const consumer = await startNotificationsConsumer({
    bus,
    dataSource: world.dataSource,
    log,
    services: world.app.services,
  });
  return () => consumer.stop();
}

beforeAll(async () => {
  world = await openWorld('bus');
  busDatabase = await testDatabase({ name: 'notifications-bus' });
  bus = createBus({ kind: 'postgres', url: busDatabase.url, clientId: 'notifications-test', log });
  const topics = Object.values(TOPICS);
  await bus.ensureTopics([
    ...topics.map((name) => ({ name, partitions: 3 })),
    ...topics.map((name) => ({ name: deadLetterTopic(name, 'notifications'), partitions: 1 })),
  ]);
  const relay = createOutboxRelay({ dataSource: world.dataSource, bus, log });
  stops.push(
    () => relay.stop(),
    ...Object.values(startWork({ services: world.app.services, dataSource: world.dataSource, log })).map((loop) => () => loop.stop()),
  );
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await bus.close();
  await world.close();
  await busDatabase.drop();
});

it('events become messages, mails and events; poison stops nothing; a replay from the beginning changes nothing', async () => {
  const stop = await startConsumer();
  const person = newPerson();
  const cafe = merchant('Harbour Coffee');
  const poison: BusMessage = {
    ...busMessage('payment.settled', payment(person.id, cafe.merchantId)),
    value: '{"no": "payment"}',
  };
  // The payment first: its person and merchant come by other topics, later.
  await bus.publish([
    poison,
    busMessage('payment.settled', payment(person.id, cafe.merchantId)),
    { ...poison, headers: { ...poison.headers, ce_id: randomUUID() } },
  ]);
  await bus.publish([busMessage('merchant.changed', cafe), busMessage('person.registered', person.registered)]);
  await eventually(
    async () => {
      expect((await messagesOf(world, person.id)).map((message) => message.body)).toEqual([
        'You paid $12.50 to Harbour Coffee. Fee: $0.13.',
      ]);
      expect(await received(world, 'mail', person.email)).toHaveLength(1);
    },
    { timeoutMs: 20_000 },
  );
  await eventually(async () => {
    const told: string[] = [];
    for await (const message of bus.read(TOPICS.notifications))
      told.push(`${JSON.parse(message.value).channel} ${JSON.parse(message.value).outcome}`);
    expect(told.sort()).toEqual(['EMAIL HANDED_OFF', 'IN_APP HANDED_OFF', 'PUSH SKIPPED']);
  });
  await eventually(
    async () => {
      let dead = 0;
      for await (const letter of bus.read(deadLetterTopic(TOPICS.payments, 'notifications')))
        dead += letter.value === poison.value ? 1 : 0;
      expect(dead).toBe(2);
    },
    { timeoutMs: 20_000 },
  );

  await stop();
  const topics = [TOPICS.accounts, TOPICS.payments, TOPICS.merchants, TOPICS.rewards];
  const before = await messagesOf(world, person.id);
  await bus.rewind('notifications', topics);
  stops.push(await startConsumer());
  await eventually(async () => expect(await bus.lag('notifications', topics)).toBe(0n), { timeoutMs: 20_000 });
  expect(await messagesOf(world, person.id)).toEqual(before);
  expect(await received(world, 'mail', person.email)).toHaveLength(1);
}, 60_000);

it('a batch with twins and late facts comes to what its events one by one come to', async () => {
  const [one, other] = [newPerson({ displayName: 'Batch One' }), newPerson({ displayName: 'Batch Two' })];
  const shop = merchant('Batch Bakery');
  const paid = payment(one.id, shop.merchantId);
  const settled = busMessage('payment.settled', paid);
  const handle = eventHandler(world.app.services);
  // The twin has another event id: only the message's own key can tell that it is the same payment.
  const batch = [
    settled,
    busMessage('payment.settled', paid),
    busMessage('payment.settled', payment(other.id, shop.merchantId)),
    busMessage('payment.settled', payment(one.id, shop.merchantId)),
    busMessage('merchant.changed', shop),
    busMessage('person.registered', one.registered),
  ];
  await inTransaction(world.dataSource, (tx) => handle(tx, batch));
  expect((await messagesOf(world, one.id)).map((message) => message.body)).toEqual([
    'You paid $12.50 to Batch Bakery. Fee: $0.13.',
    'You paid $12.50 to Batch Bakery. Fee: $0.13.',
  ]);
  await inTransaction(world.dataSource, (tx) => handle(tx, batch));
  expect(await messagesOf(world, one.id)).toHaveLength(2);
  const [habit] = await world.dataSource.query(
    'SELECT (SELECT count(*)::int FROM purchase WHERE "personId" = $1) AS purchases, round(score)::int AS score FROM affinity WHERE "personId" = $1',
    [one.id],
  );
  expect(habit).toEqual({ purchases: 2, score: 2 });
  // Who is not known yet waits, and gets the message when they are.
  await inTransaction(world.dataSource, (tx) => handle(tx, [busMessage('person.registered', other.registered)]));
  await eventually(async () => expect(await messagesOf(world, other.id)).toHaveLength(1), { timeoutMs: 20_000 });
});
