import { eventually } from '@tael/testkit';
import { buildASTSchema, getIntrospectionQuery, isObjectType, parse } from 'graphql';
import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { readDocuments } from '../../src/partners/document.store';
import { composePartnerSupergraph, composeSupergraph, MARKED_SDL } from '../subgraphs';
import { readAnswer, startGateway } from '../gateway';
import { ask, Bank, PARTNER_QUERY, type PartnerGateway, startPartnerGateway } from './bank';

const fieldsOf = (supergraph: string): string[] => {
  const schema = buildASTSchema(transformSupergraphToPublicSchema(parse(supergraph)), { assumeValid: true });
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
};
const SHOWN = new Set(fieldsOf(composePartnerSupergraph()));
const HIDDEN = fieldsOf(composeSupergraph(MARKED_SDL)).filter((field) => !SHOWN.has(field));
/** A document that selects one field, or one that does not exist, of the same length at the same place. */
const documentOf = (field: string, name?: string): string => {
  const [type, own] = field.split('.') as [string, string];
  const selected = name ?? own;
  if (type === 'Query') return `{ ${selected} }`;
  if (type === 'Mutation' || type === 'Subscription') return `${type.toLowerCase()} { ${selected} }`;
  return `{ partner { shops { ... on ${type} { ${selected} } } ... on ${type} { ${selected} } } }`;
};

let gateway: PartnerGateway;
let bank: Bank;
beforeAll(async () => {
  gateway = await startPartnerGateway();
  bank = await Bank.make();
});
afterAll(() => gateway.close());

test('the contract has what is marked and nothing else', () => {
  expect([...SHOWN].sort()).toEqual([
    'Bank.id', 'Bank.name', 'Bank.shops', 'Mutation.rename', 'Query.partner', 'Shop.id', 'Shop.name',
  ]);
  expect(HIDDEN.length).toBeGreaterThan(15);
});

