import { toMessage } from '@tael/events';
import { currencyCode } from '@tael/money';
import type { BusMessage } from '@tael/platform/bus';
import { createSealer } from '@tael/platform/seal';
import { eventually, interleaved } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { merchantsDataSource } from '../src/data-source';
import { LanesOfMerchants1795730000000 as LanesOfMerchants } from '../src/migrations/1795730000000-lanes-of-merchants';
import { newBank } from './partner-world';
import { register, sealKeys, somebody } from './support';
import { answer } from './webhook-receiver';
import { consume, createEndpoint, deliveriesOf, idInLane, newShop, payment, paymentIdOf, refund, type Shop, startWebhookWorld, type WebhookWorld } from './webhook-world';

let world: WebhookWorld;
beforeEach(async () => {
  world = await startWebhookWorld('webhook_lanes');
});
afterEach(() => world?.stop());

/** Works off all that is due. */
async function deliverAll({ deliveries } = world.webhooks): Promise<void> {
  while ((await deliveries.deliverDue(32)) > 0);
}

const of = (type: 'settlement.closed' | 'payout.settled', merchantId: string): BusMessage => {
  const at = new Date();
  const shared = { merchantId, currency: currencyCode('USD'), occurredAt: at };
  const message = type === 'payout.settled'
    ? toMessage(type, { ...shared, payoutId: uuidv7(), amount: 900n, last4: '1234', personIds: [] } as never, { source: 'accounts', time: at })
    : toMessage(type, {
      ...shared, settlementId: uuidv7(), number: 1, businessDay: '2026-11-27', gross: 1_000n, refunds: 0n, fees: 100n, adjustments: 0n,
      reserveHeld: 0n, reserveReleased: 0n, net: 900n, paymentCount: 1, refundCount: 0,
    } as never, { source: 'accounts', time: at });
  return { ...message, partition: 0, offset: '0' } as unknown as BusMessage;
};

/** A shop that is told of all that there is. */
async function newToldShop(): Promise<Pick<Shop, 'merchantId'>> {
  const owner = somebody();
  const { merchant } = await register(world.subject, owner);
  const { userErrors } = await createEndpoint(world.subject, owner, {
    merchantId: merchant.id, url: world.receiver.url, eventTypes: ['payment.settled', 'payment.refunded', 'settlement.closed', 'payout.settled'],
  });
  expect(userErrors).toEqual([]);
  return { merchantId: merchant.id };
}

const told = (): string[] => world.receiver.received.map(({ body }) => {
  const { type, data } = JSON.parse(body);
  return `${type} ${data.paymentId ?? data.settlementId ?? data.payoutId}`;
});

it('tells of other payments, settlements and payouts while a payment fails, and of its refund after it', async () => {
  const { merchantId } = await newToldShop();
  const sick = payment(merchantId, 1n, idInLane(5));
  const its = refund(merchantId, paymentIdOf(sick));
  const others = [1, 2, 3, 4, 6].map((lane) => payment(merchantId, 1n, idInLane(lane)));
  const settled = of('settlement.closed', merchantId);
  const paidOut = of('payout.settled', merchantId);
  world.receiver.reply = (response, { body }) => answer(body.includes(paymentIdOf(sick)) && world.receiver.received.length < 10 ? 500 : 204)(response, null as never);
  await consume(world, [sick, its, ...others, settled, paidOut]);
  await deliverAll();
  const names = [`payment.settled ${paymentIdOf(sick)}`, ...others.map((one) => `payment.settled ${paymentIdOf(one)}`)];
  const late = [`settlement.closed ${JSON.parse(String(settled.value)).settlementId}`, `payout.settled ${JSON.parse(String(paidOut.value)).payoutId}`];
  expect(told().sort()).toEqual([...names, ...late].sort());
  expect(told().filter((one) => late.includes(one))).toEqual(late);
  // Two more failures, and then its receiver can.
  for (const pause of [6_000, 340_000, 2_400_000]) {
    world.pass(pause);
    await deliverAll();
  }
  expect(told().filter((one) => one.includes(paymentIdOf(sick)))).toEqual([
    names[0], names[0], names[0], `payment.refunded ${paymentIdOf(sick)}`,
  ]);
});

it('keeps what happens to each payment in order where workers work at the same time', async () => {
  const { merchantId } = await newToldShop();
  const payments = Array.from({ length: 40 }, () => payment(merchantId));
  const refunds = payments.map((one) => refund(merchantId, paymentIdOf(one)));
  await consume(world, [...payments, ...refunds]);
  const workers = [world.webhooks, world.another(), world.another()];
  await Promise.all(workers.map((worker) => deliverAll(worker)));
  await deliverAll();
  expect(told()).toHaveLength(80);
  for (const one of payments) {
    const id = paymentIdOf(one);
    expect(told().filter((line) => line.endsWith(id))).toEqual([`payment.settled ${id}`, `payment.refunded ${id}`]);
  }
});

