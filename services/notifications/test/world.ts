import 'reflect-metadata';
import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { type EventData, type EventType, toMessage } from '@tael/events';
import { currencyCode } from '@tael/money';
import type { BusMessage } from '@tael/platform/bus';
import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { createLogger } from '@tael/platform/log';
import { inTransaction, migrate } from '@tael/platform/postgres';
import { createSealer } from '@tael/platform/seal';
import { startSandbox, type Sandbox } from '@tael/sandbox';
import { testDatabase, type TestDatabase } from '@tael/testkit';
import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type App, createApp } from '../src/app';
import { notificationsDataSource } from '../src/data-source';
import { eventHandler } from '../src/events/event.consumer';

export const USD = currencyCode('USD');
export const identityKeys: [KeyEntry] = [{ id: 'a', key: randomBytes(32) }];
export const sealKeys: [KeyEntry] = [{ id: 'k1', key: randomBytes(32) }];
export const sealer = createSealer(sealKeys);
export const log = createLogger({ service: 'notifications', level: process.env['LOG_LEVEL'] ?? 'silent' });

/** A database of the file's own, brought up to date. */
export async function openDatabase(name: string, poolSize = 10): Promise<{ database: TestDatabase; dataSource: DataSource }> {
  const database = await testDatabase({
    name: `notifications-${name}`,
    templateKey: 'notifications',
    prepare: async (url) => {
      const preparing = await notificationsDataSource(url, 2).initialize();
      await migrate(preparing);
      await preparing.destroy();
    },
  });
  return { database, dataSource: await notificationsDataSource(database.url, poolSize).initialize() };
}

export interface World {
  readonly dataSource: DataSource;
  readonly app: App;
  readonly sandbox: Sandbox;
  /** The clock of the service; null: the real one. */
  clock: { now: Date | null };
  /** Works off one event as the consumer does, but for the inbox: a repeat reaches the service's own defences. */
  handle<Type extends EventType>(type: Type, data: EventData<Type>): Promise<void>;
  /** Runs statements as the role that owns the tables, which the service is not. */
  asOwner: TestDatabase['asOwner'];
  close(): Promise<void>;
}

function vapid(): { publicKey: string; privateKey: string } {
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys('base64url');
  return { publicKey, privateKey: pair.getPrivateKey().toString('base64url') };
}

/** The clock of the world of this file: requests are signed by it too. */
let worldClock: { now: Date | null } = { now: null };

/** The whole service on a real Postgres, with the sandbox as the world outside. No background work: tests call it. */
export async function openWorld(name: string, { poolSize, ...options }: { leaseMs?: number; poolSize?: number } = {}): Promise<World> {
  const { database, dataSource } = await openDatabase(name, poolSize);
  const outside = await testDatabase({ name: `notifications-sandbox-${name}` });
  const sandbox = await startSandbox({ databaseUrl: outside.url, cardProcessorSecret: 'a-secret-of-the-tests', log });
  const clock: { now: Date | null } = { now: null };
  worldClock = clock;
  const app = await createApp({
    dataSource,
    log,
    sealer,
    identityKeys,
    now: () => clock.now ?? new Date(),
    mail: {
      smtpUrl: sandbox.smtpUrl,
      from: 'Tael <no-reply@tael.example>',
      unsubscribeBase: 'https://tael.example/unsubscribe',
    },
    push: { subject: 'mailto:ops@tael.example', allowHttp: true, ...vapid() },
    ...options,
  });
  const handle = eventHandler(app.services);
  return {
    dataSource,
    app,
    sandbox,
    clock,
    asOwner: (text, values) => database.asOwner(text, values),
    handle: (type, data) => inTransaction(dataSource, (tx) => handle(tx, [busMessage(type, data)])),
    async close() {
      await app.server.close();
      await sandbox.stop();
      await dataSource.destroy();
      await Promise.all([database.drop(), outside.drop()]);
    },
  };
}

export function busMessage<Type extends EventType>(
  type: Type,
  data: EventData<Type>,
  id: string = randomUUID(),
): BusMessage {
  const message = toMessage(type, data, { source: 'tests', time: new Date(), id });
  return { ...message, partition: 0, offset: 0n };
}

export interface TestPerson {
  readonly id: string;
  readonly email: string;
  readonly registered: EventData<'person.registered'>;
}

/** A person who is not known to the service yet: hand `registered` to it. */
export function newPerson(given: { locale?: string; timeZone?: string; displayName?: string } = {}): TestPerson {
  const id = uuidv7();
  const email = `p-${id}@people.example`;
  const contact = sealer.seal(JSON.stringify({ displayName: given.displayName ?? 'Ada Example', email }), id);
  return {
    id,
    email,
    registered: {
      personId: id,
      locale: given.locale ?? 'en',
      timeZone: given.timeZone ?? 'UTC',
      referralCode: 'ABCD',
      referredBy: null,
      channel: null,
      contact,
      occurredAt: new Date(),
    },
  };
}

export async function knownPerson(world: World, given: Parameters<typeof newPerson>[0] = {}): Promise<TestPerson> {
  const person = newPerson(given);
  await world.handle('person.registered', person.registered);
  return person;
}