describe('what is not marked', () => {
  test.each(HIDDEN.map((field) => [field]))('%s is answered like what does not exist', async (field) => {
    const before = gateway.subgraphs.seen.length;
    const name = field.split('.')[1]!;
    const nothing = `${name.slice(0, -1)}Q`;
    const [real, none] = [
      await bank.ask(gateway, { query: documentOf(field) }),
      await bank.ask(gateway, { query: documentOf(field, nothing) }),
    ];
    const without = ({ text }: { text: string }, word: string): string =>
      text.replace(/"reference":"\w+"/g, '').replaceAll(`\\"${word}\\"`, '…');
    expect(real.status).toBe(none.status);
    expect(without(real, name)).toBe(without(none, nothing));
    expect(real.body.errors!.map((error) => error.extensions['code'])).toContain('GRAPHQL_VALIDATION_FAILED');
    expect(real.text).not.toMatch(/Did you mean/);
    expect(gateway.subgraphs.seen.length).toBe(before);
  });

  test('an argument that is not marked is not there', async () => {
    const answer = await bank.ask(gateway, { query: 'mutation { rename(name: "x", force: true) { id } }' });
    expect(answer.body.errors).toMatchObject([{ message: 'Unknown argument "force" on field "Mutation.rename".' }]);
  });

  test.each<[string, string, unknown, unknown]>([
    ['a value of an enum', 'query ($v: ShopKind) { partner { shops(kind: $v) { id } } }', 'CLOSED', 'NOTHING'],
    ['a field of an input', 'mutation ($v: Renaming) { rename(name: "x", more: $v) { id } }', { secret: 'x' }, { nothin: 'x' }],
  ])('%s in a variable is not there', async (_what, query, hidden, nothing) => {
    // The second time it could go straight to its subgraph.
    const good = query.startsWith('query') ? 'OPEN' : { to: 'x' };
    for (let time = 0; time < 2; time++) expect((await bank.ask(gateway, { body: { query, variables: { v: good } } })).body.errors).toBeUndefined();
    const before = gateway.subgraphs.seen.length;
    const [real, none] = [
      await bank.ask(gateway, { body: { query, variables: { v: hidden } } }),
      await bank.ask(gateway, { body: { query, variables: { v: nothing } } }),
    ];
    expect(real.body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(real.body.errors![0]!.message.replace('secret', 'nothin')).toBe(none.body.errors![0]!.message);
    expect(gateway.subgraphs.seen.length).toBe(before);
  });

  test('a kind of operation that the contract does not have is not there, whatever it asks for', async () => {
    const merchants = MARKED_SDL['merchants']!.replace('Bank @tag(name: "partner")  close', 'Bank close');
    const folder = mkdtempSync(path.join(tmpdir(), 'tael-contract-'));
    const file = path.join(folder, 'partner.supergraph.graphql');
    writeFileSync(file, composePartnerSupergraph({ merchants }));
    const narrow = await startPartnerGateway({ PARTNER_SUPERGRAPH_FILE: file });
    try {
      const other = await Bank.make();
      for (const query of ['mutation { pay(key: "k") }', 'mutation { rename(name: "x") { id } }', 'mutation { nothing }', 'subscription { noticed { text } }']) {
        const answer = await other.ask(narrow, { query });
        expect(answer.body.errors).toMatchObject([{ message: expect.stringMatching(/^There is no (mutation|subscription) here\.$/) }]);
      }
      expect(narrow.subgraphs.seen).toEqual([]);
      expect(narrow.subgraphs.openSockets()).toBe(0);
    } finally {
      await narrow.close();
      rmSync(folder, { recursive: true });
    }
  });

  test('a name that is nearly one is not helped on', async () => {
    const answer = await bank.ask(gateway, { query: '{ partnr { id } }' });
    expect(answer.body.errors).toMatchObject([{ message: 'Cannot query field "partnr" on type "Query".' }]);
  });
});

test('what is marked is answered, over two levels, and changed', async () => {
  expect((await bank.ask(gateway, { query: '{ partner { shops(kind: OPEN) { id name } } }' })).body).toEqual({
    data: { partner: { shops: [{ id: '1', name: 'shop 1' }, { id: '2', name: 'shop 2' }] } },
  });
  expect((await bank.ask(gateway, { query: 'mutation { rename(name: "New") { name } }' })).body).toEqual({ data: { rename: { name: 'New' } } });
});

describe('introspection', () => {
  const query = getIntrospectionQuery();
  test('is off', async () => {
    const answer = await bank.ask(gateway, { query: '{ __schema { types { name } } }' });
    expect(answer.body.data).toBeUndefined();
    expect(answer.text).toContain('GraphQL introspection has been disabled');
  });

  test('shows the contract alone where a sandbox has it on', async () => {
    const sandbox = await startPartnerGateway({ PARTNER_INTROSPECTION: true });
    try {
      const answer = await bankOf(sandbox, query);
      const types = answer.body.data.__schema.types as { name: string; fields?: { name: string }[] }[];
      const shown = types.filter(({ name }) => !name.startsWith('__')).flatMap(({ name, fields }) => (fields ?? []).map((field) => `${name}.${field.name}`));
      expect(new Set(shown)).toEqual(SHOWN);
      expect(answer.text).not.toMatch(/Hidden|secret|note|viewer|join__|force/);
    } finally {
      await sandbox.close();
    }
  });
});

async function bankOf(at: PartnerGateway, query: string) {
  const other = await Bank.make();
  return other.ask(at, { query });
}

describe('is for programs that post JSON', () => {
  test.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('%s is refused', async (method) => {
    const url = `${gateway.partnerUrl}?query=${encodeURIComponent(PARTNER_QUERY)}`;
    const response = await fetch(url, { method, headers: { accept: 'text/html, application/json' } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('access-control-allow-methods')).toBeNull();
  });

  test.each(['https://app.tael.test', 'null', 'http://127.0.0.1'])('a page of %s is refused, with the best of tokens', async (origin) => {
    for (const [name, value] of [['origin', origin], ['sec-fetch-site', 'same-origin']] as const) {
      const before = gateway.subgraphs.seen.length;
      const answer = await bank.ask(gateway, { headers: { [name]: value } });
      expect([answer.status, answer.body.errors?.[0]?.extensions['code']]).toEqual([403, 'FORBIDDEN']);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(gateway.subgraphs.seen.length).toBe(before);
    }
  });

  test.each(['text/plain', 'application/graphql', 'application/x-www-form-urlencoded'])('%s is refused', async (type) => {
    expect((await bank.ask(gateway, { headers: { 'content-type': type } })).status).toBe(415);
  });

  test('a batch, a name twice and no JSON are refused', async () => {
    for (const body of [[{ query: PARTNER_QUERY }], `{"query":"{ partner { id } }","query":"{ banks { id } }"}`, '{', '']) {
      expect((await bank.ask(gateway, { body })).status).toBe(400);
    }
  });

  test('a WebSocket is refused', async () => {
    const socket = new WebSocket(gateway.partnerUrl.replace('http', 'ws'), 'graphql-transport-ws');
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('open', () => resolve('open'));
      socket.on('error', () => undefined);
    });
    expect(status).toBe(404);
  });

  test('an event stream is not served', async () => {
    expect((await bank.ask(gateway, { headers: { accept: 'text/event-stream' } })).status).toBe(406);
  });

  test('other paths beside it are not there', async () => {
    const paths = ['/partner', '/partner/', '/partner/graphql/', '/partner/GraphQL', '/partner/oauth', '/partner/oauth/auth', '/partner/oauth/../graphql/x'];
    for (const asked of paths) {
      const response = await fetch(new URL(asked, gateway.url), { method: 'POST' });
      expect([asked, response.status]).toEqual([asked, 404]);
    }
  });

  test('without its settings there is no partners’ door', async () => {
    const plain = await startGateway();
    try {
      for (const asked of ['/partner/graphql', '/partner/oauth/token', '/partner/oauth/jwks']) {
        expect((await fetch(new URL(asked, plain.url), { method: 'POST' })).status).toBe(404);
      }
    } finally {
      await plain.close();
    }
  });

  test('headers that only the house writes are not passed on', async () => {
    const forged = { 'x-tael-identity': 'v1.test.e30.AAAA', 'x-tael-client-certificate': 'AAAA', 'x-forwarded-for': '203.0.113.9' };
    expect((await bank.ask(gateway, { headers: forged })).status).toBe(200);
    const { headers, identity } = gateway.subgraphs.seen.at(-1)!;
    expect(headers['x-tael-identity']).not.toBe(forged['x-tael-identity']);
    expect([headers['x-tael-client-certificate'], headers['dpop'], headers['authorization']]).toEqual([undefined, undefined, undefined]);
    expect(identity.address).toBe('127.0.0.1');
  });
});

