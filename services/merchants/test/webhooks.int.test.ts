import { publicLookupBy } from '@tael/platform/egress';
import { resealStep } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { webhookResealTasks } from '../src/webhooks/webhook.reseal';
import { sealKeys } from './support';
import { answer, isSignedBy } from './webhook-receiver';
import {
  consume, deliveriesOf, endpointOf, idInLane, must, newShop, payment, paymentIdOf, paymentIds, startWebhookWorld, type WebhookWorld,
} from './webhook-world';

let world: WebhookWorld;
beforeEach(async () => {
  world = await startWebhookWorld('webhooks');
});
afterEach(() => world?.stop());

const deliver = (times = 1, { deliveries } = world.webhooks) =>
  Array.from({ length: times }).reduce<Promise<unknown>>((before) => before.then(() => deliveries.deliverDue(50)), Promise.resolve());

it('tells of a payment once, signed, and names nobody', async () => {
  const shop = await newShop(world);
  const event = payment(shop.merchantId);
  await consume(world, [event]);
  await consume(world, [event]);
  await deliver(3);
  expect(world.receiver.received).toHaveLength(1);
  const [received] = world.receiver.received;
  expect(JSON.parse(received!.body)).toEqual({
    type: 'payment.settled',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    data: { paymentId: paymentIdOf(event), merchantId: shop.merchantId, amount: { amount: '12.50', currency: 'USD' } },
  });
  const { personId, walletId } = JSON.parse(String(event.value));
  expect(received!.body).not.toMatch(new RegExp(`${personId}|${walletId}`));
  expect(Math.abs(received!.timestamp - Date.now() / 1_000)).toBeLessThan(30);
  expect(isSignedBy(received!, shop.endpoint.keys[0]!.publicKey)).toBe(true);
  expect(isSignedBy({ ...received!, body: received!.body.replace('12.50', '12.51') }, shop.endpoint.keys[0]!.publicKey)).toBe(false);
  expect(await deliveriesOf(world, shop)).toEqual([
    { id: received!.id, eventType: 'payment.settled', status: 'DELIVERED', attempts: 1, responseStatus: 204, responseExcerpt: '', reason: null },
  ]);
});

it('tells an endpoint nothing of what happened before it was made, also where the topic is read from its beginning again', async () => {
  const shop = await newShop(world);
  const ago = (ms: number) => {
    const message = payment(shop.merchantId);
    return { ...message, value: JSON.stringify({ ...JSON.parse(String(message.value)), occurredAt: new Date(Date.now() - ms).toISOString() }) };
  };
  // What has just happened is told: the books' clock is not that of this database.
  const [old, recent, fresh] = [ago(3_600_000), ago(20_000), payment(shop.merchantId)];
  await consume(world, [old, recent, fresh]);
  await deliver(3);
  expect(paymentIds(world.receiver).sort()).toEqual([recent, fresh].map(paymentIdOf).sort());
});

it('tells an endpoint nothing of a type that it had not chosen then, also where the topic is read from its beginning again', async () => {
  const shop = await newShop(world);
  const change = (input: object) => must(world.subject, shop.owner,
    'mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { userErrors { code } } }', { input: { endpointId: shop.endpoint.id, ...input } });
  // Each is a while after the one before: all that was is moved back by ten minutes.
  const happened: { message: ReturnType<typeof payment>; at: number }[] = [];
  const pass = async () => {
    happened.forEach((one) => (one.at -= 600_000));
    await world.subject.dataSource.query(`UPDATE webhook_endpoint SET "createdAt" = "createdAt" - interval '10 minutes',
      "chosenAt" = coalesce((SELECT jsonb_object_agg(key, to_char((value::timestamptz - interval '10 minutes') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) FROM jsonb_each_text("chosenAt")), '{}')`);
  };
  const payNow = async () => {
    await pass();
    const message = payment(shop.merchantId);
    happened.push({ message, at: Date.now() });
    await pass();
    return paymentIdOf(message);
  };
  await change({ eventTypes: ['payment.refunded'] });
  await payNow();
  await change({ eventTypes: ['payment.refunded', 'payment.settled'] });
  const again = await payNow();
  const read = async (): Promise<string[]> => {
    const told = world.receiver.received.length;
    await consume(world, happened.map(({ message, at }) => ({ ...message, value: JSON.stringify({ ...JSON.parse(String(message.value)), occurredAt: new Date(at).toISOString() }) })));
    await deliver(5);
    return paymentIds(world.receiver).slice(told);
  };
  expect(await read()).toEqual([again]);
  // A change of something else begins nothing anew, and neither does the same choice.
  await change({ description: 'Till 7', eventTypes: ['payment.settled', 'payment.refunded'] });
  const late = await payNow();
  await change({ description: 'Till 8' });
  expect(await read()).toEqual([late]);
});

