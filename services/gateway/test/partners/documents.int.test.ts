import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { OWN_DOCUMENTS, PUBLISH_DOCUMENT } from '../../src/partners/document.store';
import type { Answer } from '../gateway';
import { MARKED_SDL } from '../subgraphs';
import { ask, Bank, PARTNER_QUERY, type PartnerGateway, startPartnerGateway } from './bank';

// Documents that a bank has published: in production nothing else runs, and each bank runs its own.

const PUBLISHING = `
  input PublishDocumentsInput @tag(name: "partner") { documents: [String!]! }
  type PartnerDocument @tag(name: "partner") { id: ID! publishedAt: String }
  type UserError @tag(name: "partner") { code: String! message: String! field: [String!] }
  type PublishDocumentsPayload @tag(name: "partner") { documents: [PartnerDocument!] userErrors: [UserError!]! }
  extend type Mutation { publishDocuments(input: PublishDocumentsInput! @tag(name: "partner")): PublishDocumentsPayload @tag(name: "partner") }`;
const SDL = { ...MARKED_SDL, merchants: MARKED_SDL['merchants'] + PUBLISHING };
const [PUBLISH_ID] = [...OWN_DOCUMENTS.keys()] as [string];

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

let gateway: PartnerGateway;
beforeAll(async () => {
  gateway = await startPartnerGateway({}, SDL);
});
afterAll(() => gateway?.close());

/** A bank with a token that says this of its environment. */
async function bankOf(environment: string | undefined): Promise<{ bank: Bank; ask: (body: unknown) => Promise<Answer> }> {
  const bank = await Bank.make();
  const token = await bank.token(gateway, { claims: { environment } });
  return { bank, ask: (body) => bank.ask(gateway, { token, body }) };
}

const codeOf = ({ status, body }: Answer) => [status, body.errors?.[0]?.extensions['code']];
const asked = () => gateway.subgraphs.seen.filter(({ subgraph }) => subgraph === 'merchants');
const publish = (bank: Bank, text: string) => void gateway.subgraphs.documents.set(`${bank.partnerId}/${sumOf(text)}`, text);

test.each([['PRODUCTION'], [undefined]])('a bank of the environment %s runs no text of its own', async (environment) => {
  const { ask: send } = await bankOf(environment);
  for (const body of [{ query: PARTNER_QUERY }, { query: PARTNER_QUERY, documentId: `sha256:${sumOf(PARTNER_QUERY)}` }, { query: PUBLISH_DOCUMENT, variables: { input: { documents: [PARTNER_QUERY] } } }, {}])
    expect(codeOf(await send(body))).toEqual([400, 'PERSISTED_DOCUMENT_REQUIRED']);
});

test('a token that says another environment is none', async () => {
  const { bank } = await bankOf('SANDBOX');
  const token = await bank.token(gateway, { claims: { environment: 'ANY' } });
  expect(codeOf(await ask(gateway, { authorization: `DPoP ${token}`, dpop: await bank.proof(token) }))).toEqual([401, 'UNAUTHENTICATED']);
});

test('in the sandbox any text runs, and a published document by its id', async () => {
  const { bank, ask: send } = await bankOf('SANDBOX');
  expect((await send({ query: PARTNER_QUERY })).body.data.partner.id).toBe(bank.partnerId);
  publish(bank, '{ partner { id } }');
  expect((await send({ documentId: `sha256:${sumOf('{ partner { id } }')}` })).body).toEqual({ data: { partner: { id: bank.partnerId } } });
});

test.each([
  ['a variable that is null where its default stands', 'mutation ($i: PublishDocumentsInput = { documents: [] }) { publishDocuments(input: $i) { userErrors { code } } }', { i: null }, undefined],
  ['another operation of the same text', 'mutation A { publishDocuments(input: { documents: [] }) { userErrors { code } } } mutation B($x: PublishDocumentsInput!) { publishDocuments(input: $x) { userErrors { code } } }', {}, 'A'],
])('what cannot be read of a wish to publish does not end the whole request: %s', async (_name, query, variables, operationName) => {
  const { ask: send } = await bankOf('SANDBOX');
  const answer = await send({ query, variables, ...(operationName ? { operationName } : {}) });
  expect([answer.status, Object.keys(answer.body)]).toEqual([200, expect.arrayContaining(['data'])]);
});

test('in production a published document runs from the next request on, with its variables, and is looked up once', async () => {
  const { bank, ask: send } = await bankOf('PRODUCTION');
  const text = 'query Shops($kind: ShopKind) { partner { name shops(kind: $kind) { id } } }';
  const body = { documentId: `sha256:${sumOf(text)}`, variables: { kind: 'OPEN' } };
  expect(codeOf(await send(body))).toEqual([400, 'PERSISTED_DOCUMENT_REQUIRED']);
  publish(bank, text);
  expect((await send(body)).body).toEqual({ data: { partner: { name: bank.clientId, shops: [{ id: '1' }, { id: '2' }] } } });
  const lookUps = asked().filter((seen) => seen.body === '').length;
  for (let round = 0; round < 5; round += 1) expect((await send(body)).status).toBe(200);
  expect(asked().filter((seen) => seen.body === '')).toHaveLength(lookUps);
  expect(asked().at(-1)!.identity.partner).toMatchObject({ partnerId: bank.partnerId, environment: 'PRODUCTION' });
});

