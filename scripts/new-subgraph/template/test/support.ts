import { type EventMessage, toMessage } from '@tael/events';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { createLogger } from '@tael/platform/log';
import { inTransaction, migrate } from '@tael/platform/postgres';
import { createSealer } from '@tael/platform/seal';
import { type TestDatabase, testDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { createApp } from '../src/app';
import { __nameVar__DataSource } from '../src/data-source';
import { createEventHandler } from '../src/events/event.consumer';
import { __Entity__Service } from '../src/__entities__/__entityFile__.service';

const identityKeys: [{ id: string; key: Buffer }] = [{ id: 'i1', key: Buffer.alloc(32, 1) }];
const sealer = createSealer([{ id: 's1', key: Buffer.alloc(32, 2) }]);
const silent = createLogger({ service: '__name__-test', level: 'silent' });

/** Somebody new: tests never share a person. */
export function somebody(personId = uuidv7()): Identity & { principal: { personId: string } } {
  return {
    principal: { personId, sessionId: uuidv7(), roles: ['CUSTOMER'] },
    locale: 'en',
    reference: 'ref-test',
    traceparent: '',
    address: '127.0.0.1',
  };
}

export const nobody: Identity = { ...somebody(), principal: null };

type Answer = { status: number; data: any; errors: any };

export interface Subject {
  readonly dataSource: DataSource;
  readonly database: TestDatabase;
  ask(as: Identity, query: string, variables?: object): Promise<Answer>;
  /** Works messages off as the consumer does, each in a transaction of its own, one after the other. */
  deliver(...messages: EventMessage[]): Promise<void>;
  stop(): Promise<void>;
}

export async function migrated(url: string): Promise<void> {
  const dataSource = await __nameVar__DataSource({ url, poolSize: 2 }).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
}

/** Starts the service on a database of its own; requests go in without a network, signed as the gateway signs them. */
export async function startSubject(name: string): Promise<Subject> {
  const database = await testDatabase({ name, templateKey: '__name__', prepare: migrated });
  const dataSource = await __nameVar__DataSource({ url: database.url, poolSize: 8 }).initialize();
  const service = new __Entity__Service({ dataSource, now: () => new Date() });
  const app = await createApp({ dataSource, service, log: silent, identityKeys });
  const handle = createEventHandler(service);
  return {
    dataSource,
    database,
    async ask(as, query, variables = {}) {
      const payload = JSON.stringify({ query, variables });
      const header = signIdentity(as, payload, identityKeys, Date.now());
      const headers = { 'content-type': 'application/json', [IDENTITY_HEADER]: header };
      const response = await app.inject({ method: 'POST', url: '/graphql', payload, headers });
      const body: Omit<Answer, 'status'> = response.json();
      return { status: response.statusCode, ...body };
    },
    async deliver(...messages) {
      for (const message of messages) await inTransaction(dataSource, (tx) => handle(tx, message));
    },
    async stop() {
      await app.close();
      await dataSource.destroy();
      await database.drop();
    },
  };
}

/** Somebody joined, as accounts would tell it, each time with an id of its own. */
export function registered(personId: string): EventMessage {
  const data = { personId, locale: 'en', timeZone: 'UTC', referralCode: 'CODE', referredBy: null, channel: null };
  return toMessage(
    'person.registered',
    { ...data, contact: sealer.seal('{}', personId), occurredAt: new Date() },
    { source: 'accounts', time: new Date() },
  );
}

/** Creates one by the API and gives the payload. */
export async function create(subject: Subject, as: Identity, label = 'First') {
  const query = `mutation ($input: Create__Entity__Input!) { create__Entity__(input: $input) {
    __entity__ { id label origin createdAt } userErrors { code message field } } }`;
  const answer = await subject.ask(as, query, { input: { label } });
  expect(answer.errors).toBeUndefined();
  return answer.data.create__Entity__;
}

/** The labels of all of a person's, the oldest first. */
export async function labelsOf(subject: Subject, as: Identity): Promise<string[]> {
  const answer = await subject.ask(as, '{ __entities__(first: 100) { edges { node { label } } } }');
  expect(answer.errors).toBeUndefined();
  return answer.data.__entities__.edges.map((edge: { node: { label: string } }) => edge.node.label);
}
