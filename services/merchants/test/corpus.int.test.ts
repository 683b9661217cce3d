import { TOPICS } from '@tael/events';
import { type Bus, createBus } from '@tael/platform/bus';
import { deadLetterTopic } from '@tael/platform/inbox';
import { type RecordedEvent, recordedEvents, type RecordedReplay, recordedReplay, testDatabase, type TestDatabase } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import { startWebhooksConsumer } from '../src/events/event.consumer';
import { EVENT_TYPES } from '../src/webhooks/webhook.domain';
import { FEEDS } from '../src/webhooks/webhook.feed';
import { newBank } from './partner-world';
import { register, sealer, silent as log, somebody } from './support';
import { createEndpoint, startWebhookWorld, type WebhookWorld } from './webhook-world';

// F22: whatever was sent once, by whichever version, is worked off by the consumer of today, or passed over on purpose.
const GROUP = 'merchants-webhooks';
const HEARD = [TOPICS.payments, TOPICS.accounts, TOPICS.merchants];
/** What shops and banks are told of, here and not taken from the code: a type that is missing is one that nobody is told of any more. */
const WORKED_OFF = [
  'consent.ended', 'history-import.ended', 'partner.changed', 'partner.key-expiring', 'payment.refunded', 'payment.settled',
  'payout.failed', 'payout.returned', 'payout.settled', 'settlement.closed',
];
/** Told, too; but one that was recorded before it said how the bank knows the person has nothing to tell. */
const ALSO_PASSED_OVER = ['consent.ended', 'consent.withdrawn'];
const EVERYTHING = { MERCHANT: '/shop', PARTNER: '/bank' } as const;

let world: WebhookWorld;
let busDatabase: TestDatabase;
let bus: Bus;
let recorded: RecordedEvent[];
let replay: RecordedReplay;
beforeAll(async () => {
  world = await startWebhookWorld('corpus');
  recorded = await withOwners(recordedEvents(HEARD, (text, owner) => sealer.seal(text, owner)));
  busDatabase = await testDatabase({ name: 'merchants-corpus-bus' });
  bus = createBus({ kind: 'postgres', url: busDatabase.url, clientId: 'merchants-test', log });
  await bus.ensureTopics(HEARD.map((name) => ({ name, partitions: 1 })));
  replay = recordedReplay({
    bus, group: GROUP, topics: HEARD, deadLetterTopic,
    start: () => startWebhooksConsumer({ bus, dataSource: world.subject.dataSource, log, queue: world.webhooks.queue }),
    inbox: async () => (await world.subject.dataSource.query('SELECT "eventId"::text AS id FROM inbox')).map(({ id }: { id: string }) => id),
  });
}, 90_000);
afterAll(async () => {
  await bus.close();
  await world.stop();
  await busDatabase.drop();
});

/** The events with a shop and a bank of ours in the place of those of the stack that was, each with an endpoint that wants everything, and one that wants little. */
async function withOwners(events: RecordedEvent[]): Promise<RecordedEvent[]> {
  const owner = somebody();
  const { merchant } = await register(world.subject, owner);
  const bank = await newBank(world.subject);
  const endpoint = async (as: typeof owner, path: string, eventTypes: readonly string[], more = {}) => {
    const { userErrors } = await createEndpoint(world.subject, as, { url: world.receiver.url + path, eventTypes, ...more });
    expect(userErrors).toEqual([]);
  };
  await endpoint(owner, EVERYTHING.MERCHANT, EVENT_TYPES.MERCHANT, { merchantId: merchant.id });
  await endpoint(owner, '/refunds', ['payment.refunded'], { merchantId: merchant.id });
  await endpoint(bank.as, EVERYTHING.PARTNER, EVENT_TYPES.PARTNER);
  // An endpoint is told of nothing that was before it.
  await world.subject.dataSource.query(`UPDATE webhook_endpoint SET "createdAt" = '2026-01-01'`);
  return events.map((one) => {
    const { merchantId, partnerId } = JSON.parse(one.value) as { merchantId?: string; partnerId?: string };
    const renamed = (text: string): string => [[merchantId, merchant.id], [partnerId, bank.partnerId]].reduce(
      (all, [theirs, ours]) => (theirs ? all.replaceAll(theirs, ours) : all), text);
    return { ...one, key: renamed(one.key), headers: { ...one.headers, ce_subject: renamed(one.headers['ce_subject']!) }, value: renamed(one.value) };
  });
}

/** Sends what waits, to the last message. */
async function deliverAll(): Promise<void> {
  while ((await world.webhooks.queue.waiting()).count > 0) await world.webhooks.deliveries.deliverDue(50);
}

const written = async (): Promise<number> => (await world.subject.dataSource.query('SELECT count(*)::int AS n FROM webhook_delivery'))[0].n;
const told = (path: string) => world.receiver.received.filter((one) => one.path.endsWith(path));
const saysNothing = ({ type, value }: RecordedEvent): boolean => ALSO_PASSED_OVER.includes(type) && ((JSON.parse(value) as { subject?: string | null }).subject ?? null) === null;
const due = (kind: 'MERCHANT' | 'PARTNER') => recorded.filter((one) => EVENT_TYPES[kind].includes(one.type) && !saysNothing(one));

it('F22: the recorded events of all versions are told or passed over, each once to who wants it, none of them is dead, and again they change nothing', async () => {
  expect(await replay.hear(recorded)).toEqual([]);
  const { workedOff, passedOver } = await replay.worked(recorded);
  expect(workedOff).toEqual(WORKED_OFF);
  expect(passedOver.filter((type) => type in FEEDS)).toEqual(ALSO_PASSED_OVER);

  await deliverAll();
  for (const kind of ['MERCHANT', 'PARTNER'] as const) {
    expect(told(EVERYTHING[kind]).map(({ body }) => JSON.parse(body).type).sort()).toEqual(due(kind).map(({ type }) => type).sort());
  }
  expect(told('/refunds')).toHaveLength(due('MERCHANT').filter(({ type }) => type === 'payment.refunded').length);

  // What its inbox has forgotten, it knows by the messages that it has written: they stand once an event and endpoint.
  const first = await written();
  await world.subject.dataSource.query('DELETE FROM inbox');
  expect(await replay.hear(recorded)).toEqual([]);
  expect(await written()).toBe(first);
}, 120_000);

it('F22: what is no event of any version is dead, and what comes with it is told', async () => {
  const good = recorded.find(({ type }) => type === 'payment.settled')!;
  const anew = (change: Partial<RecordedEvent> = {}, headers: Record<string, string> = {}): RecordedEvent =>
    ({ ...good, ...change, headers: { ...good.headers, ce_id: randomUUID(), ...headers } });
  await deliverAll();
  const before = told(EVERYTHING.MERCHANT).length;
  expect(await replay.hear([
    anew(), anew({ value: 'no JSON' }), anew({ value: '{}' }), anew({}, { ce_id: 'no id' }), anew({}, { ce_type: 'payment.unheard' }), anew(),
  ])).toEqual(['payment.settled', 'payment.settled', 'payment.settled', 'payment.unheard']);
  await deliverAll();
  expect(told(EVERYTHING.MERCHANT)).toHaveLength(before + 2);
}, 120_000);
