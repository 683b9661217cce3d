import { toMessage } from '@tael/events';
import { currencyCode } from '@tael/money';
import type { BusMessage } from '@tael/platform/bus';
import { v7 as uuidv7 } from 'uuid';
import { type Bank, call, newBank, newPair, registerClient } from './partner-world';
import { operator } from './support';
import { answer } from './webhook-receiver';
import { consume, createEndpoint, must, startWebhookWorld, type WebhookWorld } from './webhook-world';

// What banks are told of, and that a bank that nobody lets in is told of nothing until it is let in again.

let world: WebhookWorld;
beforeEach(async () => {
  world = await startWebhookWorld('webhook_partners');
});
afterEach(() => world?.stop());

const DAY = 86_400_000;

interface Told extends Bank {
  readonly endpointId: string;
}

/** A bank with an endpoint at a path of its own. */
async function newTold(eventTypes = ['history-import.ended']): Promise<Told> {
  const bank = await newBank(world.subject);
  const { endpoint, userErrors } = await createEndpoint(world.subject, bank.as, { url: `${world.receiver.url}/${bank.partnerId}`, eventTypes });
  expect(userErrors).toEqual([]);
  return { ...bank, endpointId: endpoint.id };
}

function ended({ partnerId }: Bank, status: 'DONE' | 'REFUSED' = 'DONE'): BusMessage {
  const time = new Date();
  const data = { partnerId, importId: uuidv7(), status, currency: currencyCode('CZK'), lineCount: 7, problemCount: status === 'DONE' ? 0 : 2, occurredAt: time };
  return { ...toMessage('history-import.ended', data, { source: 'accounts', time }), partition: 0, offset: '0' } as unknown as BusMessage;
}

const importOf = (message: BusMessage): string => JSON.parse(String(message.value)).importId;
const arrived = ({ partnerId }: Bank) =>
  world.receiver.received.filter(({ path }) => path.endsWith(partnerId)).map(({ body }) => JSON.parse(body));
const imports = (bank: Bank) => arrived(bank).map(({ data }) => data.importId);

async function deliver(rounds = 4): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await world.webhooks.deliveries.deliverDue(50);
}

const change = (mutation: string, { partnerId }: Bank, input: object = {}) =>
  call(world.subject, operator(), mutation, { partnerId, reason: 'A test', ...input });

async function logOf(bank: Told): Promise<{ status: string; reason: string | null; attempts: number }[]> {
  const data = await must(world.subject, bank.as,
    '{ partnerWebhookEndpoints { edges { node { deliveries(first: 50) { edges { node { status reason attempts } } } } } } }');
  return data.partnerWebhookEndpoints.edges[0].node.deliveries.edges.map((edge: any) => edge.node).reverse();
}

it('tells a bank of the end of its imports, each once, in order, and no other bank', async () => {
  const [bank, other] = [await newTold(), await newTold()];
  const events = [ended(bank), ended(bank, 'REFUSED'), ended(bank)];
  await consume(world, events);
  await consume(world, [...events].reverse());
  await deliver();
  expect(arrived(bank)).toEqual(events.map((event) => ({
    type: 'history-import.ended',
    timestamp: JSON.parse(String(event.value)).occurredAt,
    data: { importId: importOf(event), status: JSON.parse(String(event.value)).status, currency: 'CZK', lineCount: 7, problemCount: expect.any(Number) },
  })));
  expect(arrived(other)).toEqual([]);
});

it('tells a bank that a consent has ended, of the person as that bank knows them, and no other bank', async () => {
  const [bank, other] = [await newTold(['consent.withdrawn', 'consent.ended']), await newTold(['consent.withdrawn', 'consent.ended'])];
  const time = new Date();
  const common = { personId: uuidv7(), consentId: uuidv7(), partnerId: bank.partnerId, occurredAt: time };
  const sent = [
    toMessage('consent.withdrawn', { ...common, subject: 'known-as', reason: 'PERSON' }, { source: 'accounts', time }),
    toMessage('consent.ended', { ...common, subject: 'known-as', onRequest: true, bankLeft: false }, { source: 'accounts', time }),
    // Of before: it does not say how the bank knows the person, so there is nothing to tell.
    toMessage('consent.withdrawn', { ...common, subject: null, reason: 'PERSON' }, { source: 'accounts', time }),
  ].map((message) => ({ ...message, partition: 0, offset: '0' }) as unknown as BusMessage);
  await consume(world, sent);
  await consume(world, sent);
  await deliver();
  expect(arrived(bank)).toEqual([
    { type: 'consent.withdrawn', timestamp: time.toISOString(), data: { consentId: common.consentId, customerId: 'known-as', reason: 'PERSON' } },
    { type: 'consent.ended', timestamp: time.toISOString(), data: { consentId: common.consentId, customerId: 'known-as' } },
  ]);
  expect(JSON.stringify(arrived(bank))).not.toContain(common.personId);
  expect(arrived(other)).toEqual([]);
});

