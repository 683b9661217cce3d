import { buildSchema, getOperationAST, parse } from 'graphql';
import type { ServerResponse } from 'node:http';
import { createPassThrough } from '../../src/graph/pass-through';
import type { QueryPlan } from '../../src/graph/query.plan';
import { pairwiseSubject } from '@tael/platform/pairwise';
import { newPerson } from '../issuer';
import type { Answer } from '../gateway';
import { startWorld, type World } from './world';

const SCORE = '{ viewer { name nordbankScore nordbankCredit { limit note } } }';
const MASKED = 'A partner bank does not answer right now. The rest of the answer stands; try again in a moment.';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
afterEach(() => {
  world.bank.answering = undefined;
});

const json = (response: ServerResponse, body: unknown): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));

async function as(person: string, query = SCORE, variables?: object): Promise<Answer> {
  return world.gateway.ask(query, { token: await world.gateway.issuer.token(person), ...(variables ? { variables } : {}) });
}

/** Changes what the bank says to the first entity that it was asked for. */
const changing = (change: (entity: any, data: any) => void) => {
  world.bank.answering = async (_request, response, honest) => {
    const body = JSON.parse(JSON.stringify(await honest()));
    change(body.data._entities?.[0], body.data);
    json(response, body);
  };
};

test('a bank adds to a person, and is told a reference and who they are to it alone', async () => {
  const person = newPerson();
  world.bank.asked.length = 0;
  const { body } = await as(person);
  expect(body).toEqual({ data: { viewer: { name: `name of ${person}`, nordbankScore: 7, nordbankCredit: { limit: '100.00', note: expect.stringMatching(/^for [\w-]{43}$/) } } } });
  const [asked, ...more] = world.bank.asked;
  expect(more).toEqual([]);
  expect(asked!.isSigned).toBe(true);
  expect(Object.keys(JSON.parse(asked!.body))).toEqual(['query', 'variables']);
  expect(Object.values(asked!.variables)).toEqual([[{ __typename: 'User', id: person }]]);
  expect(Object.keys(asked!.headers).sort()).toEqual([
    'accept', 'connection', 'content-digest', 'content-length', 'content-type', 'host', 'signature', 'signature-input', 'tael-subject',
  ]);
  expect(asked!.subject).not.toContain(person);
});

