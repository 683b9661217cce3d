import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@tael/testkit';
import pg from 'pg';
import { BANK_IBANS } from '../src';
import { type Answer, call, callBank, clientKeys, signedAsClient, startWorld, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await startWorld('sandbox_bank');
});
afterAll(() => world.end());

type Behaviour = keyof typeof BANK_IBANS;

const at = (path: string) => `${world.sandbox.url}/bank/${path}`;
const openMandate = (iban: string) => callBank(at('mandates'), { json: { iban, holderName: 'Ada Canary' } });
const mandateOf = async (behaviour: Behaviour) => (await openMandate(BANK_IBANS[behaviour])).body['mandateId'] as string;
const order = (key: string, mandateId: string, kind = 'CREDIT', amount = '1250'): Promise<Answer> =>
  callBank(at('orders'), { json: { kind, mandateId, amount, currency: 'USD' }, headers: { 'idempotency-key': key } });
const ask = (key: string) => callBank(at(`orders?key=${key}`));
const cancel = (key: string) => callBank(at('orders/cancel'), { json: { key } });
const linesOf = async (key: string) => {
  const { body } = await callBank(at('statement?after=0&limit=500'));
  return (body['lines'] as { key: string; kind: string; amount: string; bookingId: string }[]).filter((line) => line.key === key);
};
const kindsOf = async (key: string) => (await linesOf(key)).map(({ kind, amount }) => `${kind} ${amount}`);

describe('what its client did not sign for this address, for now and for once is refused', () => {
  const json = { key: 'x' };
  const refused = (error: string) => ({ status: 401, body: { error } });

  test('nothing signed', async () => {
    for (const path of ['orders?key=x', 'statement']) expect(await call(at(path))).toEqual(refused('UNSIGNED'));
    expect(await call(at('orders/cancel'), { json, headers: { authorization: 'Bearer secret' } })).toEqual(refused('UNSIGNED'));
  });

  test('another body, another address, another key for the order', async () => {
    const headers = await signedAsClient(at('orders/cancel'), { json });
    expect(await call(at('orders/cancel'), { json: { key: 'y' }, headers })).toEqual(refused('ANOTHER_BODY'));
    expect(await call(at('orders'), { json, headers })).toEqual(refused('BAD_SIGNATURE'));
    expect(await call(at('orders/cancel'), { json, headers: { ...headers, 'idempotency-key': 'k' } })).toEqual(refused('BAD_SIGNATURE'));
    expect(await call(at('statement?after=1'), { headers: await signedAsClient(at('statement?after=0')) })).toEqual(refused('BAD_SIGNATURE'));
  });

  test('a request that was there before', async () => {
    const headers = await signedAsClient(at('statement'));
    expect((await call(at('statement'), { headers })).status).toBe(200);
    expect(await call(at('statement'), { headers })).toEqual(refused('REPLAYED'));
  });

  test('one for another bank, whatever host it names', async () => {
    const other = await startWorld('sandbox_other_bank', { bank: { clientKeys, address: 'https://other.example' } });
    try {
      const own = `${other.sandbox.url}/bank/statement`;
      expect(await call(own, { headers: await signedAsClient(own) })).toEqual(refused('BAD_SIGNATURE'));
      expect((await call(own, { headers: await signedAsClient('https://other.example/bank/statement') })).status).toBe(200);
    } finally {
      await other.end();
    }
  });

  test('one for another bank that names it as its target', async () => {
    const { hostname, port } = new URL(world.sandbox.url);
    const target = 'https://other.example/bank/statement';
    const headers = Object.entries(await signedAsClient(target)).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const text = await new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(Number(port), hostname, () => socket.write(`GET ${target} HTTP/1.1\r\nhost: other.example\r\n${headers}connection: close\r\n\r\n`));
      socket.on('data', (data) => void (received += data.toString())).on('error', reject).on('close', () => resolve(received));
    });
    expect(text).toMatch(/^HTTP\/1\.1 40[0-9] /);
    expect(text).not.toContain('"lines"');
  });

  test('what is signed and no JSON is a bad request, and takes nothing', async () => {
    expect((await callBank(at('orders'), { json: 'no order', headers: { 'idempotency-key': 'n' } })).status).toBe(400);
  });
});

