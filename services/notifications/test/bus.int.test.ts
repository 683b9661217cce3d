import { randomUUID } from 'node:crypto';
import { TOPICS } from '@tael/events';
import { type Bus, type BusMessage, createBus } from '@tael/platform/bus';
import { deadLetterTopic } from '@tael/platform/inbox';
import { createOutboxRelay } from '@tael/platform/outbox';
import { inTransaction } from '@tael/platform/postgres';
import { eventually, interleaved, testDatabase, type TestDatabase } from '@tael/testkit';
import { startWork } from '../src/app';
import { eventHandler, startNotificationsConsumer } from '../src/events/event.consumer';
import { v7 as uuidv7 } from 'uuid';
import { busMessage, log, merchant, messagesOf, newPerson, openWorld, payment, received, USD, type World } from './world';

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

/** People who are told of money that comes, goes and comes back; the same to the letter each time, under other ids. */
function story() {
  const shops = [merchant('Crossing Coffee'), merchant('Crossing Books')];
  const people = Array.from({ length: 6 }, (_, index) => newPerson({ displayName: `Crossing ${index}` }));
  const messages = people.flatMap((person, index) => {
    const { merchantId } = shops[index % 2]!;
    const paid = payment(person.id, merchantId, { amount: 10_00n + BigInt(index) });
    const { walletId } = paid;
    const movement = { personId: person.id, walletId, currency: USD, balanceAfter: 1_000n, occurredAt: new Date() };
    return [
      busMessage('person.registered', person.registered),
      busMessage('topup.settled', { ...movement, transactionId: uuidv7(), amount: 50_00n, paymentMethodId: uuidv7(), last4: '4242', method: 'CARD' }),
      busMessage('payment.settled', paid),
      busMessage('reward.posted', {
        ...movement, transactionId: uuidv7(), amount: 31n, grantId: uuidv7(), campaignId: uuidv7(), kind: 'CASHBACK', credited: 31n, sourceTransactionId: paid.transactionId,
      }),
      busMessage('payment.refunded', {
        ...movement, transactionId: uuidv7(), amount: 2_00n, paymentId: paid.transactionId, merchantId, paymentAmount: paid.amount, refundedTotal: 2_00n, refundOrdinal: 1,
      }),
    ];
  });
  const told = () => Promise.all(people.map(async ({ id, email }) => ({
    inbox: (await messagesOf(world, id)).map(({ topic, title, body }) => `${topic}: ${title}: ${body}`).sort(),
    mails: (await received(world, 'mail', email)).map(({ subject }) => subject as string).sort(),
  })));
  return { messages: [...shops.map((shop) => busMessage('merchant.changed', shop)), ...messages], told };
}

it.each([1, 20_261_129])('F8: every event three times, shuffled across topics in the order of each key (seed %i), tells people what the clean run tells them', async (seed) => {
  const [clean, wild] = [story(), story()];
  const handle = eventHandler(world.app.services);
  const inBatches = async (messages: readonly BusMessage[], size: number): Promise<void> => {
    for (let at = 0; at < messages.length; at += size) await inTransaction(world.dataSource, (tx) => handle(tx, messages.slice(at, at + size)));
  };
  await inBatches(clean.messages, 1);
  const expected = await eventually(async () => {
    const told = await clean.told();
    for (const { inbox, mails } of told) expect([inbox.length, mails.length]).toEqual([4, 4]);
    return told;
  }, { timeoutMs: 20_000 });
  await inBatches(interleaved(wild.messages, { seed, times: 3 }), 7);
  await eventually(async () => expect(await wild.told()).toEqual(expected), { timeoutMs: 20_000 });
}, 60_000);