export function merchant(name: string, given: { id?: string; version?: number } = {}): EventData<'merchant.changed'> {
  const merchantId = given.id ?? uuidv7();
  return {
    merchantId,
    version: given.version ?? 1,
    name: sealer.seal(name, merchantId),
    categoryCode: '5814',
    currency: USD,
    status: 'ACTIVE',
    people: [], roles: [],
    feePlan: { id: 'standard', basisPoints: 150 }, verified: false,
    occurredAt: new Date(),
  };
}

export function payment(
  personId: string,
  merchantId: string,
  given: Partial<EventData<'payment.settled'>> = {},
): EventData<'payment.settled'> {
  return {
    transactionId: uuidv7(),
    personId,
    walletId: uuidv7(),
    currency: USD,
    amount: 12_50n,
    balanceAfter: 100_00n,
    occurredAt: new Date(),
    merchantId,
    merchantCategoryCode: '5814',
    fee: 13n,
    feeBeforeWaiver: 13n,
    waiverCampaignId: null,
    waived: 0n,
    ordinal: 1,
    ...given,
  };
}

export function campaign(
  given: Partial<EventData<'campaign.changed'>> & Pick<EventData<'campaign.changed'>, 'merchantIds'>,
): EventData<'campaign.changed'> {
  return {
    campaignId: uuidv7(),
    version: 1,
    status: 'ACTIVE',
    effect: 'CASHBACK',
    currency: USD,
    rateBasisPoints: 250,
    merchantCategoryCodes: null,
    startsAt: null,
    endsAt: null,
    occurredAt: new Date(),
    ...given,
  };
}

export function identityOf(personId: string | null, locale = 'en'): Identity {
  const principal = personId ? { personId, sessionId: uuidv7(), roles: ['CUSTOMER' as const] } : null;
  return { principal, locale, reference: 'test', traceparent: '', address: '127.0.0.1' };
}

/** Asks the service as a person, signed as the gateway signs. */
// Answers are read freely by tests.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function ask(
  server: FastifyInstance,
  personId: string | null,
  query: string,
  variables: object = {},
): Promise<any> {
  const payload = JSON.stringify({ query, variables });
  const response = await server.inject({
    method: 'POST',
    url: '/graphql',
    payload,
    headers: {
      'content-type': 'application/json',
      [IDENTITY_HEADER]: signIdentity(identityOf(personId), payload, identityKeys, (worldClock.now ?? new Date()).getTime()),
    },
  });
  return response.json();
}

const INBOX = `query ($person: [_Any!]!, $first: Int, $after: String, $unreadOnly: Boolean) {
  _entities(representations: $person) { ... on User {
    inbox(first: $first, after: $after, unreadOnly: $unreadOnly) {
      unreadCount pageInfo { hasNextPage endCursor }
      edges { cursor node { id class topic title body createdAt readAt transaction { id } } } } } } }`;

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function inboxOf(
  world: World,
  personId: string,
  args: object = {},
  viewer: string | null = personId,
): Promise<any> {
  const answer = await ask(world.app.server, viewer, INBOX, {
    person: [{ __typename: 'User', id: personId }],
    ...args,
  });
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data._entities[0].inbox;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function messagesOf(world: World, personId: string): Promise<any[]> {
  const inbox = await inboxOf(world, personId, { first: 100 });
  return inbox.edges.map((edge: { node: object }) => edge.node);
}

/** What came to an address: mails by address, pushes by endpoint. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function received(world: World, channel: 'mail' | 'push', to: string): Promise<any[]> {
  const response = await fetch(`${world.sandbox.url}/messages?channel=${channel}&to=${encodeURIComponent(to)}`);
  const answer = (await response.json()) as { messages?: object[] } | object[];
  return Array.isArray(answer) ? answer : (answer.messages ?? []);
}

/** A browser at the sandbox's push service, registered for a person. */
export async function registerBrowser(
  world: World,
  personId: string,
): Promise<{ endpoint: string; keys: { p256dh: string; auth: string } }> {
  const response = await fetch(`${world.sandbox.url}/push/subscriptions`, { method: 'POST' });
  const browser = (await response.json()) as { endpoint: string; keys: { p256dh: string; auth: string } };
  const registered = await world.app.services.subscriptions.register(personId, {
    endpoint: browser.endpoint,
    ...browser.keys,
  });
  if (!registered.ok) throw new Error(JSON.stringify(registered.refusals));
  return browser;
}

export async function fault(
  world: World,
  knob: { channel: 'mail' | 'push'; mode: 'fail' | 'reject' | 'delay'; count?: number },
): Promise<void> {
  const response = await fetch(`${world.sandbox.url}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(knob),
  });
  if (!response.ok) throw new Error(await response.text());
}

export async function prefer(world: World, personId: string, patch: object): Promise<void> {
  const updated = await world.app.services.preferences.update(personId, patch);
  if (!updated.ok) throw new Error(JSON.stringify(updated.refusals));
}

export async function deliveriesOf(
  world: World,
  personId: string,
): Promise<{ channel: string; status: string; reason: string | null; class: string; attempts: number }[]> {
  return world.dataSource.query(
    `SELECT d.channel, d.status, d.reason, d.class, d.attempts FROM delivery d WHERE d."personId" = $1 ORDER BY d.channel, d.id`,
    [personId],
  );
}

/** Works until nothing is due any more, as the background loops would. */
export async function workAll(world: World): Promise<void> {
  const { offers, messages, deliveries } = world.app.services;
  for (;;) {
    const done = (await offers.scanStep()) + (await messages.settleDue(100)) + (await deliveries.deliverDue(50));
    if (done === 0) return;
  }
}
