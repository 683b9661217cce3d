import { createLogger } from '@tael/platform/log';
import { readSigningKeys, readVerifyingKeys, signRequest } from '@tael/http-signature';
import { type TestDatabase, testDatabase } from '@tael/testkit';
import { randomBytes } from 'node:crypto';
import { type Sandbox, type SandboxOptions, startSandbox } from '../src';

export const SECRET = 'sandbox-secret-of-this-test';

const bankClient = readSigningKeys([{ id: 'b1', key: randomBytes(32) }]);
/** The bank's client, as the bank knows it. */
export const clientKeys = readVerifyingKeys(bankClient.published.keys.map(({ kid, x }) => ({ id: String(kid), key: Buffer.from(x!, 'base64url') })));

export interface World {
  readonly sandbox: Sandbox;
  readonly database: TestDatabase;
  end(): Promise<void>;
}

/** Starts a sandbox on a database of its own. */
export async function startWorld(name: string, change: Partial<SandboxOptions> = {}): Promise<World> {
  const database = await testDatabase({ name });
  const log = createLogger({ service: 'sandbox', level: 'silent' });
  const sandbox = await startSandbox({ databaseUrl: database.url, cardProcessorSecret: SECRET, bank: { clientKeys }, log, ...change });
  return {
    sandbox,
    database,
    end: async () => {
      await sandbox.stop();
      await database.drop();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Calls the sandbox with JSON. */
export async function call(
  url: string,
  options: { method?: string; json?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: options.method ?? (options.json === undefined ? 'GET' : 'POST'),
    headers: { ...(options.json === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
    ...(options.json === undefined ? {} : { body: JSON.stringify(options.json) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

/** What the bank's client sends: signed for now, with a nonce of its own. */
export async function signedAsClient(url: string, options: { json?: unknown; headers?: Record<string, string> } = {}): Promise<Record<string, string>> {
  const { json, headers = {} } = options;
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  return { ...headers, ...(await signRequest({ method: json === undefined ? 'GET' : 'POST', url, ...body, headers }, bankClient.signing, Date.now())) };
}

/** Calls the sandbox's bank with JSON, as its client does. */
export async function callBank(url: string, options: { json?: unknown; headers?: Record<string, string> } = {}): Promise<Answer> {
  return call(url, { json: options.json, headers: await signedAsClient(url, options) });
}
