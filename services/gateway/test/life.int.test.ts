import { request as httpRequest } from 'node:http';
import { readFileSync } from 'node:fs';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createApp } from '../src/app';
import { createLogger } from '@tael/platform/log';
import { IDENTITY_KEYS, OPEN_DOOR, startGateway, type TestGateway } from './gateway';
import { newPerson } from './issuer';
import { composeSupergraph, SDL } from './subgraphs';

const eventually = async (check: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 8_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const CHANGED = { merchants: SDL['merchants']!.replace('type Query {', 'type Query { news: String ') };

describe('a new supergraph', () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await startGateway();
  });
  afterEach(() => gateway.close());
  const hasNews = async (): Promise<boolean> => {
    const answer = await gateway.ask('{ __type(name: "Query") { fields { name } } }');
    return answer.body.data.__type.fields.some((field: { name: string }) => field.name === 'news');
  };

  test('is taken without a restart; what runs on the old one ends well', async () => {
    expect(await hasNews()).toBe(false);
    const slow = Promise.all(Array.from({ length: 5 }, () => gateway.ask('{ wait(ms: 700) viewer { points } }')));
    await eventually(() => gateway.subgraphs.seen.filter((seen) => seen.body.includes('wait')).length === 5);
    gateway.replaceSupergraph(composeSupergraph(CHANGED));
    await eventually(hasNews);
    for (const answer of await slow) expect(answer.body).toEqual({ data: { wait: 'waited', viewer: { points: 7 } } });
  });

  test.each([
    ['is no GraphQL', () => 'type Query {'],
    ['is empty', () => ''],
    ['is half of one', () => composeSupergraph(CHANGED).slice(0, 1_500)],
    ['is no supergraph', () => 'type Query { news: String }'],
    ['names a subgraph without an address', () => composeSupergraph({ strangers: 'type Query { news: String }' })],
  ])('that %s leaves the old one in place and is logged; the next good one is taken', async (_what, text) => {
    gateway.replaceSupergraph(text());
    await eventually(() => gateway.logged().includes('the former one stays'));
    expect(await hasNews()).toBe(false);
    expect((await gateway.ask('{ me }')).body).toEqual({ data: { me: 'nobody' } });
    gateway.replaceSupergraph(composeSupergraph(CHANGED));
    await eventually(hasNews);
  });

  test('does not let go of subscriptions', async () => {
    const person = newPerson();
    const client = createClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${await gateway.issuer.token(person)}` },
    });
    const events = client.iterate<any>({
      query: 'subscription { noticed(count: 1000, pauseMs: 30) { text user { name } } }',
    });
    await events.next();
    gateway.replaceSupergraph(composeSupergraph(CHANGED));
    await eventually(hasNews);
    for (let time = 0; time < 3; time++)
      expect((await events.next()).value.data.noticed.user.name).toBe(`name of ${person}`);
    await client.dispose();
  });
});

test('a gateway does not start on a broken supergraph', async () => {
  const gateway = await startGateway();
  const settings = {
    SUPERGRAPH_FILE: __filename,
    ACCOUNTS_URL: 'http://127.0.0.1:1/',
    MERCHANTS_URL: 'http://127.0.0.1:1/',
    REWARDS_URL: 'http://127.0.0.1:1/',
    NOTIFICATIONS_URL: 'http://127.0.0.1:1/',
    IDENTITY_KEYS,
    JWKS_URL: [gateway.issuer.jwksUrl],
    TOKEN_ISSUER: 'x',
    TOKEN_AUDIENCE: 'x',
    CORS_ORIGINS: [],
    GRAPHIQL: false,
    TRUSTED_PROXY_HOPS: 0,
    ...OPEN_DOOR,
    SUBGRAPH_URLS: {},
    SUBGRAPH_QUERY_TIMEOUT_MS: 3_000,
    SUBGRAPH_MUTATION_TIMEOUT_MS: 10_000,
  };
  expect(readFileSync(__filename, 'utf8')).toContain('createApp');
  await expect(createApp(settings, createLogger({ service: 'gateway', level: 'silent' }))).rejects.toThrow(
    'Syntax Error',
  );
  await gateway.close();
});

describe('stopping', () => {
  test('finishes what runs, tells sockets, takes nothing new', async () => {
    const gateway = await startGateway();
    const token = await gateway.issuer.token(newPerson());
    const closed = new Promise<{ code: number }>((resolve) => {
      const client = createClient({
        url: gateway.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: { authorization: `Bearer ${token}` },
        on: { closed: (event) => resolve(event as { code: number }) },
      });
      void client
        .iterate({ query: 'subscription { noticed(count: 1000, pauseMs: 30) { text } }' })
        .next()
        .catch(() => undefined);
    });
    await eventually(() => gateway.subgraphs.openSockets() === 1);
    const slow = gateway.ask('{ wait(ms: 600) viewer { points } }', { token });
    await eventually(() => gateway.subgraphs.seen.some((seen) => seen.body.includes('wait')));

    const began = Date.now();
    const stopped = gateway.app.close();
    await expect(gateway.ask('{ me }')).rejects.toThrow();
    expect((await slow).body).toEqual({ data: { wait: 'waited', viewer: { points: 7 } } });
    await stopped;
    expect(Date.now() - began).toBeLessThan(3_000);
    expect((await closed).code).toBe(1001);
    await eventually(() => gateway.subgraphs.openSockets() === 0);
    await Promise.all([gateway.subgraphs.close(), gateway.issuer.close()]);
  });

  test('does not wait for ever', async () => {
    const gateway = await startGateway({}, { drainMs: 300 });
    const slow = gateway.ask('{ wait(ms: 1200) }').catch(() => 'cut');
    await eventually(() => gateway.subgraphs.seen.some((seen) => seen.body.includes('wait')));
    const idle = httpRequest(gateway.url, {
      method: 'POST',
      headers: { 'content-length': 100, 'content-type': 'application/json' },
    });
    idle.on('error', () => undefined);
    idle.write('{');
    const began = Date.now();
    const closing = gateway.app.close();
    expect(await slow).toBe('cut');
    expect(Date.now() - began).toBeLessThan(1_000);
    await Promise.all([gateway.subgraphs.close(), gateway.issuer.close()]);
    await closing;
  });
});
