import { generateKeyPairSync, sign } from 'node:crypto';
import { call, startWorld, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await startWorld('sandbox_webhooks');
});
afterAll(() => world?.end());

const pair = generateKeyPairSync('ed25519');
// Not as a JWK: of a key that was just made Node 20 may hang there (scripts/keys/signing-key.mjs says why).
const publicKey = `whpk_${pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`;

function message(id: string, { at = Date.now(), body = { type: 'webhook.test' } } = {}) {
  const timestamp = String(Math.floor(at / 1_000));
  const signature = sign(null, Buffer.from(`${id}.${timestamp}.${JSON.stringify(body)}`), pair.privateKey).toString('base64');
  return { json: body, headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1a,AAAA v1a,${signature}` } };
}

async function receiver(): Promise<string> {
  const { body } = await call(`${world.sandbox.url}/webhooks`, { method: 'POST' });
  return String(body['url']);
}

it('keeps what came, and checks each signature of it', async () => {
  const url = await receiver();
  await call(url, { method: 'PUT', json: { publicKeys: [publicKey] } });
  const genuine = message('m1');
  const forged = { ...genuine, json: { type: 'forged' } };
  const old = message('m3', { at: Date.now() - 600_000 });
  expect(await Promise.all([genuine, forged, old].map(async (one) => (await call(url, one)).status))).toEqual([204, 401, 401]);
  const { body } = await call(url);
  const webhooks = body['webhooks'] as { id: string; verified: boolean; body: string }[];
  expect(webhooks.map(({ verified }) => verified).sort()).toEqual([false, false, true]);
  expect(JSON.parse(webhooks.find(({ verified }) => verified)!.body)).toEqual({ type: 'webhook.test' });
});

it.each([['fail', 500], ['gone', 410]])('answers as it was told (%s), so often, and then accepts', async (behaviour, status) => {
  const url = await receiver();
  expect((await call(url, { method: 'PUT', json: { behaviour, count: 2 } })).status).toBe(204);
  const statuses = [];
  for (let index = 0; index < 3; index++) statuses.push((await call(url, message(`m${index}`))).status);
  expect(statuses).toEqual([status, status, 204]);
});

it('knows no receiver that was not made, and takes no key that is none', async () => {
  expect((await call(`${world.sandbox.url}/webhooks/none`, message('m1'))).status).toBe(404);
  expect((await call(await receiver(), { method: 'PUT', json: { publicKeys: ['whsec_AAAA'] } })).status).toBe(400);
});