test('an account that is none, and one that the bank does not have, get no mandate', async () => {
  for (const iban of ['DE88370400440532013000', BANK_IBANS['unknown-account']]) expect((await openMandate(iban)).status).toBe(422);
});

test('a mandate is given once a key, with deposits of its own, also where twenty ask at once', async () => {
  const under = (key: string) => callBank(at('mandates'), { json: { iban: BANK_IBANS['drawn-deposits'], holderName: 'Ada' }, headers: { 'idempotency-key': key } });
  const ids = (await Promise.all(Array.from({ length: 20 }, () => under('m-once')))).map(({ body }) => body['mandateId'] as string);
  expect(new Set(ids).size).toBe(1);
  const other = (await under('m-other')).body['mandateId'] as string;
  const deposits = (await call(at('deposits'))).body['deposits'] as { currency: string; amounts: string[] }[];
  expect(deposits).toHaveLength(2);
  const [ofOther, of] = deposits;
  expect(of!.amounts.join()).not.toBe(ofOther!.amounts.join());
  const confirm = (mandateId: string, given: object) => callBank(at('mandates/confirm'), { json: { mandateId, ...given } }).then(({ body }) => body['verified']);
  expect([await confirm(ids[0]!, ofOther!), await confirm(other, ofOther!), await confirm(ids[0]!, of!)]).toEqual([false, true, true]);
});

test('an order is carried out once a key, also where twenty arrive at once, and stands in the statement', async () => {
  const mandateId = await mandateOf('settle');
  const answers = await Promise.all(Array.from({ length: 20 }, () => order('k-once', mandateId)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 200, body: { status: 'SETTLED', amount: '1250', currency: 'USD' } });
  expect((await ask('k-once')).body).toEqual(answers[0]!.body);
  expect(await kindsOf('k-once')).toEqual(['BOOKED -1250']);
  await order('k-pull', mandateId, 'DEBIT');
  expect(await kindsOf('k-pull')).toEqual(['BOOKED 1250']);
  expect((await order('k-once', mandateId, 'CREDIT', '1251')).status).toBe(409);
});

test('a statement goes on after a position', async () => {
  const mandateId = await mandateOf('settle');
  for (const key of ['s-1', 's-2', 's-3']) await order(key, mandateId);
  const all = (await callBank(at('statement'))).body['lines'] as { position: string; key: string }[];
  const first = all.find((line) => line.key === 's-1')!;
  const { body } = await callBank(at(`statement?after=${first.position}&limit=1`));
  expect(body['lines']).toMatchObject([{ key: 's-2' }]);
});

test.each<[Behaviour, string, string[]]>([
  ['closed', 'FAILED', []], ['twice', 'SETTLED', ['BOOKED -1250', 'BOOKED -1250']],
])('%s: %s, and the statement says %j', async (behaviour, status, lines) => {
  expect((await order(`k-${behaviour}`, await mandateOf(behaviour))).body).toMatchObject({ status });
  expect(await kindsOf(`k-${behaviour}`)).toEqual(lines);
  expect(new Set((await linesOf(`k-${behaviour}`)).map(({ bookingId }) => bookingId)).size).toBeLessThan(2);
});

test.each<[Behaviour, string[]]>([
  ['slow', ['BOOKED -1250']], ['returned', ['BOOKED -1250', 'RETURNED 1250']], ['out-of-order', ['RETURNED 1250', 'BOOKED -1250']],
])('%s: in time the statement says %j', async (behaviour, lines) => {
  await order(`k-${behaviour}`, await mandateOf(behaviour));
  await eventually(async () => expect(await kindsOf(`k-${behaviour}`)).toEqual(lines), { timeoutMs: 10_000 });
});

