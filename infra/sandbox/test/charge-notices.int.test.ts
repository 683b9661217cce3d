import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@tael/testkit';
import { isGenuine } from '../src/webhooks/webhook.signature';
import { call, SECRET, startWorld, type World } from './world';

interface Heard {
  readonly id: string;
  readonly genuine: boolean;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const publicText = `whpk_${publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`;
const headers = { authorization: `Bearer ${SECRET}` };

// Somebody who wants to hear of charges: each test says how they answer.
let world: World;
let server: Server;
let heard: Heard[];
let refused: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => {
      const header = (name: string) => String(request.headers[name]);
      const message = { id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature'), body };
      heard.push({ id: message.id, genuine: isGenuine(message, [publicText], new Date()), ...JSON.parse(body) });
      response.writeHead(refused-- > 0 ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notices`;
  world = await startWorld('sandbox_notices', { chargeNotices: { url, privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64') } });
});
beforeEach(() => {
  heard = [];
  refused = 0;
});
afterAll(async () => {
  await world.end();
  await new Promise((resolve) => server.close(resolve));
});

async function charge(number: string, key: string) {
  const card = { number, expiryMonth: 12, expiryYear: 2030, securityCode: '737', holderName: 'Ada' };
  const token = await call(`${world.sandbox.url}/processor/tokens`, { json: card, headers });
  return call(`${world.sandbox.url}/processor/charges`, {
    json: { token: token.body['token'], amount: '1250', currency: 'USD' }, headers: { ...headers, 'idempotency-key': key },
  });
}
const ask = (key: string) => call(`${world.sandbox.url}/processor/charges?key=${key}`, { headers });
const hears = (...types: string[]) =>
  eventually(() => Promise.resolve(expect(heard.map(({ type }) => type)).toEqual(types)), { timeoutMs: 10_000 });

test('a charge is told of by a signed notice, which names it', async () => {
  const done = await charge('4242424242424242', 'k-told');
  await hears('charge.succeeded');
  expect(heard[0]).toMatchObject({
    genuine: true, data: { key: 'k-told', chargeId: done.body['chargeId'], status: 'succeeded', amount: '1250', currency: 'USD', returned: null },
  });
});

test('a declined one, too', async () => {
  await charge('4000000000000002', 'k-declined');
  await hears('charge.failed');
});

test('a notice that is not taken is sent again, under its id', async () => {
  refused = 2;
  await charge('4242424242424242', 'k-again');
  await hears('charge.succeeded', 'charge.succeeded', 'charge.succeeded');
  expect(new Set(heard.map(({ id }) => id)).size).toBe(1);
});

test('4000000000000044: one notice, twice at once', async () => {
  await charge('4000000000000044', 'k-twice');
  await hears('charge.succeeded', 'charge.succeeded');
  expect(heard[0]!.id).toBe(heard[1]!.id);
});

test('4000000000000051: first that the money went back, then that it came; who asks hears either', async () => {
  await charge('4000000000000051', 'k-order');
  await hears('charge.disputed', 'charge.succeeded');
  expect([(await ask('k-order')).body, (await ask('k-order')).body]).toMatchObject([{ status: 'succeeded', returned: 'disputed' }, { status: 'succeeded', returned: null }]);
});

test.each([['4000000000000069', 'disputed'], ['4000000000000093', 'refunded']])('%s: four seconds later the money is %s', async (number, returned) => {
  const key = `k-${returned}`;
  await charge(number, key);
  await hears('charge.succeeded');
  expect((await ask(key)).body).toMatchObject({ returned: null });
  await hears('charge.succeeded', `charge.${returned}`);
  expect((await ask(key)).body).toMatchObject({ status: 'succeeded', returned });
});

test('4000000000000036: says nothing to anybody, until its notice tells', async () => {
  const ordered = charge('4000000000000036', 'k-late').catch(() => 'cut');
  await eventually(async () => expect(await ask('k-late').catch(() => 'cut')).toBe('cut'));
  await hears('charge.succeeded');
  expect((await ask('k-late')).body).toMatchObject({ status: 'succeeded', amount: '1250' });
  void ordered;
});
