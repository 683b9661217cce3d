import { createLogger } from '@tael/platform/log';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createUpstream, type Upstream } from '../src/subgraphs/subgraph.upstream';
import { startGateway } from './gateway';

const log = createLogger({ service: 'gateway', level: 'silent' });
const PATIENCE = { queryMs: 3_000, mutationMs: 3_000 };
const BUSY = '{"errors":[{"message":"busy","extensions":{"code":"SERVICE_BUSY"}}]}';

/** Away for so long, an address is looked at every other second only. */
const SELDOM_MS = 2_500;
const lasting = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const eventually = async (check: () => boolean): Promise<void> => {
  const deadline = Date.now() + 8_000;
  while (!check()) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** One instance of a subgraph as the gateway meets it: it can be told to drain, to be busy, to hang, to die. */
interface Instance {
  readonly url: string;
  mode: 'well' | 'draining' | 'busy' | 'hanging' | 'dropping';
  requests: number;
  die(): Promise<void>;
  live(): Promise<void>;
}

async function startInstance(): Promise<Instance> {
  const sockets = new Set<Socket>();
  let server: Server;
  let port = 0;
  const instance: Instance = {
    get url() {
      return `http://127.0.0.1:${port}/graphql`;
    },
    mode: 'well',
    requests: 0,
    async die() {
      const closed = new Promise((resolve) => server.close(resolve));
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
    async live() {
      server = createServer((request, response) => {
        if (instance.mode === 'hanging') return;
        if (instance.mode === 'draining') response.setHeader('connection', 'close');
        if (request.url === '/ready') return void response.writeHead(instance.mode === 'draining' ? 503 : 200).end();
        instance.requests++;
        if (instance.mode === 'dropping') return void request.socket.destroy();
        request.resume().on('end', () => {
          if (instance.mode === 'busy') response.writeHead(503, { 'retry-after': '1' }).end(BUSY);
          // Long enough for requests to be under way whenever something happens.
          else setTimeout(() => response.end('{"data":{}}'), 5);
        });
      });
      server.on('connection', (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
    },
  };
  await instance.live();
  return instance;
}

describe('two instances of a subgraph', () => {
  let one: Instance;
  let two: Instance;
  let upstream: Upstream;
  beforeEach(async () => {
    [one, two] = await Promise.all([startInstance(), startInstance()]);
    upstream = createUpstream({ name: 'accounts', urls: [one.url, two.url], patience: PATIENCE, log });
  });
  afterEach(async () => {
    upstream.close();
    await Promise.all([one.die(), two.die()]);
  });
  const post = async (isQuery = false): Promise<number> =>
    (await upstream.post({ body: '{}', headers: {}, isQuery })).status;
  const many = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, () => post()));
  const healthOf = (instance: Instance): string => upstream.health().find(({ url }) => url === instance.url)!.health;

  test('share the work', async () => {
    await many(100);
    expect(one.requests + two.requests).toBe(100);
    expect(Math.min(one.requests, two.requests)).toBeGreaterThan(30);
  });

  test('a mutation that finds no connection goes to the other one, once; the lost one is left out and comes back', async () => {
    await one.die();
    expect(new Set(await many(20))).toEqual(new Set([200]));
    expect([one.requests, two.requests, healthOf(one)]).toEqual([0, 20, 'refusing']);
    await one.live();
    await eventually(() => healthOf(one) === 'up');
    await many(40);
    expect(one.requests).toBeGreaterThan(0);
  });

  test('one that was started again is found by everybody at once, where the other one ends before anybody looked', async () => {
    await one.die();
    await many(5);
    await lasting(SELDOM_MS);
    await one.live();
    await two.die();
    // Its end has to arrive on the connections that are kept: a mutation on one of them would be lost.
    await lasting(50);
    expect(new Set(await many(40))).toEqual(new Set([200]));
    await two.live();
  });

  test('one that says that it leaves has the others looked at, before it is gone', async () => {
    await one.die();
    await many(5);
    await lasting(SELDOM_MS);
    await one.live();
    two.mode = 'draining';
    await many(5);
    const begun = performance.now();
    await eventually(() => healthOf(one) === 'up');
    expect(performance.now() - begun).toBeLessThan(200);
  });

  test('a mutation whose connection was lost under it is not sent again, a query is', async () => {
    one.mode = two.mode = 'dropping';
    await expect(post()).rejects.toThrow();
    expect(one.requests + two.requests).toBe(1);
    two.mode = 'well';
    for (let time = 0; time < 10; time++) expect(await post(true)).toBe(200);
  });

  test('what one refuses with SERVICE_BUSY the other one does; where both refuse, the client is told', async () => {
    one.mode = 'busy';
    expect(new Set(await many(30))).toEqual(new Set([200]));
    two.mode = 'busy';
    expect(await post()).toBe(503);
  });

  test('one that hangs is left out within five seconds, and comes back when it answers', async () => {
    one.mode = 'hanging';
    const lost = Promise.allSettled(Array.from({ length: 10 }, () => post(true)));
    const began = Date.now();
    await eventually(() => healthOf(one) === 'silent');
    expect(Date.now() - began).toBeLessThan(5_000);
    await lost;
    const at = Date.now();
    expect(new Set(await many(20))).toEqual(new Set([200]));
    expect(Date.now() - at).toBeLessThan(1_000);
    one.mode = 'well';
    await eventually(() => healthOf(one) === 'up');
  }, 20_000);

  test('a rolling restart of both under load refuses nothing', async () => {
    let running = true;
    const results = { answered: 0, failed: 0 };
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (running) {
          await post().then(
            (status) => (status === 200 ? results.answered++ : results.failed++),
            () => results.failed++,
          );
        }
      }),
    );
    for (const instance of [one, two]) {
      await eventually(() => healthOf(one) === 'up' && healthOf(two) === 'up');
      instance.mode = 'draining';
      await eventually(() => healthOf(instance) === 'unready');
      // What was sent before is answered; then nobody sends anything more.
      let seen = -1;
      await eventually(() => seen === (seen = instance.requests));
      await instance.die();
      instance.mode = 'well';
      await instance.live();
    }
    await eventually(() => healthOf(one) === 'up' && healthOf(two) === 'up');
    running = false;
    await load;
    expect(results.failed).toBe(0);
    expect(results.answered).toBeGreaterThan(50);
  }, 30_000);
});

