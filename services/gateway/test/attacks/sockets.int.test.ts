import { WebSocket } from 'ws';
import type { AppTimes } from '../../src/app';
import { OPEN_DOOR, startGateway, type TestGateway } from '../gateway';
import { newPerson } from '../issuer';
import { eventually, pause, whileServed } from './attack';

const LONG = 'subscription { noticed(count: 1000, pauseMs: 50) { text } }';

const gateways: TestGateway[] = [];
const sockets: WebSocket[] = [];
async function start(changes: Parameters<typeof startGateway>[0] = {}, times: AppTimes = {}): Promise<TestGateway> {
  const gateway = await startGateway({ ...OPEN_DOOR, ...changes }, { pollMs: 40, ...times });
  gateways.push(gateway);
  return gateway;
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

interface Opened {
  readonly socket: WebSocket;
  readonly messages: any[];
  /** How it ended: a status before it was a socket, a close code after. */
  readonly ended: Promise<{ status?: number; body?: string; code?: number }>;
  readonly opened: Promise<boolean>;
}

function open(gateway: TestGateway, headers: Record<string, string> = {}): Opened {
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws', { headers });
  sockets.push(socket);
  const messages: unknown[] = [];
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString())));
  socket.on('error', () => undefined);
  const ended = new Promise<{ status?: number; body?: string; code?: number }>((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (part: Buffer) => void (body += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode!, body }));
    });
    socket.once('close', (code) => resolve({ code }));
  });
  const opened = new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true));
    void ended.then(() => resolve(false));
  });
  return { socket, messages, ended, opened };
}

async function signedIn(gateway: TestGateway, token?: string): Promise<Opened> {
  const one = open(gateway);
  await one.opened;
  const payload = token ? { authorization: `Bearer ${token}` } : {};
  one.socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await Promise.race([eventually(() => one.messages.some(({ type }) => type === 'connection_ack')), one.ended]);
  return one;
}
const subscribe = ({ socket }: Opened, id: string, query: string): void =>
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));

