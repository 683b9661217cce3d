import { createLogger, type Logger } from '@tael/platform/log';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { type App, type AppSettings, type AppTimes, createApp } from '../src/app';
import { AUDIENCE, ISSUER, type Issuer, startIssuer } from './issuer';
import { composeSupergraph, SDL, startSubgraphs, type Subgraphs } from './subgraphs';

export const IDENTITY_KEYS = [{ id: 'test', key: Buffer.alloc(32, 7) }] as [{ id: string; key: Buffer }];

/** A door that lets everything through that tests of other things send. */
export const OPEN_DOOR = {
  COST_MAX: 1_000,
  PERSON_RATE: { perSecond: 10_000, burst: 1_000_000 },
  ANONYMOUS_RATE: { perSecond: 10_000, burst: 1_000_000 },
  NETWORK_RATE: { perSecond: 10_000, burst: 1_000_000 },
  BAD_TOKEN_RATE: { perSecond: 1_000, burst: 10_000 },
  CONNECTIONS_MAX: 5_000,
  CONNECTIONS_PER_NETWORK_MAX: 2_000,
  LIVE_PER_PERSON_MAX: 10,
  LIVE_PER_NETWORK_MAX: 200,
  RUNNING_MAX: 1_000,
  HSTS_SECONDS: 31_536_000,
} satisfies Partial<AppSettings>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    data?: any;
    errors?: { message: string; path?: (string | number)[]; extensions: Record<string, any> }[];
  };
  readonly text: string;
}

export interface TestGateway {
  readonly app: App;
  readonly url: string;
  readonly subgraphs: Subgraphs;
  readonly issuer: Issuer;
  readonly supergraphFile: string;
  /** Everything that was logged, as text. */
  readonly logged: () => string;
  replaceSupergraph(text: string): void;
  ask(
    query: string,
    options?: { token?: string; variables?: object; headers?: Record<string, string>; operationName?: string },
  ): Promise<Answer>;
  close(): Promise<void>;
}

function recordingLog(): { log: Logger; text: () => string } {
  const lines: string[] = [];
  const destination = new Writable({
    write: (line: Buffer, _encoding, done) => {
      lines.push(line.toString());
      done();
    },
  });
  return { log: createLogger({ service: 'gateway', level: 'debug', destination }), text: () => lines.join('') };
}

export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: Answer['body'] = {};
  try {
    body = JSON.parse(text) as Answer['body'];
  } catch {
    // Not JSON: the test looks at the text.
  }
  return { status: response.status, headers: response.headers, body, text };
}

/** Starts a gateway with subgraphs and a token issuer of its own. */
export async function startGateway(
  changes: Partial<AppSettings> = {},
  times: AppTimes = { pollMs: 40 },
  sdl: Readonly<Record<string, string>> = SDL,
): Promise<TestGateway> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tael-gateway-'));
  const supergraphFile = path.join(folder, 'supergraph.graphql');
  writeFileSync(supergraphFile, composeSupergraph(sdl));
  const [subgraphs, issuer] = await Promise.all([startSubgraphs(IDENTITY_KEYS, sdl), startIssuer()]);
  const { log, text } = recordingLog();
  const app = await createApp(
    {
      SUPERGRAPH_FILE: supergraphFile,
      ACCOUNTS_URL: subgraphs.urls['accounts']!,
      MERCHANTS_URL: subgraphs.urls['merchants']!,
      REWARDS_URL: subgraphs.urls['rewards']!,
      NOTIFICATIONS_URL: subgraphs.urls['notifications']!,
      IDENTITY_KEYS,
      JWKS_URL: [issuer.jwksUrl],
      TOKEN_ISSUER: ISSUER,
      TOKEN_AUDIENCE: AUDIENCE,
      CORS_ORIGINS: ['https://app.tael.test'],
      GRAPHIQL: true,
      DEVICE_COOKIE_ALLOW_HTTP: false,
      TRUSTED_PROXY_HOPS: 0,
      ...OPEN_DOOR,
      SUBGRAPH_URLS: {},
      SUBGRAPH_QUERY_TIMEOUT_MS: 3_000,
      SUBGRAPH_MUTATION_TIMEOUT_MS: 10_000,
      ...changes,
    },
    log,
    times,
  );
  const port = await app.listen('127.0.0.1', 0);
  const url = `http://127.0.0.1:${port}/graphql`;
  return {
    app,
    url,
    subgraphs,
    issuer,
    supergraphFile,
    logged: text,
    replaceSupergraph(next) {
      writeFileSync(`${supergraphFile}.new`, next);
      renameSync(`${supergraphFile}.new`, supergraphFile);
    },
    async ask(query, { token, variables, headers, operationName } = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        body: JSON.stringify({ query, variables, operationName }),
      });
      return readAnswer(response);
    },
    async close() {
      await app.close();
      await Promise.all([subgraphs.close(), issuer.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
