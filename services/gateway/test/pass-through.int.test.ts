import { createLogger } from '@tael/platform/log';
import type { Identity } from '@tael/platform/identity';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, createGraph, type Graph, type OperationRequest } from '../src/graph/graph.runtime';
import { createAdmission } from '../src/limits/admission.check';
import { createRates } from '../src/limits/rate.service';
import { createSubgraphTransport, type SubgraphTransport } from '../src/subgraphs/subgraph.transport';
import { IDENTITY_KEYS } from './gateway';
import { composeSupergraph, startSubgraphs, type Subgraphs } from './subgraphs';

const log = createLogger({ service: 'gateway', level: 'silent' });
const WIDE = { perSecond: 1e6, burst: 1e6 };
const rates = createRates({ person: WIDE, anonymous: WIDE, network: WIDE, badTokens: WIDE });
const admission = createAdmission({ costMax: 100_000, rates });
const identity: Identity = {
  principal: { personId: '019abc00-1234-7abc-8def-0123456789ab', sessionId: 's', roles: ['CUSTOMER'] },
  locale: 'en',
  reference: 'a'.repeat(32),
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  address: '127.0.0.1',
};

interface Ways {
  readonly planned: Graph;
  readonly passing: Graph;
  close(): Promise<void>;
}

async function bothWays(urls: Readonly<Record<string, string>>): Promise<Ways> {
  const patience = { queryMs: 3_000, mutationMs: 3_000 };
  const transport: SubgraphTransport = createSubgraphTransport({ urls, identityKeys: IDENTITY_KEYS, patience, log });
  const settings = { supergraph: composeSupergraph(), transport, introspection: true, admission, log };
  const planned = await createGraph({ ...settings, passThrough: false });
  const passing = await createGraph(settings);
  return {
    planned,
    passing,
    async close() {
      await Promise.all([planned.retire(), passing.retire()]);
      transport.close();
    },
  };
}

const bytesOf = (answer: Answer): string => {
  if (answer.kind === 'stream') throw new Error('a stream');
  const written = answer.kind === 'executed' ? answer.written?.toString('utf8') : undefined;
  return `${answer.kind} ${written ?? JSON.stringify(answer.result)}`;
};
const wasPassed = (answer: Answer): boolean => answer.kind === 'executed' && answer.written !== undefined;

/** Asks a graph until it has learned the operation, and gives its answer with the runtime's beside it. */
async function compare(ways: Ways, request: OperationRequest): Promise<{ passed: boolean }> {
  const expected = bytesOf(await ways.planned.execute(request, identity, 'POST'));
  expect(bytesOf(await ways.passing.execute(request, identity, 'POST'))).toBe(expected);
  const second = await ways.passing.execute(request, identity, 'POST');
  expect(bytesOf(second)).toBe(expected);
  return { passed: wasPassed(second) };
}

