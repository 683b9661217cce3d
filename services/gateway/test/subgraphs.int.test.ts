import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createLogger } from '@tael/platform/log';
import type { Patience } from '../src/subgraphs/subgraph.instance';
import { createUpstream } from '../src/subgraphs/subgraph.upstream';
import { startGateway, type TestGateway } from './gateway';
import { newPerson } from './issuer';
import { composeSupergraph, SDL } from './subgraphs';

const PATIENCE = { queryMs: 3_000, mutationMs: 10_000 };
const log = createLogger({ service: 'gateway', level: 'silent' });

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

test('an entity over two subgraphs is one answer, each request signed for its own body', async () => {
  const person = newPerson();
  const answer = await gateway.ask('{ viewer { id name points } }', { token: await gateway.issuer.token(person) });
  expect(answer.body).toEqual({ data: { viewer: { id: person, name: `name of ${person}`, points: 7 } } });
  const two = gateway.subgraphs.seen.slice(-2);
  expect(two.map((seen) => seen.subgraph)).toEqual(['accounts', 'rewards']);
  expect(new Set(two.map((seen) => seen.headers['x-tael-identity'])).size).toBe(2);
  expect(new Set(two.map((seen) => seen.identity.reference))).toEqual(new Set([answer.headers.get('x-request-id')]));
  expect(gateway.subgraphs.refused).toEqual([]);
});

test('equal queries of different people at the same time never share an answer', async () => {
  const people = [newPerson(), newPerson(), newPerson()];
  const tokens = await Promise.all(people.map((person) => gateway.issuer.token(person)));
  const asked = Array.from({ length: 60 }, (_, number) => number % 4);
  const answers = await Promise.all(
    asked.map((who) => gateway.ask('{ me viewer { id points } }', who < 3 ? { token: tokens[who]! } : {})),
  );
  const mixed = answers.filter((answer, index) => {
    const person = people[asked[index]!] ?? 'nobody';
    return (
      answer.body.data?.me !== person || answer.body.data.viewer.id !== person || answer.body.data.viewer.points !== 7
    );
  });
  expect(mixed).toEqual([]);
  expect(new Set(answers.map((answer) => answer.headers.get('x-request-id'))).size).toBe(60);
});

test('connections to subgraphs are kept', async () => {
  await gateway.ask('{ me }');
  const first = gateway.subgraphs.seen.at(-1)!.connection;
  for (let time = 0; time < 20; time++) await gateway.ask('{ me }');
  expect(gateway.subgraphs.seen.at(-1)!.connection).toBe(first);
});

test('variables arrive as they were sent', async () => {
  const variables = { text: '💸 "quoted" \\ \u2028', amount: '99999999999999999999999999.99' };
  const text = await gateway.ask('query ($text: String) { echo(text: $text) }', {
    variables: { text: variables.text },
  });
  expect(text.body.data.echo).toBe(variables.text);
  const amount = await gateway.ask('query ($amount: Decimal) { echo(amount: $amount) }', {
    variables: { amount: variables.amount },
  });
  expect(amount.body.data.echo).toBe(variables.amount);
});

