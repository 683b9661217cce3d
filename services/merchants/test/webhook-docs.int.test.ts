import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@tael/testkit';
import { consume, deliveriesOf, must, newShop, payment, paymentIdOf, startWebhookWorld, type WebhookWorld } from './webhook-world';

const PAGE = join(__dirname, '../../../docs/partners/webhooks.md');

let world: WebhookWorld;
let folder: string;
let program: ChildProcess | undefined;
beforeAll(async () => {
  world = await startWebhookWorld('webhook_docs');
  folder = mkdtempSync(join(tmpdir(), 'webhook-docs-'));
});
afterAll(async () => {
  program?.kill();
  rmSync(folder, { recursive: true, force: true });
  await world?.stop();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

it('the receiver of the docs takes what Tael signs, and nothing else', async () => {
  const [, source] = /```js\n([\s\S]*?)```/.exec(readFileSync(PAGE, 'utf8'))!;
  writeFileSync(join(folder, 'receiver.mjs'), source!);
  const shop = await newShop(world);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/tael`;
  program = spawn(process.execPath, [join(folder, 'receiver.mjs')], {
    env: { PORT: String(port), TAEL_WEBHOOK_KEYS: shop.endpoint.keys[0]!.publicKey }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  program.stdout!.on('data', (chunk) => (printed += String(chunk)));
  await eventually(async () => expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401), { describe: 'the receiver listens' });
  await must(world.subject, shop.owner, 'mutation ($input: UpdateWebhookEndpointInput!) { updateWebhookEndpoint(input: $input) { userErrors { code } } }',
    { input: { endpointId: shop.endpoint.id, url } });
  const event = payment(shop.merchantId);
  await consume(world, [event]);
  await world.webhooks.deliveries.deliverDue(10);
  expect(await deliveriesOf(world, shop)).toMatchObject([{ status: 'DELIVERED', responseStatus: 204 }]);
  await eventually(() => expect(printed).toContain(paymentIdOf(event)), { describe: 'the receiver has printed it' });
  expect(printed.match(/type:/g)).toHaveLength(1);
});