it('keeps the order of a lane while an endpoint fails, and holds nobody else up', async () => {
  const [slow, other] = [await newShop(world), await newShop(world)];
  const events = [3, 67, 131].map((end) => payment(slow.merchantId, 1_250n, idInLane(end)));
  world.receiver.reply = (response, { body }) =>
    answer(body.includes(slow.merchantId) && world.receiver.received.length < 4 ? 500 : 204)(response, null as never);
  await consume(world, [...events, payment(other.merchantId)]);
  await deliver(4);
  expect(paymentIds(world.receiver).filter((id) => id === paymentIdOf(events[0]!))).toHaveLength(1);
  expect(world.receiver.received).toHaveLength(2);
  expect(await deliveriesOf(world, other, 'DELIVERED')).toHaveLength(1);
  world.pass(6_000);
  await deliver(2);
  world.pass(340_000);
  await deliver(4);
  expect(paymentIds(world.receiver).filter((id) => events.some((event) => paymentIdOf(event) === id))).toEqual(
    [0, 0, 0, 1, 2].map((index) => paymentIdOf(events[index]!)),
  );
  expect(new Set(world.receiver.received.slice(0, 4).map(({ id }) => id)).size).toBe(2);
});

it('sends again under the same id what a worker sent and did not keep, and lets the worker that slept change nothing', async () => {
  const shop = await newShop(world);
  await consume(world, [payment(shop.merchantId)]);
  const [claim] = await world.webhooks.queue.claim(10);
  expect(await world.webhooks.queue.claim(10)).toEqual([]);
  world.pass(61_000);
  await deliver();
  expect(world.receiver.received.map(({ id }) => id)).toEqual([claim!.deliveryId]);
  const failed = { status: 'DEAD', dueAt: null, reason: 'TIMEOUT', disables: null } as const;
  expect(await world.webhooks.queue.keep(claim!, { kind: 'FAILED', reason: 'TIMEOUT' }, failed)).toBe(false);
  expect(await deliveriesOf(world, shop)).toMatchObject([{ status: 'DELIVERED', attempts: 2 }]);
});

it('sends each message once where workers work at the same time', async () => {
  const shops = await Promise.all(Array.from({ length: 6 }, () => newShop(world)));
  const events = shops.flatMap(({ merchantId }) => Array.from({ length: 5 }, () => payment(merchantId, 1n, idInLane(7))));
  await consume(world, events);
  const workers = [world.webhooks, world.another(), world.another()];
  for (let round = 0; round < 8; round++) await Promise.all(workers.map(({ deliveries }) => deliveries.deliverDue(2)));
  await deliver(20);
  expect(paymentIds(world.receiver).sort()).toEqual(events.map(paymentIdOf).sort());
  for (const { merchantId } of shops) {
    const told = world.receiver.received.map(({ body }) => JSON.parse(body).data).filter((data) => data.merchantId === merchantId);
    const sent = events.map((event) => JSON.parse(String(event.value))).filter((data) => data.merchantId === merchantId);
    expect(told.map(({ paymentId }) => paymentId)).toEqual(sent.map(({ transactionId }) => transactionId));
  }
});

it('has no more under way to a host than may be, over all workers', async () => {
  const small = world.another({ perHostMax: 2 });
  const shops = await Promise.all(Array.from({ length: 4 }, () => newShop(world)));
  await consume(world, shops.map(({ merchantId }) => payment(merchantId)));
  const [a, b] = [await small.queue.claim(10), await world.another({ perHostMax: 2 }).queue.claim(10)];
  expect([a.length, b.length]).toEqual([2, 0]);
});

it('disables an endpoint that answers 410, skips what waits, and begins anew where it is enabled', async () => {
  const shop = await newShop(world);
  world.receiver.reply = answer(410);
  await consume(world, [payment(shop.merchantId, 1n, idInLane(1)), payment(shop.merchantId, 2n, idInLane(1))]);
  await deliver(3);
  expect(world.receiver.received).toHaveLength(1);
  expect(await endpointOf(world, shop)).toMatchObject({ status: 'DISABLED', disabledReason: 'GONE' });
  expect((await deliveriesOf(world, shop)).map(({ status, reason }) => [status, reason])).toEqual([
    ['SKIPPED', 'ENDPOINT_DISABLED'], ['SKIPPED', 'HTTP 410'],
  ]);
  await consume(world, [payment(shop.merchantId)]);
  expect(await deliveriesOf(world, shop)).toHaveLength(2);
  await must(world.subject, shop.owner, 'mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { userErrors { code } } }',
    { input: { endpointId: shop.endpoint.id, enabled: true } });
  world.receiver.reply = answer(204);
  await consume(world, [payment(shop.merchantId)]);
  await deliver(2);
  expect(world.receiver.received).toHaveLength(2);
});