describe('the mark of a device (ADR 14)', () => {
  const MARK = 'abcdefghijklmnopqrstuvwxyz-_0123';
  const SIGN_IN = 'mutation { signIn(password: "right") { session { accessToken } } }';
  // A contract that lets somebody in, as ours never does: the door itself must keep no marks, whatever is shown there one day.
  const tag = '@tag(name: "partner")';
  const accounts = MARKED_SDL['accounts']!
    .replace('signIn(password: String!): Entry', `signIn(password: String! ${tag}): Entry ${tag}`)
    .replace('type Entry { session: Session', `type Entry { session: Session ${tag}`)
    .replace('type Session { accessToken: String!', `type Session { accessToken: String! ${tag}`);
  let open: PartnerGateway;
  let other: Bank;
  beforeAll(async () => {
    open = await startPartnerGateway({ DEVICE_COOKIE_ALLOW_HTTP: false }, { ...MARKED_SDL, accounts });
    other = await Bank.make();
  });
  afterAll(() => open.close());
  const given = ({ headers }: { headers: Headers }) => [headers.get('set-cookie'), headers.get('x-tael-device')];

  test.each<[string, Record<string, string>]>([
    ['no mark', {}],
    ['the cookie', { cookie: `__Host-tael-device=${MARK}` }],
    ['the header', { 'x-tael-device': MARK }],
  ])('is neither given to a bank that brings %s, nor told to accounts', async (_what, headers) => {
    const answer = await other.ask(open, { query: SIGN_IN, headers });
    expect(answer.body).toEqual({ data: { signIn: { session: { accessToken: 'token' } } } });
    expect(given(answer)).toEqual([null, null]);
    const { subgraph, identity, headers: told } = open.subgraphs.seen.at(-1)!;
    expect([subgraph, identity.partner?.clientId, identity.device]).toEqual(['accounts', other.clientId, undefined]);
    expect([told['cookie'], told['x-tael-device']]).toEqual([undefined, undefined]);
  });

  test('is given for the same operation at the door of people', async () => {
    const answer = await open.ask(SIGN_IN);
    expect(given(answer)).toEqual([expect.stringMatching(/^__Host-tael-device=/), expect.any(String)]);
  });
});

