import { createServer, type Server, type Socket } from 'node:net';
import { exchange } from '../src/channels/push.channel';

// Whoever subscribes names the push service, and may run it: one that never ends its answer must not hold a worker.
let server: Server;
let sockets: Socket[];
let timers: NodeJS.Timeout[];

/** A push service that says `first` and then a byte every 20 ms for ever. */
async function dripping(first: string): Promise<URL> {
  sockets = [];
  timers = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(first);
    timers.push(setInterval(() => socket.write('x'), 20));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/push`);
}

afterEach(async () => {
  timers.forEach((timer) => clearInterval(timer));
  sockets.forEach((socket) => socket.destroy());
  await new Promise((resolve) => server.close(resolve));
});

const push = { headers: {}, body: Buffer.from('message') };

it('A22: an answer that never ends counts by its first line, and its connection is closed at the deadline', async () => {
  const url = await dripping('HTTP/1.1 201 Created\r\ncontent-length: 1000000\r\n\r\n');
  expect(await exchange(url, push, 500)).toEqual({ status: 201, retryAfter: undefined });
  await new Promise((resolve) => sockets[0]!.once('close', resolve));
});

it('A22: headers that never end are given up at the deadline', async () => {
  const url = await dripping('HTTP/1.1 201 Created\r\nx-slow: ');
  expect(await exchange(url, push, 500)).toMatchObject({ fault: { code: 'ETIMEDOUT' }, sent: true });
});