test.each<[Behaviour, number]>([['cut-before', 404], ['cut-after', 200]])('%s: the connection breaks; asked by key: %i', async (behaviour, asked) => {
  const mandateId = await mandateOf(behaviour);
  await expect(order(`k-${behaviour}`, mandateId)).rejects.toThrow();
  expect((await ask(`k-${behaviour}`)).status).toBe(asked);
  expect((await order(`k-${behaviour}`, mandateId)).body).toMatchObject({ status: 'SETTLED' });
  expect(await linesOf(`k-${behaviour}`)).toHaveLength(1);
});

test.each<[Behaviour, number]>([['silent', 0], ['statement-only', 1]])('%s: neither order nor question is answered; %i lines', async (behaviour, count) => {
  const mandateId = await mandateOf(behaviour);
  const json = { kind: 'CREDIT', mandateId, amount: '1250', currency: 'USD' };
  const [ordering, asking] = [at('orders'), at(`orders?key=k-${behaviour}`)];
  const headers = await signedAsClient(ordering, { json, headers: { 'idempotency-key': `k-${behaviour}` } });
  const post = fetch(ordering, { method: 'POST', headers, body: JSON.stringify(json), signal: AbortSignal.timeout(400) });
  await expect(post).rejects.toThrow(/timeout/i);
  await expect(fetch(asking, { headers: await signedAsClient(asking), signal: AbortSignal.timeout(400) })).rejects.toThrow(/timeout/i);
  await sleep(500);
  expect(await linesOf(`k-${behaviour}`)).toHaveLength(count);
});

test('an order can be called off until it has moved money, and one that never came is not taken any more', async () => {
  const [slow, settle] = [await mandateOf('slow'), await mandateOf('settle')];
  expect((await order('c-slow', slow)).body).toMatchObject({ status: 'ACCEPTED' });
  expect((await cancel('c-slow')).body).toMatchObject({ status: 'CANCELLED' });
  expect((await order('c-slow', slow)).body).toMatchObject({ status: 'CANCELLED' });
  await order('c-settled', settle);
  expect((await cancel('c-settled')).body).toMatchObject({ status: 'SETTLED' });
  expect((await cancel('c-never')).body).toMatchObject({ status: 'CANCELLED' });
  expect((await order('c-never', settle)).body).toMatchObject({ status: 'CANCELLED' });
  expect((await ask('c-never')).body).toMatchObject({ status: 'CANCELLED' });
  expect(await linesOf('c-never')).toEqual([]);
});

test('an account that asks for two small deposits takes no order before they are named', async () => {
  const mandateId = await mandateOf('deposits');
  expect((await order('d-1', mandateId)).status).toBe(422);
  const confirm = (amounts: string[], currency = 'EUR') => callBank(at('mandates/confirm'), { json: { mandateId, amounts, currency } });
  expect((await confirm(['31', '45'])).body).toEqual({ verified: false });
  expect((await confirm(['32', '45'], 'USD')).body).toEqual({ verified: false });
  expect((await confirm(['45', '32'])).body).toEqual({ verified: true });
  expect((await order('d-1', mandateId)).body).toMatchObject({ status: 'SETTLED' });
});

test.each([['fail', 503], ['reject', 422]])('a knob makes the next order %s: %i, and only that one', async (mode, status) => {
  const mandateId = await mandateOf('settle');
  await call(`${world.sandbox.url}/faults`, { json: { channel: 'bank', mode, count: 1 } });
  expect((await order(`f-${mode}`, mandateId)).status).toBe(status);
  expect((await order(`f-${mode}`, mandateId)).status).toBe(200);
});

test('number and holder of an account stand in no table', async () => {
  await mandateOf('settle');
  const session = new pg.Client({ connectionString: world.database.url });
  await session.connect();
  try {
    const { rows } = await session.query(`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`);
    const texts = [];
    for (const { name } of rows) texts.push(...(await session.query(`SELECT t::text AS text FROM "${String(name)}" t`)).rows.map(({ text }) => text));
    expect(texts.join('\n')).toContain('mnd_');
    expect(texts.join('\n')).not.toMatch(/37040044|Ada Canary/);
  } finally {
    await session.end();
  }
});