it('has no more under way to an endpoint than may be, and its lanes keep no claim from others', async () => {
  const shops = await Promise.all(Array.from({ length: 8 }, () => newShop(world)));
  await world.subject.dataSource.query(
    `INSERT INTO webhook_lane ("endpointId", "orderKey", host, "dueAt")
     SELECT e.id, e."ownerId" || '/payments/' || n, e.host, now() FROM webhook_endpoint e, generate_series(0, 63) n`);
  const late = await newShop(world);
  await consume(world, [payment(late.merchantId)]);
  const { queue } = world.another({ perHostMax: 100 });
  // All that are looked at are of the first shops; once those have their fill, the last one's turn comes.
  const claims = [await queue.claim(32), await queue.claim(32), await queue.claim(32)].flat();
  expect(claims.filter(({ endpointId }) => endpointId === late.endpoint.id)).toHaveLength(1);
  for (const { endpoint } of shops) expect(claims.filter(({ endpointId }) => endpointId === endpoint.id)).toHaveLength(4);
});

it('tries an endpoint that fails a message at a time, whatever lanes wait', async () => {
  const shop = await newShop(world);
  await consume(world, [1, 2, 3, 4, 5, 6, 7, 8].map((lane) => payment(shop.merchantId, 1n, idInLane(lane))));
  world.receiver.reply = answer(500);
  await deliverAll();
  world.pass(10_000);
  const { queue } = world.webhooks;
  expect(await queue.claim(32)).toHaveLength(1);
  expect(await queue.claim(32)).toHaveLength(0);
});

it('keeps as delivered what had arrived when another message had the endpoint disabled', async () => {
  const shop = await newShop(world);
  const [first, second] = [payment(shop.merchantId, 1n, idInLane(1)), payment(shop.merchantId, 1n, idInLane(2))];
  await consume(world, [first, second]);
  let both: () => void;
  const together = new Promise<void>((resolve) => (both = resolve));
  world.receiver.reply = async (response, { body }) => {
    if (world.receiver.received.length === 2) both();
    await together;
    // The one that arrives has its answer when the other's has been kept.
    if (body.includes(paymentIdOf(first))) await eventually(async () => expect((await deliveriesOf(world, shop)).map(({ status }) => status)).toContain('SKIPPED'));
    await answer(body.includes(paymentIdOf(first)) ? 204 : 410)(response, null as never);
  };
  await deliverAll();
  const log = await deliveriesOf(world, shop);
  expect(log.map(({ status, reason }) => [status, reason]).sort()).toEqual([['DELIVERED', null], ['SKIPPED', expect.anything()]]);
});

it('moves nothing of a lane whose message is under way, until it is let go', async () => {
  const shop = await newShop(world);
  await consume(world, [payment(shop.merchantId)]);
  const { subject } = world;
  await subject.dataSource.query(`UPDATE webhook_delivery SET "orderKey" = $1`, [shop.merchantId]);
  await subject.database.asOwner(`UPDATE webhook_lane SET "orderKey" = $1, "leaseUntil" = now() + interval '3 seconds'`, [shop.merchantId]);
  const owner = await merchantsDataSource({ url: subject.database.ownerUrl, poolSize: 1 }).initialize();
  const runner = owner.createQueryRunner();
  const moving = new LanesOfMerchants().up(runner);
  const keys = async () => (await subject.dataSource.query('SELECT "orderKey" FROM webhook_delivery')).map(({ orderKey }: { orderKey: string }) => orderKey);
  expect(await keys()).toEqual([shop.merchantId]);
  await moving;
  expect(await subject.dataSource.query(`SELECT "leaseUntil" < now() AS over FROM webhook_lane WHERE "orderKey" = $1`, [shop.merchantId])).toEqual([{ over: true }]);
  expect(await keys()).toEqual([expect.stringContaining('/payments/')]);
  await runner.release();
  await owner.destroy();
});