describe('errors of subgraphs', () => {
  test('a refusal keeps its message, path and safe extensions, nothing else', async () => {
    const answer = await gateway.ask('{ fail(how: "forbidden") me }');
    expect(answer.body).toEqual({
      data: { fail: null, me: 'nobody' },
      errors: [
        {
          message: 'Your role may not do this.',
          path: ['fail'],
          extensions: { code: 'FORBIDDEN', retryable: false, reference: answer.headers.get('x-request-id') },
        },
      ],
    });
    expect(answer.status).toBe(200);
  });

  test('a fault is masked under its reference, and logged whole', async () => {
    const answer = await gateway.ask('{ fail(how: "sql") me }');
    const reference = answer.headers.get('x-request-id')!;
    expect(answer.body).toEqual({
      data: { fail: null, me: 'nobody' },
      errors: [
        {
          message: `Something went wrong on our side. Reference: ${reference}`,
          path: ['fail'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', reference },
        },
      ],
    });
    expect(gateway.logged()).toContain('wallet_pkey');
    expect(gateway.logged()).toContain(reference);
  });

  test.each<[string, object, string]>([
    [
      'query ($card: Card) { pick(card: $card) }',
      { card: { number: 4242424242424242 } },
      'Variable "$card" has an invalid value at "card.number"; String cannot represent a non string value.',
    ],
    [
      'query ($card: Card) { pick(card: $card) }',
      { card: { number: 'x', amount: '4242424242424242' } },
      'Variable "$card" has an invalid value at "card.amount"; Decimal must have a point',
    ],
    ['{ pick(card: { number: 4242424242424242 }) }', {}, 'String cannot represent a non string value.'],
    ['{ pick(card: { number: 4242 4242424242424242 }) }', {}, 'Syntax Error: Expected Name, found Int.'],
  ])('a value that %s refuses is not repeated (%j)', async (query, variables, message) => {
    const answer = await gateway.ask(query, { variables });
    expect(answer.body.errors?.map((error) => error.message)).toEqual([message]);
    expect(answer.text + gateway.logged()).not.toContain('42424242');
  });

  test('a field that the subgraph does not know after all is a fault of ours, not of the client', async () => {
    const other = await startGateway();
    try {
      other.replaceSupergraph(
        composeSupergraph({ merchants: SDL['merchants']!.replace('type Query {', 'type Query { ghost: Int ') }),
      );
      let answer = await other.ask('{ ghost }');
      const deadline = Date.now() + 5_000;
      while (answer.body.errors?.[0]?.extensions['code'] === 'GRAPHQL_VALIDATION_FAILED' && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        answer = await other.ask('{ ghost }');
      }
      expect(answer.body.errors?.map((error) => error.extensions['code'])).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(answer.text).not.toMatch(/secret|Query\.ghost|Cannot query/);
    } finally {
      await other.close();
    }
  });
});

describe('a subgraph that is away', () => {
  const away = async (name: string, work: () => Promise<void>): Promise<void> => {
    await gateway.subgraphs.all[name]!.stop();
    try {
      await work();
    } finally {
      await gateway.subgraphs.all[name]!.restart();
    }
  };
  const unavailable = (path: (string | number)[]): unknown => ({
    message: 'A part of the platform does not answer right now. Try again in a moment.',
    path,
    extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true, reference: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });

  test('leaves null where it contributed, and all the rest stands', async () => {
    const person = newPerson();
    const token = await gateway.issuer.token(person);
    await away('rewards', async () => {
      const answer = await gateway.ask('{ viewer { id points } me }', { token });
      expect(answer.body).toEqual({
        data: { viewer: { id: person, points: null }, me: person },
        errors: [unavailable(['viewer', 'points'])],
      });
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|rewards/);
    });
    const back = await gateway.ask('{ viewer { points } }', { token });
    expect(back.body).toEqual({ data: { viewer: { points: 7 } } });
  });

  test('is told at each null that it left: under response keys, with the places in lists', async () => {
    await away('rewards', async () => {
      const answer = await gateway.ask('{ all: people { id p: points } viewer { points } }');
      expect(answer.body.data).toEqual({
        all: [
          { id: '1', p: null },
          { id: '2', p: null },
        ],
        viewer: { points: null },
      });
      const { reference } = answer.body.errors![0]!.extensions;
      const lines = gateway.logged().split('\n');
      expect(lines.filter((line) => line.includes(reference) && line.includes('a subgraph is away'))).toHaveLength(1);
      const paths = answer.body.errors!.map(({ path }) => JSON.stringify(path)).sort();
      expect(paths).toEqual(['["all",0,"p"]', '["all",1,"p"]', '["viewer","points"]']);
      expect(answer.body.errors!.every(({ extensions }) => extensions['code'] === 'SUBGRAPH_UNAVAILABLE')).toBe(true);
    });
  });

  test('is told at the parent that a field took along which may not be null', async () => {
    const query = '{ favourites { id name title: name } }';
    expect((await gateway.ask(query)).body.data.favourites).toMatchObject([{ name: 'shop 1' }, null, { title: 'shop 2' }]);
    await away('merchants', async () => {
      const answer = await gateway.ask(query);
      expect(answer.body).toEqual({
        data: { favourites: [null, null, null] },
        errors: [unavailable(['favourites', 0]), unavailable(['favourites', 2])],
      });
    });
  });

  test('leaves null at its own root fields, beside those of others', async () => {
    await away('merchants', async () => {
      const answer = await gateway.ask('{ shop(id: "1") { name } me }');
      expect(answer.body).toEqual({ data: { shop: null, me: 'nobody' }, errors: [unavailable(['shop'])] });
    });
  });

  test('is told also where nothing else was asked', async () => {
    await away('merchants', async () => {
      const answer = await gateway.ask('{ shop(id: "1") { name } }', {
        headers: { accept: 'application/graphql-response+json' },
      });
      expect(answer.body).toEqual({ data: null, errors: [unavailable(['shop'])] });
      expect(answer.status).toBe(200);
    });
  });
});

