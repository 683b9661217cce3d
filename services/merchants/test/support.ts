import { type Identity, IDENTITY_HEADER, type Role, signIdentity } from '@tael/platform/identity';
import { readOwnSchemas } from '@tael/partner-graph';
import { createLogger } from '@tael/platform/log';
import { migrate } from '@tael/platform/postgres';
import { createSealer } from '@tael/platform/seal';
import { join } from 'node:path';
import { type TestDatabase, testDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { createApp, createWebhooks } from '../src/app';
import { merchantsDataSource } from '../src/data-source';

export const identityKeys: [{ id: string; key: Buffer }] = [{ id: 'i1', key: Buffer.alloc(32, 1) }];
export const sealKeys: [{ id: string; key: Buffer }] = [{ id: 's1', key: Buffer.alloc(32, 2) }];
export const sealer = createSealer(sealKeys);
export const silent = createLogger({ service: 'merchants-test', level: 'silent' });

/** Somebody new: tests never share a person. */
export function somebody(roles: Role[] = ['CUSTOMER'], locale = 'en'): Identity {
  return {
    principal: { personId: uuidv7(), sessionId: uuidv7(), roles },
    locale,
    reference: 'ref-test',
    traceparent: '',
    address: '127.0.0.1',
  };
}

export const operator = (): Identity => somebody(['CUSTOMER', 'OPERATOR']);
export const nobody: Identity = { ...somebody(), principal: null };

type Answer = { status: number; data: any; errors: any };

export interface Subject {
  readonly dataSource: DataSource;
  readonly database: TestDatabase;
  ask(as: Identity, query: string, variables?: object): Promise<Answer>;
  /** What it answers to a GET, signed as the gateway does unless told otherwise. */
  get(path: string, header?: string): Promise<{ status: number; body: any }>;
  /** What it answers to a POST of JSON, signed in the same way. */
  post(path: string, body: unknown, header?: string): Promise<number>;
  /** What the outbox holds about a merchant, oldest first: of its state, unless told. */
  events(
    merchantId: string, ofStatus?: boolean,
  ): Promise<{ headers: Record<string, string>; key: string; topic: string; data: Record<string, unknown> }[]>;
  stop(): Promise<void>;
}

export async function migrated(url: string): Promise<void> {
  const dataSource = await merchantsDataSource({ url, poolSize: 2 }).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
}

/** Starts the service on a database of its own; requests go in without a network, signed as the gateway signs them. */
export async function startSubject(name: string, options: { now?: () => Date; sandboxPartners?: boolean } = {}): Promise<Subject> {
  const database = await testDatabase({ name, templateKey: 'merchants', prepare: migrated });
  const dataSource = await merchantsDataSource({ url: database.url, poolSize: 8 }).initialize();
  const webhooks = createWebhooks({ dataSource, log: silent, sealKeys, sender: { allowHttp: true } });
  const subgraphs = { own: readOwnSchemas(join(__dirname, '..', '..')), allowHttp: true };
  const app = await createApp({ dataSource, log: silent, identityKeys, sealKeys, webhooks, subgraphs, sandboxPartners: true, ...options });
  return {
    dataSource,
    database,
    async ask(as, query, variables = {}) {
      const payload = JSON.stringify({ query, variables });
      const header = signIdentity(as, payload, identityKeys, options.now?.().getTime() ?? Date.now());
      const response = await app.inject({
        method: 'POST',
        url: '/graphql',
        payload,
        headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: header },
      });
      const body: Omit<Answer, 'status'> = response.json();
      return { status: response.statusCode, ...body };
    },
    async get(path, header = signIdentity(nobody, '', identityKeys, Date.now())) {
      const response = await app.inject({ method: 'GET', url: path, headers: { [IDENTITY_HEADER]: header } });
      return { status: response.statusCode, body: response.json() };
    },
    async post(path, body, given) {
      const payload = JSON.stringify(body);
      const header = given ?? signIdentity(nobody, payload, identityKeys, Date.now());
      const response = await app.inject({ method: 'POST', url: path, payload, headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: header } });
      return response.statusCode;
    },
    async events(merchantId, ofStatus = false) {
      const rows: { value: string; headers: Record<string, string> }[] = await dataSource.query('/* test.events */ SELECT * FROM outbox WHERE key = $1 ORDER BY id', [merchantId]);
      const told = rows.filter(({ headers }) => (headers['ce_type'] === 'merchant.status-changed') === ofStatus);
      return told.map((row) => ({ ...row, data: JSON.parse(row.value) }) as never);
    },
    async stop() {
      await app.close();
      await dataSource.destroy();
      await database.drop();
    },
  };
}

const SHOWN = '{ merchant { id name categoryCode category currency status } userErrors { code message field } }';

/** Registers a merchant that the person acts for, and gives the payload. */
export async function register(subject: Subject, as: Identity, input: object = {}) {
  const answer = await subject.ask(
    as,
    `mutation ($input: RegisterMerchantInput!) { registerMerchant(input: $input) ${SHOWN} }`,
    {
      input: { name: 'Corner Coffee', categoryCode: '5814', currency: 'USD', ...input },
    },
  );
  expect(answer.errors).toBeUndefined();
  return answer.data.registerMerchant;
}

export async function activate(subject: Subject, as: Identity, merchantId: string, reason?: string) {
  return subject.ask(as, `mutation ($input: ActivateMerchantInput!) { activateMerchant(input: $input) ${SHOWN} }`, {
    input: { merchantId, reason },
  });
}
