import pg from 'pg';
import { call, SECRET, startWorld, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await startWorld('sandbox_cards');
});
afterAll(() => world.end());

const headers = { authorization: `Bearer ${SECRET}` };
const card = (number: string) => ({
  number,
  expiryMonth: 12,
  expiryYear: 2030,
  securityCode: '737',
  holderName: 'Ada Canary',
});
const tokens = () => `${world.sandbox.url}/processor/tokens`;
const charges = () => `${world.sandbox.url}/processor/charges`;

async function tokenOf(number: string): Promise<string> {
  const answer = await call(tokens(), { json: card(number), headers });
  expect(answer.status).toBe(201);
  return answer.body['token'] as string;
}

function charge(key: string, token: string, amount = '1250') {
  return call(charges(), { json: { token, amount, currency: 'USD' }, headers: { ...headers, 'idempotency-key': key } });
}

test('says which numbers are of its list, which is everybody’s', async () => {
  const told = async (number: string) => (await call(tokens(), { json: card(number), headers })).body['testNumber'];
  expect([await told('4242424242424242'), await told('4000000000000002')]).toEqual([true, true]);
  expect([await told('5555555555554444'), await told('378282246310005')]).toEqual([false, false]);
});

async function rows(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const session = new pg.Client({ connectionString: world.database.url });
  await session.connect();
  try {
    return (await session.query(sql, values)).rows as Record<string, unknown>[];
  } finally {
    await session.end();
  }
}

test('a call without the secret is refused', async () => {
  expect((await call(tokens(), { json: card('4242424242424242') })).status).toBe(401);
  expect((await call(`${charges()}?key=x`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
});

test('a number that is none gets no token', async () => {
  expect((await call(tokens(), { json: card('4242424242424241'), headers })).status).toBe(422);
});

test('a charge succeeds once a key, also where twenty arrive at once', async () => {
  const token = await tokenOf('4242424242424242');
  const answers = await Promise.all(Array.from({ length: 20 }, () => charge('k-once', token)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveProperty('size', 1);
  expect(answers[0]).toMatchObject({ status: 200, body: { status: 'succeeded', amount: '1250', currency: 'USD' } });
  expect(await rows('SELECT 1 FROM charge WHERE idempotency_key = $1', ['k-once'])).toHaveLength(1);
  expect((await call(`${charges()}?key=k-once`, { headers })).body).toEqual(answers[0]!.body);
});

test('the same key for another amount is refused', async () => {
  const token = await tokenOf('4242424242424242');
  await charge('k-other', token);
  expect((await charge('k-other', token, '1251')).status).toBe(409);
});

test('4000000000000002 is declined when charged', async () => {
  expect((await charge('k-declined', await tokenOf('4000000000000002'))).body).toMatchObject({ status: 'declined' });
});

test.each([
  ['4000000000000341', 'k-fail-before', 404],
  ['4000000000000119', 'k-fail-after', 200],
])('%s answers 500 first; asked by key: %s %i', async (number, key, asked) => {
  const token = await tokenOf(number);
  expect((await charge(key, token)).status).toBe(500);
  expect((await call(`${charges()}?key=${key}`, { headers })).status).toBe(asked);
  expect((await charge(key, token)).body).toMatchObject({ status: 'succeeded' });
});

test.each([
  ['4000000000000127', 'k-silent-before', 404],
  ['4000000000000259', 'k-silent-after', 200],
])('%s never answers first; asked by key: %s %i', async (number, key, asked) => {
  const token = await tokenOf(number);
  const silent = fetch(charges(), {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ token, amount: '1250', currency: 'USD' }),
    signal: AbortSignal.timeout(400),
  });
  await expect(silent).rejects.toThrow(/timeout/i);
  expect((await call(`${charges()}?key=${key}`, { headers })).status).toBe(asked);
  expect((await charge(key, token)).body).toMatchObject({ status: 'succeeded' });
});

test('a knob makes the next charge fail, and only that one', async () => {
  const token = await tokenOf('4242424242424242');
  await call(`${world.sandbox.url}/faults`, { json: { channel: 'card', mode: 'fail', count: 1 } });
  expect((await charge('k-knob', token)).status).toBe(503);
  expect((await charge('k-knob', token)).status).toBe(200);
});

test('number, code and holder of a card stand in no table', async () => {
  await tokenOf('5555555555554444');
  const tables = await rows(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`);
  expect(tables.length).toBeGreaterThanOrEqual(5);
  const text = (
    await Promise.all(tables.map(({ table_name }) => rows(`SELECT t::text AS text FROM "${String(table_name)}" t`)))
  )
    .flat()
    .map((row) => row['text'])
    .join('\n');
  expect(text).toContain('tok_');
  expect(text).not.toMatch(/5555555555554444|737,|Ada Canary/);
});
