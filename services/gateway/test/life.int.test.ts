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
/** Opens a socket of a person by hand: what comes on it is looked at message by message. */
async function signedInSocket(gateway: TestGateway) {
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
  const messages: { id?: string; type: string; payload?: unknown }[] = [];
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString())));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => socket.once('open', resolve));
  const send = (message: object): void => socket.send(JSON.stringify(message));
  send({ type: 'connection_init', payload: { authorization: `Bearer ${await gateway.issuer.token(newPerson())}` } });
  await eventually(() => messages.some(({ type }) => type === 'connection_ack'));
  return {
    socket,
    closed,
    of: (id: string) => messages.filter((message) => message.id === id),
    subscribe: (id: string, query: string) => send({ id, type: 'subscribe', payload: { query } }),
  };
}
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
    DEVICE_COOKIE_ALLOW_HTTP: false,
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

  test('a payment over a socket is answered before the socket ends; nothing new is begun on it', async () => {
    const gateway = await startGateway();
    const socket = await signedInSocket(gateway);
    const idle = await signedInSocket(gateway);
    socket.subscribe('live', 'subscription { noticed(count: 1000, pauseMs: 30) { text } }');
    socket.subscribe('payment', 'mutation { payLate(ms: 900) }');
    await eventually(() => gateway.subgraphs.seen.some((seen) => seen.body.includes('payLate')));
    await eventually(() => socket.of('live').length > 0);

    const stopped = gateway.app.close();
    expect(await idle.closed).toBe(1001);
    socket.subscribe('late', '{ me }');
    await eventually(() => socket.of('late').length > 0);
    expect(socket.of('late')[0]).toMatchObject({
      type: 'error', payload: [{ extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true, retryAfterSeconds: 1 } }],
    });
    expect(socket.of('payment')).toEqual([]);
    expect(await socket.closed).toBe(1001);
    expect(socket.of('payment')).toEqual([
      { id: 'payment', type: 'next', payload: { data: { payLate: 'paid' } } },
      { id: 'payment', type: 'complete' },
    ]);
    // Whoever is told that a subscription is complete does not come back for it.
    expect(socket.of('live').filter(({ type }) => type !== 'next')).toEqual([]);
    await stopped;
    await Promise.all([gateway.subgraphs.close(), gateway.issuer.close()]);
  });

  test('a payment over an event stream is answered, while subscriptions end at once', async () => {
    const gateway = await startGateway();
    const ask = async (query: string): Promise<string> => {
      const headers = { accept: 'text/event-stream', 'content-type': 'application/json' };
      return (await fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify({ query }) })).text();
    };
    let hasEnded = false;
    const live = ask('subscription { noticed(count: 1000, pauseMs: 30) { text } }').finally(() => (hasEnded = true));
    const payment = ask('mutation { payLate(ms: 900) }').finally(() => expect(hasEnded).toBe(true));
    await eventually(() => gateway.subgraphs.seen.some((seen) => seen.body.includes('payLate')));
    await eventually(() => gateway.subgraphs.openSockets() === 1);
    const stopped = gateway.app.close();
    expect(await live).toMatch(/event: complete\ndata:\n\n$/);
    expect(await payment).toBe(':\n\nevent: next\ndata: {"data":{"payLate":"paid"}}\n\nevent: complete\ndata:\n\n');
    await stopped;
    await Promise.all([gateway.subgraphs.close(), gateway.issuer.close()]);
  });

  test('does not wait for ever for what runs over a socket, nor for a client that does not answer', async () => {
    const gateway = await startGateway({}, { drainMs: 300 });
    const [slow, silent] = [await signedInSocket(gateway), await signedInSocket(gateway)];
    slow.subscribe('slow', '{ wait(ms: 2500) }');
    await eventually(() => gateway.subgraphs.seen.some((seen) => seen.body.includes('wait')));
    silent.socket.pause();
    const began = Date.now();
    const stopped = gateway.app.close();
    expect(await slow.closed).toBe(1001);
    expect(Date.now() - began).toBeLessThan(2_000);
    expect(slow.of('slow')).toEqual([]);
    // The one that does not agree is cut; what ran is given up by the time that a query has.
    await stopped;
    expect(Date.now() - began).toBeLessThan(6_000);
    silent.socket.terminate();
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