describe('a connection', () => {
  // Answers the first request of a connection and drops the connection at the second, as a server that restarts would.
  async function flaky(work: (url: string, requests: () => number) => Promise<void>): Promise<void> {
    let requests = 0;
    const seen = new WeakSet<Socket>();
    const server = createServer((request, response) => {
      requests++;
      if (seen.has(request.socket)) return void request.socket.destroy();
      seen.add(request.socket);
      request.resume().on('end', () => response.end('{"data":{}}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const done = work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, () => requests);
    await done.finally(() => {
      server.close();
      server.closeAllConnections();
    });
  }

  const connect = (url: string, patience: Patience = PATIENCE): { post(isQuery: boolean): Promise<unknown>; close(): void } => {
    const upstream = createUpstream({ name: 'accounts', urls: [url], patience, log });
    return {
      post: async (isQuery) => {
        const { status, body } = await upstream.post({ body: '{}', headers: {}, isQuery });
        return { status, text: body.toString() };
      },
      close: () => upstream.close(),
    };
  };

  test('that was lost under a mutation is not tried again: it may have happened', () =>
    flaky(async (url, requests) => {
      const upstream = connect(url);
      await upstream.post(false);
      await expect(upstream.post(false)).rejects.toThrow();
      expect(requests()).toBe(2);
      upstream.close();
    }));

  test('that was lost under a query is tried again on a new one', () =>
    flaky(async (url, requests) => {
      const upstream = connect(url);
      await upstream.post(true);
      await expect(upstream.post(true)).resolves.toEqual({ status: 200, text: '{"data":{}}' });
      expect(requests()).toBe(3);
      upstream.close();
    }));

  test.each([
    [true, 'no answer within 100 ms'],
    [false, 'no answer within 300 ms'],
  ])('that does not answer in time is given up (a query: %s)', async (isQuery, message) => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const upstream = connect(url, { queryMs: 100, mutationMs: 300 });
    await expect(upstream.post(isQuery)).rejects.toThrow(message);
    upstream.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

test('a subgraph that hangs holds a query up for its time and no longer; a mutation has its own', async () => {
  const patient = { SUBGRAPH_QUERY_TIMEOUT_MS: 200, SUBGRAPH_MUTATION_TIMEOUT_MS: 5_000 };
  const other = await startGateway(patient);
  try {
    const late = await other.ask('{ wait(ms: 700) shop(id: "1") { name } }');
    expect(late.body).toMatchObject({
      data: { wait: null, shop: { name: 'shop 1' } },
      errors: [{ path: ['wait'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
    });
    expect((await other.ask('mutation { payLate(ms: 700) }')).body).toEqual({ data: { payLate: 'paid' } });
  } finally {
    await other.close();
  }
});
