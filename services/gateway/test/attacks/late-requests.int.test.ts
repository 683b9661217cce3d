import { once } from 'node:events';
import { eventually, open, type RawConnection, requestText } from './attack';
import { OPEN_DOOR, startGateway, type TestGateway } from '../gateway';

// A 408 says that its request may be sent again as it is: so nobody may work on it, before or after, and no other request may get it.

const TIMES = { pollMs: 40, server: { headersMs: 400, requestMs: 800, silenceMs: 20_000 } };
const PAY = requestText('{"query":"mutation { pay(key: \\"late\\") }"}');

let gateway: TestGateway;
const connections: RawConnection[] = [];
beforeAll(async () => {
  gateway = await startGateway(OPEN_DOOR, TIMES);
});
afterEach(() => {
  for (const { socket } of connections.splice(0)) socket.destroy();
});
afterAll(() => gateway.close());

async function connected(bytes = ''): Promise<RawConnection> {
  const connection = open(gateway, bytes);
  connections.push(connection);
  await once(connection.socket, 'connect');
  return connection;
}

const payments = (): number => gateway.subgraphs.seen.filter(({ body }) => body.includes('pay(')).length;

/** Lets nothing happen in this process, and so not in the gateway: what others send waits in the kernel. */
function standStill(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test('what comes after the 408 of a slow request is not worked on', async () => {
  const [headers = '', body = ''] = PAY.split(/(?<=\r\n\r\n)/);
  for (const [first, rest] of [[headers.slice(0, 40), headers.slice(40) + body], [headers + body.slice(0, 9), body.slice(9)]] as const) {
    const slow = await connected(first);
    // The refusal and the rest of the request are on their way at the same time.
    slow.socket.once('data', () => slow.socket.write(rest));
    await slow.closed;
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 [^]*"code":"BAD_USER_INPUT","retryable":true/);
    expect(slow.text().match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  }
  await gateway.ask('{ me }');
  expect(payments()).toBe(0);
});

test('a request that is worked on is answered before the next one on its connection is told that it is slow', async () => {
  const connection = await connected(`${requestText('{"query":"{ wait(ms: 2500) }"}')}POST /graphql HTTP/1.1\r\nhost: x\r\nx-slow: `);
  await connection.closed;
  expect(connection.text()).toMatch(/^HTTP\/1\.1 200 [^]*"wait"[^]*\}HTTP\/1\.1 408 /);
});

test('nor does one that is no HTTP take the answer of the one before it', async () => {
  const connection = await connected(`${requestText('{"query":"{ wait(ms: 500) }"}')}hello\r\n\r\n${PAY}`);
  await connection.closed;
  expect(connection.text()).toMatch(/^HTTP\/1\.1 200 [^]*"wait"[^]*\}HTTP\/1\.1 400 /);
  expect(connection.text().match(/HTTP\/1\.1 \d/g)).toHaveLength(2);
});

// Last: for a while after it the gateway takes nobody for slow.
test('one that was sent at once is not told that it was slow where the gateway stood still, and is not worked on after it was refused', async () => {
  const prompt = await connected();
  await gateway.ask('{ me }');
  prompt.socket.write(PAY);
  standStill(2_500);
  await eventually(() => prompt.text() !== '');
  expect(prompt.text()).not.toMatch(/^HTTP\/1\.1 408/);
  const isRefused = /^HTTP\/1\.1 503 [^]*retry-after: 1\r\n[^]*"code":"SERVICE_BUSY","retryable":true/.test(prompt.text());
  await gateway.ask('{ me }');
  expect(payments()).toBe(isRefused ? 0 : 1);
  if (!isRefused) expect(prompt.text()).toMatch(/^HTTP\/1\.1 200 /);
});