it('moves what waits in the one lane of before, in order and no sooner than it was due', async () => {
  const { subject, receiver } = world;
  const shop = await newToldShop();
  const [first, second] = [payment(shop.merchantId, 1n, idInLane(69)), payment(shop.merchantId, 1n, idInLane(200))];
  await consume(world, [first, second, refund(shop.merchantId, paymentIdOf(first)), of('settlement.closed', shop.merchantId)]);
  const written = await subject.dataSource.query('SELECT id, "orderKey" FROM webhook_delivery ORDER BY id');
  await subject.dataSource.query(`UPDATE webhook_delivery SET "orderKey" = $1`, [shop.merchantId]);
  await subject.dataSource.query(`UPDATE webhook_lane SET "orderKey" = $1, "dueAt" = now() + interval '1 hour' WHERE "orderKey" LIKE '%/5'`, [shop.merchantId]);
  await subject.database.asOwner(`DELETE FROM webhook_lane WHERE "orderKey" LIKE '%/%'`);

  const owner = await merchantsDataSource({ url: subject.database.ownerUrl, poolSize: 1 }).initialize();
  const runner = owner.createQueryRunner();
  await new LanesOfMerchants().up(runner);
  expect(await subject.dataSource.query('SELECT id, "orderKey" FROM webhook_delivery ORDER BY id')).toEqual(written);
  await new LanesOfMerchants().down(runner);
  expect(await subject.dataSource.query('SELECT DISTINCT "orderKey" FROM webhook_delivery')).toEqual([{ orderKey: shop.merchantId }]);
  await subject.dataSource.query(`UPDATE webhook_lane SET "dueAt" = CASE "orderKey" WHEN $1 THEN now() + interval '1 hour' END`, [shop.merchantId]);
  await new LanesOfMerchants().up(runner);
  await runner.release();
  await owner.destroy();

  await deliverAll();
  expect(receiver.received).toEqual([]);
  world.pass(3_601_000);
  await deliverAll();
  expect(told()).toHaveLength(4);
  expect(told().filter((one) => one.includes(paymentIdOf(first)))).toEqual([`payment.settled ${paymentIdOf(first)}`, `payment.refunded ${paymentIdOf(first)}`]);
});

it.each([1, 20_261_129])('F8: every event three times, shuffled across topics in the order of each key (seed %i), is told as the clean run tells it', async (seed) => {
  const bank = await newBank(world.subject);
  const made = await createEndpoint(world.subject, bank.as, { url: `${world.receiver.url}/bank`, eventTypes: ['history-import.ended', 'partner.changed'] });
  expect(made.userErrors).toEqual([]);
  const story = async () => {
    const { merchantId } = await newToldShop();
    const payments = Array.from({ length: 12 }, () => payment(merchantId));
    const refunds = payments.filter((_, index) => index % 2).map((one) => {
      const { walletId, personId } = JSON.parse(String(one.value));
      const back = refund(merchantId, paymentIdOf(one));
      // A payment and its refund are of one wallet: the bus keeps their order.
      return { ...back, key: walletId, value: JSON.stringify({ ...JSON.parse(String(back.value)), walletId, personId }) };
    });
    const at = new Date();
    const ours = toMessage('history-import.ended', {
      partnerId: bank.partnerId, importId: uuidv7(), status: 'DONE', currency: currencyCode('CZK'), lineCount: 7, problemCount: 0, occurredAt: at,
    }, { source: 'accounts', time: at }) as unknown as BusMessage;
    const changed = toMessage('partner.changed', {
      partnerId: bank.partnerId, version: 2, name: createSealer(sealKeys).seal('Crossing Bank', bank.partnerId), status: 'ACTIVE', environment: 'SANDBOX',
      rate: { perSecond: 1, burst: 1 }, clients: [], occurredAt: at,
    }, { source: 'merchants', time: at }) as unknown as BusMessage;
    return { payments, messages: [...payments, ...refunds, of('settlement.closed', merchantId), of('payout.settled', merchantId), ours, changed] };
  };
  const kinds = (from: number) => world.receiver.received.slice(from).map(({ body }) => JSON.parse(body).type as string).sort();
  const clean = await story();
  for (const message of clean.messages) await consume(world, [message]);
  await deliverAll();
  const expected = kinds(0);
  expect(expected).toHaveLength(12 + 6 + 4);
  const from = world.receiver.received.length;
  const wild = await story();
  const shuffled = interleaved(wild.messages, { seed, times: 3 });
  for (let at = 0; at < shuffled.length; at += 5) {
    await consume(world, shuffled.slice(at, at + 5));
    // Sent in between: what comes again finds its message delivered.
    await deliverAll();
  }
  expect(kinds(from)).toEqual(expected);
  expect(new Set(world.receiver.received.map(({ id }) => id)).size).toBe(2 * expected.length);
  const order = told().slice(from);
  for (const one of wild.payments) {
    const its = order.filter((what) => what.endsWith(paymentIdOf(one)));
    expect(its).toEqual(['payment.settled', 'payment.refunded'].slice(0, its.length).map((type) => `${type} ${paymentIdOf(one)}`));
  }
});