test('F21 a dead subgraph fails fast with a typed error while others answer, and SERVICE_BUSY is 503 with Retry-After', async () => {
  const instance = await startInstance();
  const gateway = await startGateway({ MERCHANTS_URL: instance.url });
  try {
    await instance.die();
    for (let time = 0; time < 5; time++) {
      const answer = await gateway.ask('{ shop(id: "1") { name } me }');
      expect(answer.body).toMatchObject({
        data: { shop: null, me: 'nobody' },
        errors: [{ path: ['shop'], extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true } }],
      });
    }
    await instance.live();
    instance.mode = 'busy';
    const busy = await gateway.ask('{ shop(id: "1") { name } }');
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1']);
    expect(busy.body.errors).toMatchObject([{ path: ['shop'], extensions: { code: 'SERVICE_BUSY', retryable: true } }]);
    const partly = await gateway.ask('{ shop(id: "1") { name } me }');
    expect([partly.status, partly.body.data]).toEqual([200, { shop: null, me: 'nobody' }]);
  } finally {
    await gateway.close();
    await instance.die();
  }
}, 20_000);

test('a gateway that is to stop says so for a while, answers what still comes, and ends the connection with it', async () => {
  const gateway = await startGateway({}, { graceMs: 400 });
  const closing = gateway.app.close();
  expect(gateway.app.health()).toMatchObject({ ready: false, parts: { door: { cause: 'draining' } } });
  const headers = await new Promise<string | undefined>((resolve, reject) => {
    const sent = httpRequest(gateway.url, { method: 'POST', headers: { 'content-type': 'application/json' } });
    sent.on('response', (response) => resolve(response.resume().headers.connection)).on('error', reject);
    sent.end('{"query":"{ me }"}');
  });
  expect(headers).toBe('close');
  await closing;
  await expect(gateway.ask('{ me }')).rejects.toThrow();
  await Promise.all([gateway.subgraphs.close(), gateway.issuer.close()]);
});