describe('rates', () => {
  test('are the bank’s own, as its newest token says, for all of its clients together', async () => {
    const one = await Bank.make();
    await one.greet(gateway);
    const token = await one.token(gateway, { claims: { rate: { perSecond: 1, burst: 6 } } });
    const answers = [];
    for (let time = 0; time < 8; time++) answers.push(await one.ask(gateway, { token }));
    const refused = answers.at(-1)!;
    expect([refused.status, refused.body.errors?.[0]?.extensions]).toMatchObject([429, { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) }]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const [second, more] = [await one.token(gateway, { claims: { client_id: 'other', sub: 'other' } }), await bank.ask(gateway)];
    expect(more.status).toBe(200);
    // Another client of the same bank, whose token says more: the bank has more from now on.
    expect((await one.ask(gateway, { token: second })).status).toBe(200);
  });

  test('of its network count as well', async () => {
    const narrow = await startPartnerGateway({ NETWORK_RATE: { perSecond: 1, burst: 20 } });
    try {
      const statuses = new Set<number>();
      const other = await Bank.make();
      for (let time = 0; time < 15; time++) statuses.add((await other.ask(narrow)).status);
      expect([...statuses].sort()).toEqual([200, 429]);
    } finally {
      await narrow.close();
    }
  });

  test('an operation that costs too much is refused before any subgraph is asked', async () => {
    const cheap = await startPartnerGateway({ COST_MAX: 2 });
    try {
      const answer = await bankOf(cheap, '{ partner { shops { id name } } }');
      expect(answer.body.errors).toMatchObject([{ extensions: { code: 'COST_LIMIT_EXCEEDED' } }]);
      expect(cheap.subgraphs.seen).toEqual([]);
    } finally {
      await cheap.close();
    }
  });
});

describe('documents that were agreed on', () => {
  const sum = createHash('sha256').update(PARTNER_QUERY).digest('hex');
  const folder = mkdtempSync(path.join(tmpdir(), 'tael-documents-'));
  const file = path.join(folder, 'documents.json');
  let production: PartnerGateway;
  let client: Bank;
  beforeAll(async () => {
    writeFileSync(file, JSON.stringify({ [sum]: PARTNER_QUERY }));
    production = await startPartnerGateway({ PARTNER_DOCUMENTS_FILE: file });
    client = await Bank.make();
  });
  afterAll(async () => {
    await production.close();
    rmSync(folder, { recursive: true });
  });

  test('run by their sums', async () => {
    const answer = await client.ask(production, { body: { documentId: `sha256:${sum}`, variables: {} } });
    expect(answer.body).toEqual({ data: { partner: { id: client.partnerId, name: client.clientId } } });
  });

  test.each<[string, unknown]>([
    ['a text', { query: PARTNER_QUERY }],
    ['a text beside an id', { query: '{ partner { shops { id } } }', documentId: `sha256:${sum}` }],
    ['an id that nobody agreed on', { documentId: `sha256:${'0'.repeat(64)}` }],
    ['an id of another form', { documentId: sum }],
    ['an id that every object has', { documentId: 'constructor' }],
    ['an id that is no text', { documentId: { $ne: '' } }],
    ['nothing', {}],
    ['an id with more in its path', { documentId: `sha256:${sum}/../../graphql` }],
  ])('%s is refused', async (_what, body) => {
    const ran = () => production.subgraphs.seen.filter((one) => one.body !== '').length;
    const before = ran();
    const answer = await client.ask(production, { body });
    expect([answer.status, answer.body.errors?.[0]?.extensions['code']]).toEqual([400, 'PERSISTED_DOCUMENT_REQUIRED']);
    expect(ran()).toBe(before);
  });

  test('where none were agreed on, an id is no document', async () => {
    expect((await bank.ask(gateway, { body: { documentId: `sha256:${sum}` } })).status).toBe(400);
  });

  test('a document under the sum of another is never taken', async () => {
    const wrong = path.join(folder, 'wrong.json');
    writeFileSync(wrong, JSON.stringify({ [sum]: '{ partner { id } }' }));
    await expect(readDocuments(wrong)).rejects.toThrow('has the sum');
  });
});

test('a request that stops halfway at the door of partners ends with the connection', async () => {
  const sent = httpRequest(gateway.partnerUrl, { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 100 } });
  sent.on('error', () => undefined);
  sent.write('{');
  await eventually(async () => expect(sent.socket?.connecting).toBe(false));
  sent.destroy();
  expect((await ask(gateway, {})).status).toBe(401);
  expect((await readAnswer(await fetch(new URL('/ready', gateway.url)))).status).toBe(200);
});