test('a document of another bank is unknown, also where the door has it in its memory', async () => {
  const [first, second] = [await bankOf('PRODUCTION'), await bankOf('PRODUCTION')];
  const text = '{ partner { id shops { name } } }';
  publish(first.bank, text);
  const body = { documentId: `sha256:${sumOf(text)}` };
  expect((await first.ask(body)).status).toBe(200);
  const [theirs, nobodys] = [await second.ask(body), await second.ask({ documentId: `sha256:${'0'.repeat(64)}` })];
  expect(codeOf(theirs)).toEqual([400, 'PERSISTED_DOCUMENT_REQUIRED']);
  const plain = ({ text: answer }: Answer) => answer.replace(/"reference":"[^"]*"/, '');
  expect(plain(theirs)).toBe(plain(nobodys));
});

test('a text that is not what its id says never runs', async () => {
  const { bank, ask: send } = await bankOf('PRODUCTION');
  gateway.subgraphs.documents.set(`${bank.partnerId}/${sumOf(PARTNER_QUERY)}`, '{ partner { shops { id } } }');
  expect((await send({ documentId: `sha256:${sumOf(PARTNER_QUERY)}` })).status).toBe(500);
});

test('while merchants is away what is known runs as far as it can, and what is not is to be asked for again', async () => {
  const { bank, ask: send } = await bankOf('PRODUCTION');
  publish(bank, '{ __typename }');
  const known = { documentId: `sha256:${sumOf('{ __typename }')}` };
  expect((await send(known)).status).toBe(200);
  await gateway.subgraphs.all['merchants']!.stop();
  try {
    expect((await send(known)).body).toEqual({ data: { __typename: 'Query' } });
    expect(codeOf(await send({ documentId: `sha256:${sumOf('{ partner { name } }')}` }))).toEqual([503, 'SERVICE_UNAVAILABLE']);
  } finally {
    await gateway.subgraphs.all['merchants']!.restart();
  }
});

describe('documents are published', () => {
  const published = () => asked().filter(({ body }) => body.includes('publishDocuments')).length;

  test('by the one document that every door has, whose id the page for banks tells', async () => {
    const { ask: send } = await bankOf('PRODUCTION');
    const before = published();
    const answer = await send({ documentId: PUBLISH_ID, variables: { input: { documents: [PARTNER_QUERY, 'query A { partner { id } } query B { partner { name } }'] } } });
    expect(answer.body).toEqual({ data: { publishDocuments: null } });
    expect(published()).toBe(before + 1);
    const page = readFileSync(path.join(__dirname, '..', '..', '..', '..', 'docs', 'partners', 'door.md'), 'utf8');
    expect(page).toContain(PUBLISH_ID);
  });

  const DEEP = `{ ${'partner { shops { '.repeat(1)}${'... on Shop { '.repeat(3)}id${' }'.repeat(3)} } } }`;
  const DEAR = `{ ${Array.from({ length: 15 }, (_none, index) => `a${index}: partner { ${'shops { id } '.repeat(10)} }`).join(' ')} }`;

  test.each([
    ['is no GraphQL', '{ partner { ', /Document 2: Syntax Error/],
    ['asks for what there is not', '{ partner { secret } }', /Document 2: Cannot query field "secret" on type "Bank"\./],
    ['asks for what is hidden', '{ banks { id } }', /Document 2: Cannot query field "banks" on type "Query"\./],
    ['costs too much', DEAR, /Document 2: It costs \d+; 1000 is allowed\./],
    ['has no operation', 'fragment F on Bank { id }', /Document 2: /],
    ['has too many aliases', `{ ${Array.from({ length: 16 }, (_none, index) => `a${index}: partner { id }`).join(' ')} }`, /Document 2: The operation has 16 aliases/],
  ])('but not one that %s, however the mutation is written', async (_what, text, message) => {
    const before = published();
    const { ask: send } = await bankOf('SANDBOX');
    const input = { documents: [DEEP, text] };
    const inline = `{ documents: ${JSON.stringify(input.documents)} }`;
    for (const body of [
      { documentId: PUBLISH_ID, variables: { input } },
      { query: 'mutation ($all: [String!]!) { x: publishDocuments(input: { documents: $all }) { userErrors { code } } }', variables: { all: input.documents } },
      { query: `mutation { ...M } fragment M on Mutation { ... on Mutation { publishDocuments(input: ${inline}) { userErrors { code } } } }` },
    ]) {
      const { body: answer } = await send(body);
      expect(answer.data).toBeUndefined();
      expect(answer.errors).toEqual([{ message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT', reference: expect.any(String), field: ['input', 'documents', '1'] } }]);
    }
    expect(published()).toBe(before);
  });

  test('where the bank may have an operation that costs more than everybody’s', async () => {
    const dear = await Bank.make();
    const input = { documents: [DEAR] };
    const asksWith = async (costMax: number) => {
      const token = await dear.token(gateway, { claims: { rate: { perSecond: 1_000, burst: 100_000, costMax } } as never });
      return dear.ask(gateway, { token, body: { documentId: PUBLISH_ID, variables: { input } } });
    };
    expect((await asksWith(1_500)).body.errors).toMatchObject([{ message: expect.stringMatching(/Document 1: It costs \d+; 1500 is allowed\./) }]);
    expect((await asksWith(50_000)).body).toEqual({ data: { publishDocuments: null } });
  });
});
