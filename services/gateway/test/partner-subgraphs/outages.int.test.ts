import { metricsText } from '@tael/platform/metrics';
import { eventually } from '@tael/testkit';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OPEN_MS } from '../../src/partner-subgraphs/breaker.domain';
import { PLACES } from '../../src/partner-subgraphs/partner-subgraph.caller';
import type { Answer } from '../gateway';
import { newPerson } from '../issuer';
import { startWorld, type World } from './world';

const MASKED = 'A partner bank does not answer right now. The rest of the answer stands; try again in a moment.';
const SCORE = '{ viewer { name nordbankScore } }';

let world: World;
let id = 0;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** Gives the bank a clean start: another publication has a breaker of its own. */
beforeEach(async () => {
  world.bank.answering = undefined;
  const slug = 'nordbank';
  const marker = `nordbankMark${(id += 1)}`;
  const { sdl } = world.entry();
  world.merchants.tell(world.entry({ id: `publication-${id}`, slug, sdl: sdl.replace('nordbankScore: Int', `nordbankScore: Int ${marker}: Int`) }));
  await eventually(async () => {
    const { body } = await world.gateway.ask('{ __type(name: "User") { fields { name } } }');
    expect(body.data.__type.fields.map(({ name }: { name: string }) => name)).toContain(marker);
  }, { timeoutMs: 10_000 });
  world.bank.asked.length = 0;
});

async function as(person: string, query = SCORE): Promise<Answer> {
  return world.gateway.ask(query, { token: await world.gateway.issuer.token(person) });
}

async function expectOneNull(): Promise<void> {
  const person = newPerson();
  const { body, status } = await as(person);
  expect(body.data).toEqual({ viewer: { name: `name of ${person}`, nordbankScore: null } });
  expect(body.errors).toEqual([
    { message: MASKED, path: ['viewer', 'nordbankScore'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true, reference: expect.any(String) } },
  ]);
  expect(status).toBe(200);
}

const write = (response: ServerResponse, status: number, headers: Record<string, string>, body: string): void => void response.writeHead(status, headers).end(body);
const JSON_TYPE = { 'content-type': 'application/json' };
const counted = async (outcome: string): Promise<number> =>
  Number(new RegExp(`tael_partner_subgraph_requests_total\\{slug="nordbank",outcome="${outcome}"\\} (\\d+)`).exec(await metricsText())?.[1] ?? 0);
const breaker = async (): Promise<string | undefined> => /tael_partner_subgraph_breaker\{slug="nordbank",state="(\w+)"\} 1/.exec(await metricsText())?.[1];

test.each<[string, string, (response: ServerResponse) => void]>([
  ['an answer that never comes', 'LATE', () => undefined],
  ['an answer that comes drop by drop', 'LATE', (response) => {
    response.writeHead(200, JSON_TYPE);
    const drops = setInterval(() => response.write(' '), 50);
    response.once('close', () => clearInterval(drops));
  }],
  ['an answer that is too large', 'TOO_LARGE', (response) => write(response, 200, JSON_TYPE, JSON.stringify({ data: 'x'.repeat(256 * 1024) }))],
  ['an error of its server', 'STATUS', (response) => write(response, 500, JSON_TYPE, '{"data":{}}')],
  ['a refusal of our signature', 'STATUS', (response) => write(response, 401, JSON_TYPE, '{}')],
  ['a page', 'CONTENT_TYPE', (response) => write(response, 200, { 'content-type': 'text/html' }, '{"data":{}}')],
  ['something packed', 'CONTENT_TYPE', (response) => write(response, 200, { ...JSON_TYPE, 'content-encoding': 'gzip' }, '{"data":{}}')],
  ['no JSON', 'NO_RESULT', (response) => write(response, 200, JSON_TYPE, '{"data":')],
  ['JSON that is no result', 'NO_RESULT', (response) => write(response, 200, JSON_TYPE, '[]')],
  ['JSON that is deeper than any', 'NO_RESULT', (response) => write(response, 200, JSON_TYPE, '['.repeat(200_000))],
  ['a cut connection', 'CONNECTION', (response) => response.socket?.destroy()],
  ['half an answer', 'CONNECTION', (response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
    response.write('{"data":', () => response.socket?.destroy());
  }],
])('%s leaves one field null', async (_what, outcome, answer) => {
  const before = await counted(outcome);
  world.bank.answering = (_request, response) => answer(response);
  await expectOneNull();
  expect(await counted(outcome)).toBe(before + 1);
});

test('a redirect is not followed', async () => {
  let followed = 0;
  const elsewhere = createServer((_request, response) => {
    followed += 1;
    write(response, 200, JSON_TYPE, '{"data":{"_entities":[{"nordbankScore":1}]}}');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
  for (const status of [302, 307, 308]) {
    world.bank.answering = (_request, response) => write(response, status, { location, ...JSON_TYPE }, '');
    await expectOneNull();
  }
  expect(followed).toBe(0);
  await new Promise((resolve) => elsewhere.close(resolve));
});

test('a kept connection that the bank closes is not seen by anybody', async () => {
  world.bank.answering = async (_request, response, honest) => {
    response.writeHead(200, JSON_TYPE).end(JSON.stringify(await honest()), () => setImmediate(() => response.socket?.destroy()));
  };
  for (let time = 0; time < 10; time++) expect((await as(newPerson())).body.errors).toBeUndefined();
});

test('after five failures in a row the bank is not asked; then one request tries, and closes or opens it again', async () => {
  world.bank.answering = (_request, response) => write(response, 500, JSON_TYPE, '{}');
  for (let time = 0; time < 5; time++) await expectOneNull();
  expect(world.bank.asked).toHaveLength(5);
  expect(await breaker()).toBe('OPEN');
  await Promise.all(Array.from({ length: 10 }, expectOneNull));
  expect(world.bank.asked).toHaveLength(5);
  // Others are not held up: neither what does not ask the bank, nor the rest of what does.
  expect((await as(newPerson(), '{ viewer { name points } }')).body.errors).toBeUndefined();
  await eventually(async () => expect(await breaker()).toBe('HALF_OPEN'), { timeoutMs: OPEN_MS + 10_000 });
  await Promise.all(Array.from({ length: 10 }, expectOneNull));
  expect(world.bank.asked).toHaveLength(6);
  expect(await breaker()).toBe('OPEN');
  world.bank.answering = undefined;
  await eventually(async () => expect((await as(newPerson())).body.data.viewer.nordbankScore).toBe(7), { timeoutMs: OPEN_MS + 10_000 });
  expect(await breaker()).toBe('CLOSED');
  expect((await as(newPerson())).body.errors).toBeUndefined();
});

test('a bank that is slow takes twenty requests and no more; the others go without it at once', async () => {
  const before = await counted('FULL');
  const held: (() => void)[] = [];
  world.bank.answering = (_request, response) => void held.push(() => response.destroy());
  const people = Array.from({ length: PLACES + 10 }, newPerson);
  const answers = await Promise.all(people.map((person) => as(person)));
  expect(answers.map(({ body }) => body.data.viewer.nordbankScore)).toEqual(people.map(() => null));
  expect(world.bank.asked).toHaveLength(PLACES);
  expect(await counted('FULL')).toBe(before + 10);
  held.forEach((release) => release());
});
