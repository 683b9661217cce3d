import { serverAudits } from 'graphql-http';
import { connect } from 'node:net';
import { getIntrospectionQuery } from 'graphql';
import { type Answer, readAnswer, startGateway, type TestGateway } from './gateway';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const post = async (body: string, headers: Record<string, string> = {}): Promise<Answer> =>
  readAnswer(
    await fetch(gateway.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }),
  );

describe('GraphQL over HTTP', () => {
  test('every server audit of graphql-http passes', async () => {
    const audits = serverAudits({ url: gateway.url });
    expect(audits).toHaveLength(61);
    const results = await Promise.all(audits.map((audit) => audit.fn()));
    expect(results.filter((result) => result.status !== 'ok').map((result) => `${result.id} ${result.name}`)).toEqual(
      [],
    );
  });

  test('a query by GET is answered, a mutation by GET is refused with 405 and changes nothing', async () => {
    const before = gateway.subgraphs.seen.length;
    const query = await readAnswer(await fetch(`${gateway.url}?query=${encodeURIComponent('{ echo(text: "hi") }')}`));
    expect(query.body.data).toEqual({ echo: 'hi' });
    expect(gateway.subgraphs.seen.length).toBe(before + 1);
    const mutation = await readAnswer(
      await fetch(`${gateway.url}?query=${encodeURIComponent('mutation { pay(key: "a") }')}`),
    );
    expect([mutation.status, mutation.headers.get('allow'), mutation.body.errors?.[0]?.extensions['code']]).toEqual([
      405,
      'POST',
      'BAD_USER_INPUT',
    ]);
    expect(gateway.subgraphs.seen.length).toBe(before + 1);
  });

  test('every answer carries its reference, the trace that the client began where it did', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const told = await gateway.ask('{ __typename }', { headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } });
    expect(told.headers.get('x-request-id')).toBe(trace);
    const own = await gateway.ask('{ __typename }');
    expect(own.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  test('GraphiQL can ask for the whole schema', async () => {
    const answer = await gateway.ask(
      getIntrospectionQuery({ descriptions: true, specifiedByUrl: true, inputValueDeprecation: true }),
    );
    expect(answer.body.errors).toBeUndefined();
    expect(answer.body.data.__schema.types.map((type: { name: string }) => type.name)).toContain('User');
  });
});

describe('what is malformed is refused with a code and no inside', () => {
  test.each([
    ['no JSON', '{"query":', {}, 400, 'BAD_USER_INPUT'],
    ['an array', '[{"query":"{__typename}"}]', {}, 400, 'BAD_USER_INPUT'],
    ['a number', '7', {}, 400, 'BAD_USER_INPUT'],
    ['an empty body', '', {}, 400, 'BAD_USER_INPUT'],
    ['no query', '{}', {}, 400, 'BAD_USER_INPUT'],
    ['a query that is no text', '{"query":{"a":1}}', {}, 400, 'BAD_USER_INPUT'],
    ['variables that are a list', '{"query":"{__typename}","variables":[1]}', {}, 400, 'BAD_USER_INPUT'],
    ['an operation name that is a number', '{"query":"{__typename}","operationName":1}', {}, 400, 'BAD_USER_INPUT'],
    [
      'malformed GraphQL',
      '{"query":"{ echo("}',
      { accept: 'application/graphql-response+json' },
      400,
      'GRAPHQL_PARSE_FAILED',
    ],
    [
      'an unknown field',
      '{"query":"{ nothing }"}',
      { accept: 'application/graphql-response+json' },
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'an unknown operation',
      '{"query":"query A { me }","operationName":"B"}',
      { accept: 'application/graphql-response+json' },
      400,
      'BAD_USER_INPUT',
    ],
    [
      'a variable of another type',
      '{"query":"query ($n: Int) { echo(count: $n) }","variables":{"n":"x"}}',
      { accept: 'application/graphql-response+json' },
      400,
      'BAD_USER_INPUT',
    ],
    [
      'an integer that is too large',
      '{"query":"query ($n: Int) { echo(count: $n) }","variables":{"n":99999999999}}',
      { accept: 'application/graphql-response+json' },
      400,
      'BAD_USER_INPUT',
    ],
    [
      'a federation field',
      '{"query":"{ _service { sdl } }"}',
      { accept: 'application/graphql-response+json' },
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a form', 'query={__typename}', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'BAD_USER_INPUT'],
    ['plain text', '{"query":"{__typename}"}', { 'content-type': 'text/plain' }, 415, 'BAD_USER_INPUT'],
    [
      'multipart',
      '{"query":"{__typename}"}',
      { 'content-type': 'multipart/form-data; boundary=x' },
      415,
      'BAD_USER_INPUT',
    ],
    [
      'another charset',
      '{"query":"{__typename}"}',
      { 'content-type': 'application/json; charset=utf-16' },
      415,
      'BAD_USER_INPUT',
    ],
    ['a compressed body', '{"query":"{__typename}"}', { 'content-encoding': 'gzip' }, 415, 'BAD_USER_INPUT'],
    ['an answer that cannot be given', '{"query":"{__typename}"}', { accept: 'image/png' }, 406, 'BAD_USER_INPUT'],
  ])('%s', async (_what, body, headers, status, code) => {
    const answer = await post(body, headers as Record<string, string>);
    expect([answer.status, answer.body.errors?.map((error) => error.extensions['code'])]).toEqual([status, [code]]);
    expect(answer.text).not.toMatch(/node_modules|\.[jt]s\b|at \w+ \(|127\.0\.0\.1|SyntaxError/);
    expect(answer.body.data).toBeUndefined();
  });

  test.each<[string, () => Promise<Answer>]>([
    ['data', () => gateway.ask('{ __typename }')],
    ['data by GET', async () => readAnswer(await fetch(`${gateway.url}?query=${encodeURIComponent('{ __typename }')}`))],
    ['what is refused', () => post('{')],
    ['another path', async () => readAnswer(await fetch(new URL('/else', gateway.url)))],
  ])('V14.3.2: no browser and no proxy keeps %s', async (_what, asked) => {
    expect((await asked()).headers.get('cache-control')).toBe('no-store');
  });

  test('other methods are refused', async () => {
    const answer = await readAnswer(await fetch(gateway.url, { method: 'DELETE' }));
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  test('other paths say where GraphQL is', async () => {
    const answer = await readAnswer(await fetch(new URL('/else', gateway.url)));
    expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('/graphql')]);
  });

  test.each([
    ['//%%/graphql', ''],
    ['/\\[x', ''],
    [
      '/\\[x',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\nSec-WebSocket-Version: 13\r\n',
    ],
    [
      '/graphqlx',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\nSec-WebSocket-Version: 13\r\n',
    ],
    ['graphql', ''],
  ])('a path that is none does no harm: %s %#', async (line, headers) => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
      socket.on('error', reject).once('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
      socket.write(`GET ${line} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await gateway.ask('{ me }')).status).toBe(200);
  });
});

describe('sizes', () => {
  const bodyOf = (size: number): string =>
    JSON.stringify({ query: 'query ($t: String) { echo(text: $t) }', variables: { t: 'x'.repeat(size) } });

  test('a body of 200 KiB is taken', async () => {
    expect((await post(bodyOf(200 * 1024))).body.data.echo).toHaveLength(200 * 1024);
  });

  test.each([[256 * 1024], [1024 * 1024], [6 * 1024 * 1024]])(
    'a string of %d bytes is refused with 413',
    async (size) => {
      const answer = await post(bodyOf(size));
      expect([answer.status, answer.body.errors?.[0]?.extensions['code']]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    },
  );

  test('a body without a length is measured too', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 20; part++) controller.enqueue(Buffer.alloc(64 * 1024, 32));
        controller.close();
      },
    });
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as never);
    expect(response.status).toBe(413);
  });

  test.each([
    ['1001 tokens', `{ ${'a '.repeat(1000)} }`, 'GRAPHQL_PARSE_FAILED'],
    ['a document of 33 thousand characters', `{ echo(text: "${'x'.repeat(33_000)}") }`, 'GRAPHQL_PARSE_FAILED'],
    ['11 levels', `{ viewer { ${'friend { '.repeat(9)} name ${'}'.repeat(9)} } }`, 'GRAPHQL_VALIDATION_FAILED'],
    ['16 aliases', `{ ${Array.from({ length: 16 }, (_, n) => `a${n}: me`).join(' ')} }`, 'GRAPHQL_VALIDATION_FAILED'],
    [
      '16 aliases in fragments',
      `{ viewer { ...F ...F friend { ...F ...F } } } fragment F on User { a: id b: id c: id d: id }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a fragment in itself', '{ viewer { ...F } } fragment F on User { friend { ...F } }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s are refused before any subgraph is asked', async (_what, query, code) => {
    const before = gateway.subgraphs.seen.length;
    const answer = await gateway.ask(query);
    expect(answer.body.errors?.map((error) => error.extensions['code'])).toContain(code);
    expect(gateway.subgraphs.seen.length).toBe(before);
  });

  test('10 levels and 15 aliases are taken', async () => {
    const deep = await gateway.ask(`{ viewer { ${'friend { '.repeat(8)} name ${'}'.repeat(8)} } }`);
    expect(deep.body.errors).toBeUndefined();
    const wide = await gateway.ask(`{ ${Array.from({ length: 15 }, (_, n) => `a${n}: me`).join(' ')} }`);
    expect(wide.body.errors).toBeUndefined();
  });
});

describe('web pages', () => {
  test('a listed origin may read the answer and is told so in the preflight', async () => {
    const origin = { origin: 'https://app.tael.test' };
    const preflight = await fetch(gateway.url, {
      method: 'OPTIONS',
      headers: { ...origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.tael.test');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const answer = await gateway.ask('{ __typename }', { headers: origin });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.tael.test');
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('access-control-expose-headers')).not.toContain('x-tael-device');
  });

  test.each(['https://evil.test', 'null', 'https://app.tael.test.evil.test'])('%s may not', async (origin) => {
    const preflight = await fetch(gateway.url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect(preflight.headers.get('access-control-allow-methods')).toBeNull();
    const answer = await gateway.ask('{ __typename }', { headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('a browser gets GraphiQL, whole and from here alone; / leads to it', async () => {
    const page = await fetch(new URL('/', gateway.url), { headers: { accept: 'text/html' } });
    expect([page.status, page.url, page.headers.get('content-type')]).toEqual([
      200,
      gateway.url,
      'text/html; charset=utf-8',
    ]);
    const html = await page.text();
    expect(html).toContain('YogaGraphiQL.renderYogaGraphiQL(');
    expect(html).not.toMatch(/<script[^>]+src=|<link[^>]+href="http|@import/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

test('without GraphiQL there is no page, no introspection and no hint at names', async () => {
  const closed = await startGateway({ GRAPHIQL: false });
  try {
    expect((await fetch(closed.url, { headers: { accept: 'text/html' } })).status).toBe(406);
    const introspection = await closed.ask('{ __schema { types { name } } }');
    expect(introspection.body.errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    const guess = await closed.ask('{ viewe { id } }');
    expect(guess.body.errors?.[0]?.message).toBe('Cannot query field "viewe" on type "Query".');
  } finally {
    await closed.close();
  }
});

test('/live and /ready answer', async () => {
  const live = await readAnswer(await fetch(new URL('/live', gateway.url)));
  expect([live.status, live.text]).toEqual([200, '{"live":true}']);
  const ready = await readAnswer(await fetch(new URL('/ready', gateway.url)));
  expect([ready.status, JSON.parse(ready.text)]).toEqual([
    200,
    { ready: true, parts: { graph: { ready: true }, tokenKeys: { ready: true }, door: { ready: true } } },
  ]);
});
