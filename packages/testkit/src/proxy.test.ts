import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { eventually } from './eventually';
import { type Proxy, proxyTo } from './proxy';

let server: Server;
let proxy: Proxy;
let arrived = '';
const open = new Set<Socket>();

beforeEach(async () => {
  arrived = '';
  server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      arrived += String(data);
      socket.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await proxyTo(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
});

afterEach(async () => {
  await proxy.close();
  open.forEach((socket) => socket.destroy());
  await new Promise((resolve) => server.close(resolve));
});

async function client(): Promise<{ socket: Socket; received: () => string; end: Promise<string> }> {
  const socket = connect(proxy.port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => (text += String(data)));
  const end = new Promise<string>((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('close', () => resolve('closed'));
  });
  await once(socket, 'connect');
  return { socket, received: () => text, end };
}

async function echo(text: string): Promise<number> {
  const { socket, received } = await client();
  const begun = performance.now();
  socket.write(text);
  await eventually(() => expect(received()).toBe(text));
  socket.destroy();
  return performance.now() - begun;
}

it('hands both directions on, as they are', async () => {
  await echo('hello');
  expect(arrived).toBe('hello');
});

it('delays each direction', async () => {
  proxy.delay(100);
  expect(await echo('slow')).toBeGreaterThanOrEqual(195);
});

it('limits the bytes of a second', async () => {
  proxy.limit(10_000);
  expect(await echo('x'.repeat(1_000))).toBeGreaterThanOrEqual(190);
});

it('swallows everything in a black hole, and tells nobody; mended, those connections are reset', async () => {
  const { socket, received, end } = await client();
  socket.write('before');
  await eventually(() => expect(received()).toBe('before'));
  proxy.blackHole();
  socket.write('lost');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([arrived, received(), socket.closed]).toEqual(['before', 'before', false]);
  await proxy.mend();
  expect(await end).toMatch(/ECONNRESET|closed/);
  await echo('again');
});

it('cut resets what is open and refuses what is new, until it is mended', async () => {
  const { end } = await client();
  await proxy.cut();
  expect(await end).toMatch(/ECONNRESET|closed/);
  await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.mend();
  await echo('again');
});

it('resets a client after its words have reached the server, before an answer', async () => {
  const sprung = proxy.resetAfter('COMMIT');
  const { socket, end, received } = await client();
  socket.write('BEGIN;');
  await eventually(() => expect(received()).toBe('BEGIN;'));
  socket.write('COMMIT;');
  await sprung;
  expect(await end).toMatch(/ECONNRESET|closed/);
  await eventually(() => expect(arrived).toBe('BEGIN;COMMIT;'));
  await echo('COMMIT once more');
});

it('lets no answer through to a client that it resets, however fast the server is', async () => {
  for (let round = 0; round < 100; round += 1) {
    const sprung = proxy.resetAfter('COMMIT');
    const { socket, end, received } = await client();
    socket.write('COMMIT;');
    await sprung;
    await end;
    expect(received()).toBe('');
  }
});

it('resets only the client who has sent what it is to be known by', async () => {
  const sprung = proxy.resetAfter('COMMIT', 'key-7');
  await echo('key-8;COMMIT;');
  const { socket, end, received } = await client();
  socket.write('key-7;');
  await eventually(() => expect(received()).toBe('key-7;'));
  await echo('COMMIT of another;');
  socket.write('COMMIT;');
  await sprung;
  expect(await end).toMatch(/ECONNRESET|closed/);
});
