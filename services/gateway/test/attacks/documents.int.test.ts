import { gzipSync } from 'node:zlib';
import { startGateway, type TestGateway } from '../gateway';
import { type Answer, readAnswer } from '../gateway';
import { SDL } from '../subgraphs';
import { eventually, longestBlock, open, requestText, times, told, whileServed } from './attack';

const GRAPHQL = 'application/graphql-response+json';

/** People have a list of friends, each of whom has one. */
const FRIENDS = { ...SDL, accounts: SDL['accounts']!.replace('friend: User }', 'friend: User friends: [User!] }') };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({}, undefined, FRIENDS);
});
afterAll(() => gateway.close());

async function post(body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> {
  const sent = { 'content-type': 'application/json', accept: GRAPHQL, ...headers };
  return readAnswer(await fetch(gateway.url, { method: 'POST', headers: sent, body }));
}
const ask = (query: string, variables?: unknown): Promise<Answer> => post(JSON.stringify({ query, variables }));

/** Sends it many times while others are served, and expects the same refusal each time, and no word to a subgraph. */
async function refused(send: () => Promise<Answer>, expected: [number, string[]], count = 5): Promise<void> {
  const words = /node_modules|\.[jt]s\b|at \w+ \(|127\.0\.0\.1|SyntaxError|RangeError/;
  await whileServed(gateway, async () => {
    for (let time = 0; time < count; time++) {
      const answer = await send();
      expect(told(answer)).toEqual(expected);
      expect(answer.text).not.toMatch(words);
      expect(answer.text.length).toBeLessThan(30_000);
    }
  });
  expect(gateway.subgraphs.seen.filter(({ body }) => !body.includes('me'))).toEqual([]);
}

describe('A10: bodies that are made to harm', () => {
  const body = (variables: string): string =>
    `{"query":"query ($list: Int) { echo(count: $list) }","variables":${variables}}`;

  test.each<[string, string | Buffer<ArrayBuffer>, Record<string, string>, number, string]>([
    ['JSON that ends early', '{"query":"{ shop }"', {}, 400, 'BAD_USER_INPUT'],
    [
      '100,000 lists in one another',
      body(`{"list":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      {},
      400,
      'BAD_USER_INPUT',
    ],
    [
      '20,000 objects in one another',
      body(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
      {},
      400,
      'BAD_USER_INPUT',
    ],
    ['lists that never end', '['.repeat(200_000), {}, 400, 'BAD_USER_INPUT'],
    ['10,000 values in a list', body(`{"list":[${'1,'.repeat(9_999)}1]}`), {}, 400, 'BAD_USER_INPUT'],
    ['a query that stands twice', '{"query":"{ shop }","query":"mutation { pay }"}', {}, 400, 'BAD_USER_INPUT'],
    ['a variable that stands twice', body('{"list":1,"l\\u0069st":2}'), {}, 400, 'BAD_USER_INPUT'],
    ['__proto__ in the variables', body('{"__proto__":{"list":1}}'), {}, 400, 'BAD_USER_INPUT'],
    ['a byte order mark', `\ufeff${body('{}')}`, {}, 400, 'BAD_USER_INPUT'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), {}, 400, 'BAD_USER_INPUT'],
    [
      'a gzip bomb',
      Buffer.from(gzipSync(Buffer.alloc(50_000_000, 32))),
      { 'content-encoding': 'gzip' },
      415,
      'BAD_USER_INPUT',
    ],
    ['a deflated body', '{"query":"{ shop }"}', { 'content-encoding': 'deflate' }, 415, 'BAD_USER_INPUT'],
    ['a form', 'query=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'BAD_USER_INPUT'],
    ['text', '{"query":"{ shop }"}', { 'content-type': 'text/plain' }, 415, 'BAD_USER_INPUT'],
    ['XML', '<query/>', { 'content-type': 'application/xml' }, 415, 'BAD_USER_INPUT'],
    [
      'JSON by another name',
      '{"query":"{ shop }"}',
      { 'content-type': 'application/json-patch+json' },
      415,
      'BAD_USER_INPUT',
    ],
    ['a body of 300 KiB', body(`{"list":"${'x'.repeat(300_000)}"}`), {}, 413, 'PAYLOAD_TOO_LARGE'],
  ])('%s', async (_what, sent, headers, status, code) => {
    await refused(() => post(sent, headers), [status, [code]]);
  });

  test('__proto__ beside the query changes no prototype', async () => {
    const answer = await post('{"query":"{ me }","__proto__":{"variables":{"x":1},"polluted":1}}');
    expect(answer.body).toEqual({ data: { me: 'nobody' } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('100 MB that are announced: the client is told before it sends any of it', async () => {
    const headers = { 'content-length': '100000000', expect: '100-continue' };
    const connection = open(gateway, requestText('', headers));
    await connection.closed;
    expect(connection.text()).toMatch(/^HTTP\/1\.1 413 [^]*PAYLOAD_TOO_LARGE/);
    const small = JSON.stringify({ query: '{ me }' });
    const other = open(gateway, requestText(small, { expect: '100-continue' }));
    await eventually(() => other.text().includes('{"data":{"me":"nobody"}}'));
    expect(other.text()).toMatch(/^HTTP\/1\.1 100 Continue/);
    other.socket.destroy();
  });

  test('a body of 100 MB: the connection is cut long before its end, and nothing of it is kept', async () => {
    const part = Buffer.alloc(64 * 1024, 32);
    const before = process.memoryUsage();
    let sent = 0;
    const connection = open(
      gateway,
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000000\r\n\r\n',
    );
    await whileServed(gateway, async () => {
      while (sent < 100_000_000 && !connection.socket.destroyed && connection.socket.writable) {
        sent += part.length;
        const room = connection.socket.write(part);
        if (!room) {
          await Promise.race([new Promise((resolve) => connection.socket.once('drain', resolve)), connection.closed]);
        }
      }
      await connection.closed;
    });
    expect(sent).toBeLessThan(40_000_000);
    // Whoever is still sending when the connection ends may lose the answer with it.
    expect(connection.text()).toMatch(/^$|^HTTP\/1\.1 413 [^]*PAYLOAD_TOO_LARGE/);
    expect(process.memoryUsage().external - before.external).toBeLessThan(30_000_000);
  });
});

describe('A11: documents that are made to harm', () => {
  const nested = (levels: number): string =>
    `{ viewer { ${'friend { '.repeat(levels - 2)} id ${'}'.repeat(levels - 2)} } }`;
  const circle = 'fragment A on User { friend { ...B } } fragment B on User { friend { ...A } }';
  const doubled = times(40, (n) => `fragment F${n} on User { friend { ...F${n + 1} } x: friend { ...F${n + 1} } }`);

  test.each<[string, string, string]>(
    [
      ['depth 50', nested(50), 'GRAPHQL_VALIDATION_FAILED'],
      [
        'depth 50 in fragments',
        `{ viewer { ...F0 } } ${times(48, (n) => `fragment F${n} on User { friend { ...F${n + 1} } }`)} fragment F48 on User { id }`,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      ['depth 5,000', nested(5_000), 'GRAPHQL_PARSE_FAILED'],
      ['1,000 aliases', `{ ${times(1_000, (n) => `a${n}: shop(id: 1) { id }`)} }`, 'GRAPHQL_PARSE_FAILED'],
      ['300 aliases', `{ ${times(300, (n) => `a${n}: shopName`)} }`, 'GRAPHQL_VALIDATION_FAILED'],
      ['16 aliases', `{ ${times(16, (n) => `a${n}: shop(id: 1) { id }`)} }`, 'GRAPHQL_VALIDATION_FAILED'],
      ['circular fragments', `{ viewer { ...A } } ${circle}`, 'GRAPHQL_VALIDATION_FAILED'],
      ['a fragment in itself', '{ viewer { ...A } } fragment A on User { ...A }', 'GRAPHQL_VALIDATION_FAILED'],
      [
        'fragments that double 40 times',
        `{ viewer { ...F0 } } ${doubled} fragment F40 on User { id }`,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      ['a flood of directives', `{ viewer { id ${times(300, () => '@skip(if: 1)')} } }`, 'GRAPHQL_PARSE_FAILED'],
      ['directives that do not exist', `{ viewer { id ${times(400, () => '@x')} } }`, 'GRAPHQL_VALIDATION_FAILED'],
      ['one field 900 times', `{ ${times(900, () => 'shop')} }`, 'GRAPHQL_VALIDATION_FAILED'],
      ['one object 200 times', `{ ${times(200, () => 'viewer { id }')} }`, 'GRAPHQL_VALIDATION_FAILED'],
      [
        '90 fragments of the same',
        `{ viewer { ${times(90, (n) => `...F${n}`)} } } ${times(90, (n) => `fragment F${n} on User { id }`)}`,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      ['a list in a list in a list', '{ people { friends { friends { friends { id } } } } }', 'COST_LIMIT_EXCEEDED'],
      ['a document of 40,000 characters', `{ viewer { id } } #${'x'.repeat(40_000)}`, 'GRAPHQL_PARSE_FAILED'],
      [
        'lists in lists of introspection',
        `{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} }'.repeat(4)} } } }`,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      ['a federation field', '{ _entities(representations: []) { __typename } }', 'GRAPHQL_VALIDATION_FAILED'],
    ],
  )('%s', async (_what, query, code) => {
    const send = async (): Promise<Answer> => {
      const answer = await ask(query);
      const codes = new Set(answer.body.errors?.map((error) => error.extensions['code']));
      return { ...answer, body: { errors: [...codes].map((one) => ({ message: '', extensions: { code: one } })) } };
    };
    await refused(send, [400, [code]]);
  });

  test('a batch of 1,000', async () => {
    const batch = JSON.stringify(Array.from({ length: 1_000 }, () => ({ query: '{ shop }' })));
    await refused(() => post(batch), [400, ['BAD_USER_INPUT']]);
  });

  test('a mutation by GET', async () => {
    const url = `${gateway.url}?query=${encodeURIComponent('mutation { pay(key: "a") }')}`;
    await refused(async () => readAnswer(await fetch(url)), [405, ['BAD_USER_INPUT']]);
  });

  test('neither introspection nor names that were guessed at are told where GraphiQL is off', async () => {
    const closed = await startGateway({ GRAPHIQL: false });
    try {
      for (const query of [
        '{ __schema { types { name } } }',
        '{ __type(name: "User") { name } }',
        '{ viewr { id } }',
      ]) {
        const answer = await closed.ask(query, { headers: { accept: GRAPHQL } });
        const [status, codes] = told(answer);
        expect([status, [...new Set(codes)]]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
        expect(answer.text).not.toMatch(/viewer|Did you mean/);
      }
    } finally {
      await closed.close();
    }
  });
});

describe('F18: what the door itself does for a request is short', () => {
  test.each<[string, () => Promise<Answer>]>([
    ['1 MiB of query', () => ask(`{ ${'shop '.repeat(200_000)} }`)],
    [
      'the dearest document that passes the parser',
      () => ask(`{ ${times(130, (n) => `v${n}: viewer { friend { id } }`)} }`),
    ],
    ['200 KiB of brackets', () => post('['.repeat(200_000))],
    ['9,000 variables', () => post(`{"query":"{ shop }","variables":{"a":[${'1,'.repeat(9_000)}1]}}`)],
  ])('%s', async (_what, send) => {
    await send();
    const blocks: number[] = [];
    for (let time = 0; time < 5; time++) {
      blocks.push(
        await longestBlock(async () => {
          expect((await send()).status).toBeGreaterThanOrEqual(400);
        }),
      );
    }
    // The median: the machine has other work as well.
    expect(blocks.sort((a, b) => a - b)[2]).toBeLessThan(150);
  });
});