it('A19: follows no redirect', async () => {
  const shop = await newShop(world);
  world.receiver.reply = answer(302, { location: `${world.receiver.url}/elsewhere` });
  await consume(world, [payment(shop.merchantId)]);
  await deliver(2);
  expect(world.receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  expect(await deliveriesOf(world, shop)).toMatchObject([{ status: 'PENDING', reason: 'HTTP 302' }]);
});

it('gives a slow endpoint up, keeps little of an answer, and waits as long as it was asked to', async () => {
  const shop = await newShop(world);
  world.receiver.reply = () => undefined;
  await consume(world, [payment(shop.merchantId)]);
  await deliver();
  expect(await deliveriesOf(world, shop)).toMatchObject([{ status: 'PENDING', reason: 'TIMEOUT', responseStatus: null }]);
  world.receiver.reply = answer(503, { 'retry-after': '3600' }, `card 4242424242424242 ${'x '.repeat(100_000)}`);
  world.pass(6_000);
  await deliver();
  const [entry] = await deliveriesOf(world, shop);
  expect(entry.responseExcerpt).toMatch(/^card \*\*\* x x/);
  expect(entry.responseExcerpt.length).toBeLessThanOrEqual(200);
  world.pass(3_500_000);
  await deliver();
  expect(world.receiver.received).toHaveLength(2);
  world.pass(200_000);
  await deliver();
  expect(world.receiver.received).toHaveLength(3);
});

it('F16: signs and waits by the time that others have, not by the clock of its machine', async () => {
  const [DAY, HOUR] = [86_400_000, 3_600_000];
  // The machine's clock is two days ahead: what the database says is right.
  let passed = 0;
  const right = (): Date => new Date(Date.now() - 2 * DAY + passed);
  const moved = await startWebhookWorld('webhooks_clock', { now: right, real: right });
  try {
    const shop = await newShop(moved);
    moved.receiver.reply = answer(503, { 'retry-after': new Date(right().getTime() + HOUR).toUTCString() });
    await consume(moved, [payment(shop.merchantId)]);
    const tried = async (ms: number): Promise<number> => {
      passed += ms;
      await deliver(2, moved.webhooks);
      return moved.receiver.received.length;
    };
    expect(await tried(0)).toBe(1);
    expect(Math.abs(moved.receiver.received[0]!.timestamp * 1_000 - right().getTime())).toBeLessThan(30_000);
    expect(await tried(HOUR - 60_000)).toBe(1);
    expect(await tried(120_000)).toBe(2);
  } finally {
    await moved.stop();
  }
});

it('gives a message up after ten attempts, and sends it again under its id where it is asked for', async () => {
  const shop = await newShop(world);
  // Of one lane, in which the one that is asked for again comes last.
  const [first, second] = [payment(shop.merchantId, 1_250n, idInLane(7)), payment(shop.merchantId, 1_250n, idInLane(7))];
  world.receiver.reply = answer(500);
  await consume(world, [first]);
  for (let attempt = 0; attempt < 12; attempt++) {
    await deliver();
    world.pass(27 * 3_600_000 / (attempt < 6 ? 2 : 1));
    if (attempt === 3) await world.subject.database.asOwner('UPDATE webhook_endpoint SET "failingSince" = NULL');
    if (attempt === 7) await world.subject.database.asOwner('UPDATE webhook_endpoint SET "failingSince" = NULL');
  }
  expect(await deliveriesOf(world, shop)).toMatchObject([{ status: 'DEAD', attempts: 10 }]);
  expect(world.receiver.received).toHaveLength(10);
  const id = world.receiver.received[0]!.id;
  const redeliver = 'mutation ($input: RedeliverWebhookInput!) { redeliverWebhook(input: $input) { delivery { id status attempts } userErrors { code message } } }';
  world.receiver.reply = answer(200);
  await consume(world, [second]);
  const again = await must(world.subject, shop.owner, redeliver, { input: { deliveryId: id } });
  expect(again.redeliverWebhook).toEqual({ delivery: { id, status: 'PENDING', attempts: 0 }, userErrors: [] });
  const twice = await must(world.subject, shop.owner, redeliver, { input: { deliveryId: id } });
  expect(twice.redeliverWebhook.userErrors).toEqual([{ code: 'NOT_ALLOWED', message: 'This message waits to be delivered already.' }]);
  await deliver(3);
  expect(world.receiver.received.slice(10).map((one) => JSON.parse(one.body).data.paymentId)).toEqual([paymentIdOf(second), paymentIdOf(first)]);
  expect(world.receiver.received.at(-1)!.id).toBe(id);
});

it('disables an endpoint that failed for five days on end', async () => {
  const shop = await newShop(world);
  world.receiver.reply = answer(500);
  await consume(world, [payment(shop.merchantId)]);
  await deliver();
  world.pass(5 * 86_400_000 + 1_000);
  await deliver();
  expect(await endpointOf(world, shop)).toMatchObject({ status: 'DISABLED', disabledReason: 'FAILING' });
});

it('signs with the key of before as well for a day after a rotation', async () => {
  const shop = await newShop(world);
  const old = shop.endpoint.keys[0]!.publicKey;
  const rotated = await must(world.subject, shop.owner,
    'mutation ($input: RotateWebhookKeyInput!) { rotateWebhookKey(input: $input) { endpoint { keys { publicKey expiresAt } } userErrors { code } } }',
    { input: { endpointId: shop.endpoint.id } });
  const [fresh, before] = rotated.rotateWebhookKey.endpoint.keys;
  expect([fresh.expiresAt, before.publicKey]).toEqual([null, old]);
  await consume(world, [payment(shop.merchantId)]);
  await deliver();
  world.pass(86_400_000);
  await consume(world, [payment(shop.merchantId)]);
  await deliver();
  const [overlap, after] = world.receiver.received;
  expect([overlap, after].map((one) => [isSignedBy(one!, fresh.publicKey), isSignedBy(one!, old)])).toEqual([[true, true], [true, false]]);
});

it.each(['https://127.0.0.1/x', 'https://localhost.example.internal/x', 'https://[::ffff:10.0.0.1]/x', 'https://hooks.example:22/x', 'http://hooks.example/x'])(
  'sends nothing to %s, even where that stands in the table',
  async (url) => {
    const shop = await newShop(world);
    await world.subject.database.asOwner('UPDATE webhook_endpoint SET url = $1', [url]);
    await consume(world, [payment(shop.merchantId)]);
    await deliver();
    expect(await deliveriesOf(world, shop)).toMatchObject([{ status: 'PENDING', reason: 'ADDRESS_REFUSED' }]);
  },
);

it('A19: asks where a name leads at each attempt, and connects nowhere where that is private', async () => {
  let asked = 0;
  const lookup = publicLookupBy((_host, _options, done) => (asked++, done(null, [{ address: '127.0.0.1', family: 4 }])));
  const shop = await newShop(world);
  const port = new URL(world.receiver.url).port;
  await world.subject.database.asOwner(`UPDATE webhook_endpoint SET url = 'https://rebound.example/x'`);
  await consume(world, [payment(shop.merchantId)]);
  const wary = world.another({ sender: { allowHttp: false, lookup } });
  await deliver(1, wary);
  world.pass(6_000);
  await deliver(1, wary);
  expect([asked, world.receiver.received.length, port.length > 0]).toEqual([2, 0, true]);
  expect(await deliveriesOf(world, shop)).toMatchObject([{ status: 'PENDING', reason: 'PRIVATE_ADDRESS', attempts: 2 }]);
});

it('keeps the private key sealed, and seals it anew where the keys turn', async () => {
  const shop = await newShop(world);
  const keyOf = async () => (await world.subject.database.asOwner<{ privateKey: string }>('SELECT "privateKey" FROM webhook_key'))[0]!.privateKey;
  const before = await keyOf();
  expect(before).toMatch(/^v1\.s1\./);
  const turned = createSealer([{ id: 's2', key: randomBytes(32) }, ...sealKeys]);
  expect(await resealStep(world.subject.dataSource, webhookResealTasks(turned)[0]!, 10)).toBe(1);
  expect(turned.open(await keyOf(), shop.endpoint.id)).toBe(createSealer(sealKeys).open(before, shop.endpoint.id));
});

it('tries an endpoint out', async () => {
  const shop = await newShop(world);
  const mutation = 'mutation ($input: SendTestWebhookInput!) { sendTestWebhook(input: $input) { delivery { status eventType } userErrors { code } } }';
  const { sendTestWebhook } = await must(world.subject, shop.owner, mutation, { input: { endpointId: shop.endpoint.id } });
  expect(sendTestWebhook).toEqual({ delivery: { status: 'PENDING', eventType: 'webhook.test' }, userErrors: [] });
  await deliver();
  expect(JSON.parse(world.receiver.received[0]!.body)).toMatchObject({ type: 'webhook.test', data: {} });
  const none = await must(world.subject, shop.owner, mutation, { input: { endpointId: uuidv7() } });
  expect(none.sendTestWebhook.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
});