test('the name that a client gave its operation, its cookies and its trace stay here', async () => {
  world.bank.asked.length = 0;
  const token = await world.gateway.issuer.token(newPerson());
  await world.gateway.ask('query SecretCampaign { nordbank { name } viewer { nordbankScore } }', {
    token, operationName: 'SecretCampaign', headers: { cookie: 'a=secret', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  });
  expect(world.bank.asked.length).toBeGreaterThan(0);
  const sent = JSON.stringify(world.bank.asked);
  for (const secret of ['SecretCampaign', 'a=secret', '0af7651916cd43dd8448eb211c80319c', token]) expect(sent).not.toContain(secret);
});

test('who is not signed in is nobody to it', async () => {
  world.bank.asked.length = 0;
  const { body } = await world.gateway.ask('{ nordbank { name customer offers { id kind rate } } }');
  expect(body).toEqual({ data: { nordbank: { name: 'Nordbank', customer: null, offers: [{ id: '1', kind: 'HOME', rate: '3.10' }] } } });
  expect(world.bank.asked.map(({ subject, isSigned }) => [subject, isSigned])).toEqual([[undefined, true]]);
});

test('people who ask the same at once are asked for each, and hear each their own', async () => {
  const people = Array.from({ length: 8 }, newPerson);
  world.bank.asked.length = 0;
  const CUSTOMER = '{ nordbank { customer } }';
  const twice = await Promise.all([...people, ...people].map((person) => as(person, CUSTOMER)));
  const heard = twice.map(({ body }) => body.data.nordbank.customer);
  expect(new Set(heard).size).toBe(8);
  expect(heard.slice(0, 8)).toEqual(heard.slice(8));
  expect(world.bank.asked).toHaveLength(16);
  // Once more: nothing was kept.
  await as(people[0]!, CUSTOMER);
  expect(world.bank.asked).toHaveLength(17);
});

test('an operation that a bank answers whole does not take the straight way, where its answer would go on as it came', async () => {
  const schema = buildSchema('type Query { nordbank: String }');
  const document = parse('{ nordbank }');
  const operation = getOperationAST(document)!;
  const plan: QueryPlan = { node: { kind: 'Fetch', serviceName: 'partner-nordbank', operationKind: 'query', operation: '{nordbank}' } };
  const sent: string[] = [];
  const way = (answersDirectly: boolean) => {
    const send = async (subgraph: string) => (sent.push(subgraph), { error: new Error('away') });
    return createPassThrough({ schema, transport: { send, answersDirectly: () => answersDirectly } as never });
  };
  for (const answersDirectly of [false, true]) {
    const pass = way(answersDirectly);
    pass.learn(document, operation, plan);
    expect((await pass.pass({ operation, variables: {}, identity: {} as never })) === undefined).toBe(!answersDirectly);
  }
  expect(sent).toEqual(['partner-nordbank']);
});

test('another bank would know the person by another name', async () => {
  const person = newPerson();
  await as(person);
  const [one, two] = ['partner-1', 'partner-2'].map((partner) => pairwiseSubject(Buffer.alloc(32, 9), partner, person));
  expect(world.bank.asked.at(-1)!.subject).toBe(one);
  expect(one).not.toBe(two);
});

describe('what a bank says beyond its own', () => {
  test('is not there: a field that nobody asked for cannot take the place of ours', async () => {
    const person = newPerson();
    changing((entity) => Object.assign(entity, { name: 'Mallory', points: 1_000_000, id: 'somebody else', __typename: 'Shop' }));
    const { body } = await as(person, '{ viewer { id name points nordbankScore } }');
    expect(body).toEqual({ data: { viewer: { id: person, name: `name of ${person}`, points: 7, nordbankScore: 7 } } });
  });

  test.each<[string, (entity: any, data: any) => void, unknown]>([
    ['an object for a number', (entity) => (entity.nordbankScore = { a: 1 }), { nordbankScore: null, nordbankCredit: { limit: '100.00' } }],
    ['a text for an object', (entity) => (entity.nordbankCredit = 'much'), { nordbankScore: 7, nordbankCredit: null }],
    ['a list for an object', (entity) => (entity.nordbankCredit = [{ limit: '1.00' }]), { nordbankScore: 7, nordbankCredit: null }],
    ['an object for a decimal', (entity) => (entity.nordbankCredit.limit = { amount: '1.00' }), { nordbankScore: 7, nordbankCredit: null }],
    ['a text that is no decimal', (entity) => (entity.nordbankCredit.limit = '<b>1</b>'), { nordbankScore: 7, nordbankCredit: null }],
    ['null where its schema has none', (entity) => (entity.nordbankCredit.limit = null), { nordbankScore: 7, nordbankCredit: null }],
    ['too many entities', (_entity, data) => data._entities.push(data._entities[0]), { nordbankScore: null, nordbankCredit: null }],
    ['no entities', (_entity, data) => delete data._entities, { nordbankScore: null, nordbankCredit: null }],
    ['a text for entities', (_entity, data) => (data._entities = 'none'), { nordbankScore: null, nordbankCredit: null }],
  ])('%s is null with one masked error a field', async (_what, change, viewer) => {
    const person = newPerson();
    changing(change);
    const { body } = await as(person, '{ viewer { name nordbankScore nordbankCredit { limit } } }');
    expect(body.data).toEqual({ viewer: { name: `name of ${person}`, ...(viewer as object) } });
    const nulls = Object.entries(viewer as object).filter(([, value]) => value === null).map(([key]) => ['viewer', key]);
    expect(body.errors!.map(({ path }) => path)).toEqual(nulls);
    for (const error of body.errors!) expect([error.message, error.extensions['code']]).toEqual([MASKED, 'SUBGRAPH_UNAVAILABLE']);
  });

  test('an entity that it does not know is null and no error', async () => {
    changing((_entity, data) => (data._entities = [null]));
    const { body } = await as(newPerson(), '{ viewer { nordbankScore } }');
    expect(body).toEqual({ data: { viewer: { nordbankScore: null } } });
  });

  test('its errors are told in our words, at the fields that have nothing', async () => {
    const secret = 'password=hunter2 at db-7.bank.internal';
    world.bank.answering = (_request, response) => json(response, {
      data: { _entities: [{ __typename: 'User', nordbankScore: 3, nordbankCredit: null }] },
      errors: [{ message: secret, path: ['_entities', 0, secret], extensions: { code: 'FORBIDDEN', secret, stacktrace: [secret] } }],
    });
    const { body, text } = await as(newPerson());
    expect(body.data.viewer).toMatchObject({ nordbankScore: 3, nordbankCredit: null });
    expect(body.errors).toEqual([{ message: MASKED, path: ['viewer', 'nordbankCredit'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true, reference: expect.any(String) } }]);
    expect(text).not.toContain('hunter2');
    expect(world.gateway.logged()).not.toContain('hunter2');
  });

  test('its errors alone leave its fields null and everything else', async () => {
    world.bank.answering = (_request, response) => json(response, { errors: [{ message: 'hunter2' }] });
    const { body, text } = await as(newPerson(), '{ viewer { name nordbankScore } nordbank { name } }');
    expect(body.data).toEqual({ viewer: { name: expect.any(String), nordbankScore: null }, nordbank: null });
    expect(body.errors!.map(({ path }) => path?.join('.')).sort()).toEqual(['nordbank', 'viewer.nordbankScore']);
    expect(text).not.toContain('hunter2');
  });
});