it('tells a bank of its own changes, by its version', async () => {
  const bank = await newTold(['partner.changed']);
  await change('setPartnerRate', bank, { perSecond: 7, burst: 70 });
  const [row] = await world.subject.dataSource.query(`SELECT topic, key, headers, value FROM outbox WHERE key = $1 ORDER BY id DESC LIMIT 1`, [bank.partnerId]);
  await consume(world, [row, row]);
  await deliver();
  expect(arrived(bank)).toEqual([{ type: 'partner.changed', timestamp: expect.any(String), data: { partnerId: bank.partnerId, version: 3, status: 'ACTIVE' } }]);
});

describe.each([
  ['suspended', async (bank: Told) => void (await change('suspendPartner', bank)), async (bank: Told) => void (await change('resumePartner', bank))],
  [
    'without a client',
    async (bank: Told) => void (await change('revokePartnerKey', bank, { clientId: bank.clientId, kid: bank.pair.kid })),
    async (bank: Told) => {
      const { invitation } = await change('renewPartnerInvitation', bank);
      expect((await registerClient(world.subject, invitation.code, newPair())).userErrors).toEqual([]);
    },
  ],
])('a bank that is %s', (_name, shutOut, letIn) => {
  it('hears nothing, and then everything, in order and once', async () => {
    const [bank, other] = [await newTold(), await newTold()];
    const events = [ended(bank), ended(bank), ended(bank)];
    await consume(world, [events[0]!]);
    await shutOut(bank);
    await consume(world, [events[1]!, events[2]!, ended(other)]);
    await deliver();
    expect([imports(bank), imports(other)]).toEqual([[], [expect.any(String)]]);
    world.pass(20 * DAY);
    await world.webhooks.deliveries.forget(100);
    await deliver();
    expect(imports(bank)).toEqual([]);
    await letIn(bank);
    await deliver();
    expect(imports(bank)).toEqual(events.map(importOf));
    expect(await logOf(bank)).toEqual(events.map(() => ({ status: 'DELIVERED', reason: null, attempts: 1 })));
  });

  it('loses what waited for a month, and nothing else', async () => {
    const bank = await newTold();
    await shutOut(bank);
    const events = [ended(bank), ended(bank)];
    await consume(world, [events[0]!]);
    world.pass(29 * DAY);
    await consume(world, [events[1]!]);
    world.pass(2 * DAY);
    expect(await world.webhooks.deliveries.forget(100)).toBe(1);
    await letIn(bank);
    await deliver();
    expect(imports(bank)).toEqual([importOf(events[1]!)]);
    expect(await logOf(bank)).toMatchObject([{ status: 'SKIPPED', reason: 'PAUSED_TOO_LONG' }, { status: 'DELIVERED' }]);
  });

  it('is not disabled for what failed before: the days meanwhile do not count', async () => {
    const bank = await newTold();
    world.receiver.reply = answer(500);
    await consume(world, [ended(bank)]);
    await deliver(1);
    await shutOut(bank);
    world.pass(6 * DAY);
    await letIn(bank);
    await deliver(1);
    expect(await logOf(bank)).toMatchObject([{ status: 'PENDING', attempts: 2 }]);
    world.receiver.reply = answer(204);
    world.pass(360_000);
    await deliver();
    expect(await logOf(bank)).toMatchObject([{ status: 'DELIVERED', attempts: 3 }]);
  });

  it('hears nothing that begins after it was shut out, however many workers send at that moment', async () => {
    const bank = await newTold();
    const events = Array.from({ length: 12 }, () => ended(bank));
    await consume(world, events);
    const workers = [world.webhooks, world.another(), world.another()];
    let isOut = false;
    let late = 0;
    world.receiver.reply = (response) => {
      if (isOut) late += 1;
      response.writeHead(204).end();
    };
    const work = async ({ deliveries }: (typeof workers)[number]) => {
      for (let round = 0; round < 10; round += 1) await deliveries.deliverDue(1);
    };
    const working = Promise.all(workers.map(work));
    await shutOut(bank);
    // What was claimed before may still be on its way: one message, since they go one after the other.
    isOut = true;
    await working;
    expect(late).toBeLessThanOrEqual(1);
    const sent = imports(bank).length;
    await deliver();
    expect(imports(bank)).toHaveLength(sent);
    await letIn(bank);
    isOut = false;
    await deliver(20);
    // One that was under way when its worker was asked again comes once more under its id; none is missing and the order holds.
    expect([...new Set(imports(bank))]).toEqual(events.map(importOf));
  });
});
