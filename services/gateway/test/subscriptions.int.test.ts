import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startGateway, type TestGateway } from './gateway';
import { newPerson } from './issuer';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) void client.dispose();
});

function connect(
  token?: string,
  options: { name?: string; onClosed?: (event: { code: number; reason: string }) => void } = {},
): Client {
  const client = createClient({
    url: gateway.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token ? { [options.name ?? 'Authorization']: `Bearer ${token}` } : {},
    on: { closed: (event) => options.onClosed?.(event as { code: number; reason: string }) },
    onNonLazyError: () => undefined,
  });
  clients.push(client);
  return client;
}

async function take(client: Client, query: string): Promise<any[]> {
  const events: unknown[] = [];
  for await (const event of client.iterate({ query })) events.push(event);
  return events;
}

const eventually = async (check: () => boolean): Promise<void> => {
  const deadline = Date.now() + 5_000;
  while (!check()) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const QUERY = 'subscription { noticed(count: 3) { text user { id name } } }';
const expected = (person: string): unknown[] =>
  [1, 2, 3].map((number) => ({
    data: { noticed: { text: `${number} for ${person}`, user: { id: person, name: `name of ${person}` } } },
  }));

/** Makes a token that ends in one to two seconds. */
async function shortLived(): Promise<{ token: string; expiresAt: number }> {
  const exp = Math.floor(Date.now() / 1000) + 2;
  const token = await gateway.issuer.token(newPerson(), { claims: { iat: exp - 600, exp } });
  return { token, expiresAt: exp * 1000 };
}

/** Reads a whole event stream. */
async function takeEvents(
  query: string,
  options: { token?: string; method?: 'GET' } = {},
): Promise<{ status: number; text: string; results: unknown[] }> {
  const headers = {
    accept: 'text/event-stream',
    ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
  };
  const response = options.method
    ? await fetch(`${gateway.url}?query=${encodeURIComponent(query)}`, { headers })
    : await fetch(gateway.url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
  const text = await response.text();
  const results = [...text.matchAll(/event: next\ndata: (.*)\n/g)].map((match) => JSON.parse(match[1]!) as unknown);
  return { status: response.status, text, results };
}

describe('over WebSocket', () => {
  test('events come for the person of the token, enriched from another subgraph', async () => {
    const person = newPerson();
    expect(await take(connect(await gateway.issuer.token(person)), QUERY)).toEqual(expected(person));
    expect(await take(connect(await gateway.issuer.token(person), { name: 'authorization' }), QUERY)).toEqual(
      expected(person),
    );
  });

  test('people at the same time get their own, and no socket to the subgraph stays', async () => {
    const people = Array.from({ length: 12 }, newPerson);
    const results = await Promise.all(
      people.map(async (person) => take(connect(await gateway.issuer.token(person)), QUERY)),
    );
    expect(results).toEqual(people.map(expected));
    await eventually(() => gateway.subgraphs.openSockets() === 0);
  });

  test('queries and mutations work too; refusals come as errors with a code', async () => {
    const client = connect();
    expect(await take(client, '{ me }')).toEqual([{ data: { me: 'nobody' } }]);
    expect(await take(client, 'mutation { pay(key: "ws") }')).toEqual([{ data: { pay: expect.any(Number) } }]);
    await expect(take(client, '{ nothing }')).rejects.toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    await expect(take(client, '{ nothing(')).rejects.toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
  });

  test('a subscriber who leaves ends the subscription at the subgraph', async () => {
    const client = connect(await gateway.issuer.token(newPerson()));
    const events = client.iterate({ query: 'subscription { noticed(count: 1000, pauseMs: 20) { text } }' });
    expect((await events.next()).done).toBe(false);
    expect(gateway.subgraphs.openSockets()).toBe(1);
    await events.return!();
    await eventually(() => gateway.subgraphs.openSockets() === 0);
  });

  test('a bad token gets no socket', async () => {
    const closed = new Promise<{ code: number }>((resolve) => {
      const client = connect('forged.token.here', { onClosed: resolve });
      take(client, QUERY).catch(() => undefined);
    });
    expect((await closed).code).toBe(4403);
  });

  test('the socket is closed when the token runs out', async () => {
    const { token, expiresAt } = await shortLived();
    const closed = new Promise<{ code: number }>((resolve) => {
      take(connect(token, { onClosed: resolve }), 'subscription { noticed(count: 1000, pauseMs: 50) { text } }').catch(
        () => undefined,
      );
    });
    expect((await closed).code).toBe(4403);
    expect(Math.abs(Date.now() - expiresAt)).toBeLessThan(1_000);
    await eventually(() => gateway.subgraphs.openSockets() === 0);
  });

  test('a socket whose token has run out carries no operation, although it is not closed yet', async () => {
    const { token, expiresAt } = await shortLived();
    const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    const send = (message: object): void => socket.send(JSON.stringify(message));
    const code = new Promise((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.on('open', resolve));
    send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    await new Promise((resolve) => socket.once('message', resolve));
    // A client that does not read does not answer the close either.
    socket.pause();
    await eventually(() => Date.now() > expiresAt + 50);
    send({ id: '1', type: 'subscribe', payload: { query: 'mutation { pay(key: "after the end") }' } });
    await gateway.ask('{ wait(ms: 100) }');
    socket.resume();
    expect(await code).toBe(4403);
    expect(gateway.subgraphs.seen.filter((seen) => seen.body.includes('after the end'))).toEqual([]);
  });

  test('a page of another site gets no socket, a listed one does', async () => {
    const attempt = (origin: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws', { origin });
        socket.on('open', () => (resolve('open'), socket.terminate()));
        socket.on('error', (error) => resolve(error.message));
      });
    expect(await attempt('https://evil.test')).toContain('403');
    expect(await attempt('https://app.tael.test')).toBe('open');
    expect(await attempt(new URL(gateway.url).origin)).toBe('open');
  });

  test('one socket carries at most 20 operations at once', async () => {
    const client = connect();
    const attempts = Array.from({ length: 22 }, () =>
      take(client, '{ wait(ms: 300) }').then(
        () => 'ok',
        (errors: { extensions: { code: string } }[]) => errors[0]!.extensions.code,
      ),
    );
    const outcomes = await Promise.all(attempts);
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(20);
    expect(outcomes.filter((outcome) => outcome === 'BAD_USER_INPUT')).toHaveLength(2);
  });

  test('what is no message of the protocol closes the socket and nothing else', async () => {
    const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    const code = new Promise((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send('{"type":'));
    expect(await code).toBe(4400);
    const large = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws');
    const largeCode = new Promise((resolve) => large.on('close', resolve));
    large.on('error', () => undefined);
    large.on('open', () => large.send('x'.repeat(300 * 1024)));
    expect(await largeCode).toBe(1009);
    expect((await gateway.ask('{ me }')).status).toBe(200);
  });
});

describe('as server-sent events', () => {
  test.each([[undefined], ['GET' as const]])('events come for the person of the token (%s)', async (method) => {
    const person = newPerson();
    const stream = await takeEvents(QUERY, {
      token: await gateway.issuer.token(person),
      ...(method ? { method } : {}),
    });
    expect(stream.results).toEqual(expected(person));
    expect(stream.text).toMatch(/event: complete\ndata:\n\n$/);
    await eventually(() => gateway.subgraphs.openSockets() === 0);
  });

  test('a query and a refusal are one event', async () => {
    expect((await takeEvents('{ me }')).results).toEqual([{ data: { me: 'nobody' } }]);
    expect((await takeEvents('{ nothing }')).results).toMatchObject([
      { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    ]);
  });

  test('a bad token is refused with 401', async () => {
    expect((await takeEvents(QUERY, { token: 'a.b.c' })).status).toBe(401);
  });

  test('a subscription that is asked for as JSON says how to ask', async () => {
    const answer = await gateway.ask(QUERY, { token: await gateway.issuer.token(newPerson()) });
    expect([answer.status, answer.body.errors?.[0]?.message]).toEqual([
      406,
      expect.stringContaining('text/event-stream'),
    ]);
    await eventually(() => gateway.subgraphs.openSockets() === 0);
  });

  test('the stream ends when the token runs out', async () => {
    const { token, expiresAt } = await shortLived();
    const stream = await takeEvents('subscription { noticed(count: 1000, pauseMs: 50) { text } }', { token });
    expect(Math.abs(Date.now() - expiresAt)).toBeLessThan(1_000);
    expect(stream.results.length).toBeGreaterThan(1);
    const unauthenticated = { extensions: { code: 'UNAUTHENTICATED', reference: expect.stringMatching(/^[0-9a-f]{32}$/) } };
    expect(stream.results.at(-1)).toMatchObject({ errors: [unauthenticated] });
    expect(stream.results.slice(0, -1).filter((result) => 'errors' in (result as object))).toEqual([]);
    expect(stream.text).toMatch(/event: complete\ndata:\n\n$/);
    await eventually(() => gateway.subgraphs.openSockets() === 0);
  });

  test('A13: the stream ends soon after its session has', async () => {
    const [person, sid] = [newPerson(), newPerson()];
    const token = await gateway.issuer.token(person, { claims: { sid } });
    const taken = takeEvents('subscription { noticed(count: 100000, pauseMs: 50) { text } }', { token });
    await eventually(() => gateway.subgraphs.openSockets() === 1);
    gateway.issuer.end(sid);
    const { results, text } = await taken;
    expect(results.at(-1)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(text).toMatch(/event: complete\ndata:\n\n$/);
  });

  test('a client that goes away ends the subscription at the subgraph', async () => {
    const abort = new AbortController();
    const response = await fetch(gateway.url, {
      method: 'POST',
      signal: abort.signal,
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { noticed(count: 100000, pauseMs: 10) { text } }' }),
    });
    await response.body!.getReader().read();
    await eventually(() => gateway.subgraphs.openSockets() === 1);
    abort.abort();
    await eventually(() => gateway.subgraphs.openSockets() === 0);
  });
});

test('errors of one event are not told again with the next; a lost subgraph ends the stream', async () => {
  const person = newPerson();
  const client = connect(await gateway.issuer.token(person));
  const events = client.iterate<any>({
    query: 'subscription { noticed(count: 1000, pauseMs: 30) { text user { id name } } }',
  });
  expect((await events.next()).value.errors).toBeUndefined();

  await gateway.subgraphs.all['accounts']!.stop();
  let failed = await events.next();
  while (!failed.value.errors) failed = await events.next();
  expect(failed.value.errors).toHaveLength(1);
  expect((await events.next()).value.errors).toHaveLength(1);
  await gateway.subgraphs.all['accounts']!.restart();
  let healed = await events.next();
  while (healed.value.errors) healed = await events.next();
  expect(healed.value.data.noticed.user.name).toBe(`name of ${person}`);

  await gateway.subgraphs.all['notifications']!.stop();
  let last = await events.next();
  while (!last.value.errors) last = await events.next();
  expect(last.value.errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true } }]);
  expect((await events.next()).done).toBe(true);
  await gateway.subgraphs.all['notifications']!.restart();
});