/** Opens an event stream, and gives its status; it stays open until it is told to end. */
async function stream(gateway: TestGateway, token: string): Promise<{ status: number; end(): void }> {
  const ending = new AbortController();
  const headers = { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify({ query: LONG });
  const response = await fetch(gateway.url, { method: 'POST', headers, body, signal: ending.signal });
  return { status: response.status, end: () => ending.abort() };
}

describe('A12: sockets', () => {
  test('300 of one network that never say who they are: those past its number are refused, the others time out', async () => {
    const gateway = await start({ LIVE_PER_NETWORK_MAX: 50 });
    await whileServed(gateway, async () => {
      const all = Array.from({ length: 300 }, () => open(gateway));
      const opened = await Promise.all(all.map((one) => one.opened));
      expect(opened.filter(Boolean)).toHaveLength(50);
      const ends = await Promise.all(all.map((one) => one.ended));
      expect(ends.filter(({ code }) => code === 4408)).toHaveLength(50);
      const refused = ends.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(250);
      expect(JSON.parse(refused[0]!.body!).errors[0].extensions).toEqual({
        code: 'RATE_LIMITED',
        retryAfterSeconds: 5,
      });
    });
    const later = open(gateway);
    expect(await later.opened).toBe(true);
  });

  test('the signed-in count by person alone: hundreds of one network, behind one address of a carrier', async () => {
    const gateway = await start({ LIVE_PER_NETWORK_MAX: 4 });
    for (let n = 0; n < 12; n++) {
      const one = await signedIn(gateway, await gateway.issuer.token(newPerson()));
      expect(one.messages).toEqual([{ type: 'connection_ack' }]);
    }
    const anonymous = await Promise.all(Array.from({ length: 4 }, () => signedIn(gateway)));
    for (const one of anonymous) expect(one.messages).toEqual([{ type: 'connection_ack' }]);
    expect((await open(gateway).ended).status).toBe(429);
    // What was given back at connection_init is not given back again at the end.
    for (const socket of sockets.slice(0, 12)) socket.close();
    await Promise.all(sockets.slice(0, 12).map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    expect((await open(gateway).ended).status).toBe(429);
    anonymous[0]!.socket.close();
    await eventually(() => open(gateway).opened);
  });

  test('a page of another origin gets none', async () => {
    const gateway = await start();
    const evil = await open(gateway, { origin: 'https://evil.test' }).ended;
    expect([evil.status, JSON.parse(evil.body!).errors[0].extensions.code]).toEqual([403, 'FORBIDDEN']);
    expect(await open(gateway, { origin: 'https://app.tael.test' }).opened).toBe(true);
  });

  test('the eleventh of a person is closed; a place that is given back is free', async () => {
    const gateway = await start();
    const token = await gateway.issuer.token(newPerson());
    const ten = await Promise.all(Array.from({ length: 10 }, () => signedIn(gateway, token)));
    expect(await (await signedIn(gateway, token)).ended).toEqual({ code: 4429 });
    const other = await signedIn(gateway, await gateway.issuer.token(newPerson()));
    expect(other.messages[0]).toMatchObject({ type: 'connection_ack' });
    ten[0]!.socket.close();
    await eventually(async () => (await signedIn(gateway, token)).messages[0]?.type === 'connection_ack');
  });

  test('event streams share the places with sockets, and give them back', async () => {
    const gateway = await start({ LIVE_PER_PERSON_MAX: 3 });
    const token = await gateway.issuer.token(newPerson());
    await signedIn(gateway, token);
    const streams = [await stream(gateway, token), await stream(gateway, token)];
    expect((await stream(gateway, token)).status).toBe(429);
    expect(await (await signedIn(gateway, token)).ended).toEqual({ code: 4429 });
    streams[0]!.end();
    await eventually(async () => (await stream(gateway, token)).status === 200);
  });

  test('more operations than 20 at once are refused with a code', async () => {
    const gateway = await start();
    const one = await signedIn(gateway, await gateway.issuer.token(newPerson()));
    for (let n = 0; n < 22; n++) subscribe(one, String(n), LONG);
    await eventually(() => one.messages.filter(({ type }) => type === 'error').length === 2);
    const codes = one.messages.filter(({ type }) => type === 'error').map(({ payload }) => payload[0].extensions.code);
    expect(codes).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
  });

  test.each<[string, (socket: WebSocket) => void]>([
    ['messages', (socket) => socket.send('{"type":"ping"}')],
    ['operations', (socket) => socket.send('{"id":"1","type":"complete"}')],
    ['pings', (socket) => socket.ping()],
  ])('a flood of %s ends the socket, and others are served', async (_what, send) => {
    const gateway = await start();
    const one = await signedIn(gateway);
    await whileServed(gateway, async () => {
      for (let n = 0; n < 5_000; n++) send(one.socket);
      // A client that is still sending may lose the reason with the connection.
      expect([4429, 1006]).toContain((await one.ended).code);
    });
    expect(one.messages.filter(({ type }) => type === 'pong').length).toBeLessThan(150);
  });

  test('a message that is too large ends it', async () => {
    const gateway = await start();
    const one = await signedIn(gateway);
    one.socket.send('x'.repeat(300 * 1024));
    expect(await one.ended).toEqual({ code: 1009 });
  });

  test('what is no message of the protocol ends it', async () => {
    const gateway = await start();
    const one = await signedIn(gateway);
    one.socket.send('{"type":');
    expect(await one.ended).toEqual({ code: 4400 });
  });

  test('operations are counted by person and cost, as over HTTP', async () => {
    const gateway = await start({ PERSON_RATE: { perSecond: 1, burst: 30 } });
    const token = await gateway.issuer.token(newPerson());
    const one = await signedIn(gateway, token);
    for (let n = 0; n < 5; n++) subscribe(one, String(n), 'mutation { pay(key: "a") }');
    await eventually(() => one.messages.filter(({ type }) => type === 'error').length === 2);
    const { extensions } = one.messages.find(({ type }) => type === 'error').payload[0];
    expect(extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) });
    expect((await gateway.ask('mutation { pay(key: "a") }', { token })).status).toBe(429);
  });

  test('operations have their places with those over HTTP: past RUNNING_MAX each is refused at once, whoever asks', async () => {
    const gateway = await start({ RUNNING_MAX: 5 });
    const one = await signedIn(gateway);
    for (let n = 0; n < 20; n++) subscribe(one, String(n), '{ wait(ms: 2500) }');
    const told = (type: string): any[] => one.messages.filter((message) => message.type === type);
    await eventually(() => told('error').length === 15);
    expect(told('next')).toEqual([]);
    const busy = { code: 'SERVICE_BUSY', reference: expect.stringMatching(/^[0-9a-f]{32}$/), retryable: true, retryAfterSeconds: 1 };
    for (const { payload } of told('error')) expect(payload).toMatchObject([{ extensions: busy }]);
    expect((await gateway.ask('{ me }')).status).toBe(503);
    await eventually(() => told('next').length === 5);
    expect(gateway.subgraphs.seen.filter(({ body }) => body.includes('wait'))).toHaveLength(5);
    expect((await gateway.ask('{ me }')).status).toBe(200);
    subscribe(one, 'later', '{ me }');
    await eventually(() => told('next').length === 6);
  });

  test('subscriptions hold no place once they have begun', async () => {
    const gateway = await start({ RUNNING_MAX: 5 });
    const one = await signedIn(gateway, await gateway.issuer.token(newPerson()));
    for (let n = 0; n < 8; n++) {
      subscribe(one, String(n), LONG);
      await eventually(() => one.messages.some(({ type, id }) => type === 'next' && id === String(n)));
    }
    expect((await gateway.ask('{ me }')).status).toBe(200);
  });

  test('variables nested 10,000 levels deep are refused with a code', async () => {
    const gateway = await start();
    const one = await signedIn(gateway);
    const variables = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    one.socket.send(`{"id":"1","type":"subscribe","payload":{"query":"{ me }","variables":${variables}}}`);
    await eventually(() => one.messages.some(({ type }) => type === 'error'));
    expect(one.messages.find(({ type }) => type === 'error').payload[0].extensions.code).toBe('BAD_USER_INPUT');
  });

  test('one without operations is closed after a while; one with a subscription stays', async () => {
    const gateway = await start({}, { sockets: { idleMs: 400, idleCheckMs: 50 } });
    const busy = await signedIn(gateway);
    subscribe(busy, '1', LONG);
    const idle = await signedIn(gateway);
    expect(await idle.ended).toEqual({ code: 1000 });
    await pause(300);
    expect(busy.socket.readyState).toBe(WebSocket.OPEN);
  });
});
