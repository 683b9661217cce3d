import { createLogger } from '@tael/platform/log';
import { type TestDatabase, testDatabase } from '@tael/testkit';
import { type Sandbox, type SandboxOptions, startSandbox } from '../src';

export const SECRET = 'sandbox-secret-of-this-test';

export interface World {
  readonly sandbox: Sandbox;
  readonly database: TestDatabase;
  end(): Promise<void>;
}

/** Starts a sandbox on a database of its own. */
export async function startWorld(name: string, change: Partial<SandboxOptions> = {}): Promise<World> {
  const database = await testDatabase({ name });
  const log = createLogger({ service: 'sandbox', level: 'silent' });
  const sandbox = await startSandbox({ databaseUrl: database.url, cardProcessorSecret: SECRET, bankSecret: SECRET, log, ...change });
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