describe('the answer is the same byte by byte as the runtime makes it', () => {
  let subgraphs: Subgraphs;
  let ways: Ways;
  beforeAll(async () => {
    subgraphs = await startSubgraphs(IDENTITY_KEYS);
    ways = await bothWays(subgraphs.urls);
  });
  afterAll(async () => {
    await ways.close();
    await subgraphs.close();
  });

  test.each<[string, boolean, string, Record<string, unknown>?, string?]>([
    ['one field', true, '{ me }'],
    ['an object', true, '{ viewer { id name } }'],
    ['null objects', true, '{ viewer { id friend { id name } } }'],
    ['lists', true, '{ people { id name } }'],
    ['a list of keys of another subgraph', true, '{ favourites { id } }'],
    ['aliases', true, '{ a: viewer { b: id c: name } d: viewer { id } }'],
    ['__typename', true, '{ viewer { __typename id } }'],
    ['__typename under an alias', true, '{ viewer { id kind: __typename } }'],
    ['__typename of the root', false, '{ __typename viewer { id } }'],
    ['fragments', true, '{ viewer { ...F ... on User { id } ... { name } } } fragment F on User { name friend { id } }'],
    ['fields that are asked for twice', true, '{ viewer { id } viewer { name } viewer { id friend { id } friend { name } } }'],
    ['variables', true, 'query ($t: String) { echo(text: $t) }', { t: '💸 "q" \\ \u2028 </script>' }],
    ['a default', true, 'query ($t: String = "given") { echo(text: $t) }'],
    ['a default that is overruled', true, 'query ($t: String = "given", $c: Int) { echo(text: $t, count: $c) }', { t: null, c: 3 }],
    ['variables that are not used', true, 'query ($c: Boolean = true) { me @include(if: $c) }', { other: 1 }],
    ['an input object', true, 'query ($card: Card) { pick(card: $card) }', { card: { number: '1', amount: '2.00' } }],
    ['@include', true, 'query ($y: Boolean!) { viewer { id name @include(if: $y) } }', { y: true }],
    ['@skip', true, 'query ($y: Boolean!) { me viewer @skip(if: $y) { id } }', { y: true }],
    ['@skip of everything', false, 'query ($y: Boolean!) { me @skip(if: $y) }', { y: true }],
    ['an operation by its name', true, 'query A { me } query B { viewer { id } }', {}, 'B'],
    ['a name that is not there', false, 'query A { me }', {}, 'C'],
    ['a mutation', true, 'mutation { payLate(ms: 1) }'],
    ['a mutation twice', true, 'mutation { a: payLate(ms: 1) b: payLate(ms: 2) }'],
    ['a refusal', false, '{ me fail(how: "forbidden") }'],
    ['a fault, masked', false, '{ fail(how: "sql") me }'],
    ['a missing sign-in', false, '{ fail(how: "unauthenticated") }'],
    ['a literal that a scalar refuses', false, '{ echo(amount: "no point") }'],
    ['a variable that a scalar refuses', false, 'query ($a: Decimal) { echo(amount: $a) }', { a: 'no point' }],
    ['a variable of another type', false, 'query ($t: String) { echo(text: $t) }', { t: 5 }],
    ['a variable that is missing', false, 'query ($y: Boolean!) { me @skip(if: $y) }'],
    ['an input field that is not there', false, 'query ($card: Card) { pick(card: $card) }', { card: { number: '1', pin: '2' } }],
    ['a field of another subgraph', false, '{ viewer { id points } }'],
    ['two subgraphs', false, '{ me shop(id: "1") { name } }'],
    ['introspection', false, '{ __schema { queryType { name } } }'],
    ['introspection among the fields', false, '{ me __type(name: "User") { name } }'],
    ['a document that is none', false, '{ me'],
    ['a document that is not valid', false, '{ nothing }'],
  ])('%s (passed: %p)', async (_what, passes, query, ...[variables, operationName]) => {
    const request = { query, ...(variables ? { variables } : {}), ...(operationName ? { operationName } : {}) };
    expect((await compare(ways, request)).passed).toBe(passes);
  });

  test.each([['{ me }'], ['{ me fail(how: "forbidden") }'], ['mutation { payLate(ms: 1) }']])(
    'however %s is answered, its subgraph is asked once, with the same variables and the same signed caller',
    async (query) => {
      await ways.passing.execute({ query }, identity, 'POST');
      const before = subgraphs.seen.length;
      await ways.passing.execute({ query }, identity, 'POST');
      expect(subgraphs.seen.slice(before).map((seen) => seen.identity)).toEqual([identity]);
    },
  );

  test('a subgraph that is away is told in the same way', async () => {
    await compare(ways, { query: '{ shop(id: "1") { id name } }' });
    await subgraphs.all['merchants']!.stop();
    try {
      expect((await compare(ways, { query: '{ shop(id: "1") { id name } }' })).passed).toBe(false);
    } finally {
      await subgraphs.all['merchants']!.restart();
    }
  });
});

describe('an answer that is not what was asked for goes through the runtime', () => {
  let body = '';
  let status = 200;
  let requests = 0;
  let server: Server;
  let ways: Ways;
  const query = '{ viewer { id name } me }';
  const good = '{"data":{"viewer":{"id":"1","name":"n"},"me":"x"}}';

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests++;
      request.resume().on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    ways = await bothWays({ accounts: url, merchants: url, rewards: url, notifications: url });
    body = good;
    expect((await compare(ways, { query })).passed).toBe(true);
  });
  afterAll(async () => {
    await ways.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each<[string, string, number?]>([
    ['a field too many', '{"data":{"viewer":{"id":"1","name":"n","secret":"s"},"me":"x"}}'],
    ['a field too few', '{"data":{"viewer":{"id":"1"},"me":"x"}}'],
    ['another order', '{"data":{"me":"x","viewer":{"name":"n","id":"1"}}}'],
    ['null where none may be', '{"data":{"viewer":{"id":null,"name":"n"},"me":"x"}}'],
    ['a list where an object belongs', '{"data":{"viewer":[{"id":"1","name":"n"}],"me":"x"}}'],
    ['nothing', '{"data":{}}'],
    ['null', '{"data":null}'],
    ['errors beside the data', '{"data":{"viewer":{"id":"1","name":"n"},"me":null},"errors":[{"message":"no","path":["me"],"extensions":{"code":"FORBIDDEN","secret":1}}]}'],
    ['extensions of its own', '{"data":{"viewer":{"id":"1","name":"n"},"me":"x"},"extensions":{"trace":"secret"}}'],
    ['no JSON', '<html>'],
    ['nothing at all', ''],
    ['a refused identity', good, 401],
    ['a fault', good, 500],
    ['a proxy that is alone', good, 502],
    ['too much to do', '{"errors":[{"message":"busy","extensions":{"code":"SERVICE_BUSY"}}]}', 503],
  ])('%s', async (_what, text, code = 200) => {
    [body, status] = [text, code];
    const before = requests;
    const result = await compare(ways, { query });
    expect(result.passed).toBe(false);
    expect(requests - before).toBe(3);
  });
});
