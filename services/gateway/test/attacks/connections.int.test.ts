import { connect } from 'node:net';
import { type RawConnection, eventually, open, pause, requestText, told, whileServed } from './attack';
import { OPEN_DOOR, readAnswer, startGateway, type TestGateway } from '../gateway';

// Short, but longer than other work on the machine may keep this one process from a person's request: attackers live in it too.
const QUICK = { pollMs: 40, server: { headersMs: 1_500, requestMs: 3_000, silenceMs: 4_000 } };

const gateways: TestGateway[] = [];
const connections: RawConnection[] = [];
async function start(changes: Parameters<typeof startGateway>[0] = {}, times: Parameters<typeof startGateway>[1] = QUICK): Promise<TestGateway> {
  const gateway = await startGateway({ ...OPEN_DOOR, ...changes }, times);
  gateways.push(gateway);
  return gateway;
}
function connectTo(gateway: TestGateway, bytes = ''): RawConnection {
  const connection = open(gateway, bytes);
  connections.push(connection);
  return connection;
}
afterEach(async () => {
  for (const { socket } of connections.splice(0)) socket.destroy();
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

describe('F17: slow clients', () => {
  test('400 that send their headers a byte at a time are cut off, each with a reason, and others are served', async () => {
    const gateway = await start();
    const before = process.memoryUsage().heapUsed;
    await whileServed(gateway, async () => {
      const slow = Array.from({ length: 400 }, () =>
        connectTo(gateway, 'POST /graphql HTTP/1.1\r\nhost: x\r\nx-slow: '),
      );
      const dripping = setInterval(() => slow.forEach(({ socket }) => socket.writable && socket.write('a')), 100);
      await Promise.all(slow.map(({ closed }) => closed));
      clearInterval(dripping);
      for (const { text } of slow) expect(text()).toMatch(/^HTTP\/1\.1 408 [^]*"code":"BAD_USER_INPUT","retryable":true/);
    });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  });

  test('300 that send their bodies a byte at a time are cut off', async () => {
    const gateway = await start();
    await whileServed(gateway, async () => {
      const slow = Array.from({ length: 300 }, () => connectTo(gateway, requestText('', { 'content-length': '1000' })));
      const dripping = setInterval(() => slow.forEach(({ socket }) => socket.writable && socket.write(' ')), 100);
      await Promise.all(slow.map(({ closed }) => closed));
      clearInterval(dripping);
    });
  });

  test('one that never reads its answers is cut off', async () => {
    const gateway = await start();
    const query = '{ __schema { types { description fields { description type { name } args { name } } } } }';
    const connection = connectTo(gateway);
    connection.socket.pause();
    for (let n = 0; n < 12; n++) connection.socket.write(requestText(JSON.stringify({ query })));
    let isClosed = false;
    void connection.closed.then(() => (isClosed = true));
    await eventually(async () => {
      connection.socket.write(' ');
      connection.socket.resume();
      return isClosed;
    }, 15_000);
  });

  test('connections that send nothing at all are closed', async () => {
    const gateway = await start();
    const idle = Array.from({ length: 50 }, () => connectTo(gateway));
    await Promise.all(idle.map(({ closed }) => closed));
  });
});

describe('F17: many connections', () => {
  test('of one network: those past its number are refused with a code, those before them go on', async () => {
    const gateway = await start({ CONNECTIONS_PER_NETWORK_MAX: 20 });
    const first = Array.from({ length: 20 }, () => connectTo(gateway));
    await Promise.all(first.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    await pause(50);
    const late = connectTo(gateway);
    await late.closed;
    expect(late.text()).toMatch(/^HTTP\/1\.1 429 [^]*retry-after: 2[^]*"code":"RATE_LIMITED"/);
    first[0]!.socket.write(requestText('{"query":"{ me }"}'));
    await eventually(() => first[0]!.text().includes('{"data":{"me":"nobody"}}'));
    for (const { socket } of first) socket.destroy();
    await eventually(async () => {
      try {
        return (await gateway.ask('{ me }')).status === 200;
      } catch {
        return false;
      }
    });
  });

  test('in all: SERVICE_BUSY', async () => {
    const gateway = await start({ CONNECTIONS_MAX: 5 });
    for (let n = 0; n < 5; n++) connectTo(gateway);
    await pause(100);
    const late = connectTo(gateway);
    await late.closed;
    expect(late.text()).toMatch(/^HTTP\/1\.1 503 [^]*"code":"SERVICE_BUSY"/);
  });

  test('behind a proxy of ours its connections are not counted by network', async () => {
    const gateway = await start({ CONNECTIONS_PER_NETWORK_MAX: 2, TRUSTED_PROXY_HOPS: 1 });
    for (let n = 0; n < 5; n++) connectTo(gateway);
    await pause(100);
    expect((await gateway.ask('{ me }')).status).toBe(200);
  });

  test('hundreds of requests on one connection before an answer is read: those that it may have are answered, and the connection ends', async () => {
    const gateway = await start({}, { pollMs: 40 });
    const flood = connectTo(gateway, requestText('{"query":"{ wait(ms: 800) }"}').repeat(300));
    await whileServed(gateway, () => flood.closed);
    expect(flood.text().match(/HTTP\/1\.1 \d+/g)).toEqual([...Array<string>(16).fill('HTTP/1.1 200'), 'HTTP/1.1 429']);
    expect(flood.text()).toMatch(/"code":"RATE_LIMITED"[^]{0,60}$/);
    expect(gateway.subgraphs.seen.filter(({ body }) => body.includes('wait'))).toHaveLength(16);
  });

  test('thousands of small requests on each of some connections: those past their number take no place among those who wait', async () => {
    const gateway = await start({}, { pollMs: 40 });
    const floods = Array.from({ length: 3 }, () => connectTo(gateway, 'GET /live HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(1_500)));
    await whileServed(gateway, () => Promise.all(floods.map(({ closed }) => closed)));
    for (const flood of floods) {
      const answers = flood.text().match(/HTTP\/1\.1 \d+/g)!;
      expect([answers.length, answers.at(-1)]).toEqual([17, 'HTTP/1.1 429']);
    }
  });

  test('a few on one connection are answered in their order', async () => {
    const gateway = await start();
    const few = connectTo(gateway, [1, 2, 3].map((n) => requestText(`{"query":"{ echo(count: ${n}) }"}`)).join(''));
    await eventually(() => few.text().split('"echo"').length === 4);
    expect([...few.text().matchAll(/"echo":"(\d)"/g)].map((match) => match[1])).toEqual(['1', '2', '3']);
  });
});

describe('A10: what is no HTTP', () => {
  test.each<[string, string, RegExp]>([
    ['no HTTP at all', 'hello\r\n\r\n', /^HTTP\/1\.1 400 [^]*BAD_USER_INPUT/],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00', /^HTTP\/1\.1 400 [^]*BAD_USER_INPUT/],
    [
      '20 KiB of headers',
      `GET /graphql HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 [^]*PAYLOAD_TOO_LARGE/,
    ],
    [
      'two lengths',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a length and chunks',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    ['no host', 'GET /graphql HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
  ])('%s', async (_what, bytes, expected) => {
    const gateway = await start();
    const connection = connectTo(gateway, bytes);
    await eventually(() => expected.test(connection.text()));
    expect((await gateway.ask('{ me }')).status).toBe(200);
  });
});

describe('web pages', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['of a listed origin', { origin: 'https://app.tael.test', 'sec-fetch-site': 'cross-site' }, true],
    ['of another origin', { origin: 'https://evil.test' }, false],
    ['without an origin', { origin: 'null' }, false],
    ['that embed the address', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, false],
    ['no page at all', {}, true],
  ])('%s', async (_what, headers, may) => {
    const gateway = await start();
    for (const answer of [
      await gateway.ask('mutation { pay(key: "a") }', { headers }),
      await readAnswer(await fetch(`${gateway.url}?query={me}`, { headers })),
    ]) {
      expect(told(answer)).toEqual(may ? [200, undefined] : [403, ['FORBIDDEN']]);
    }
    expect(gateway.subgraphs.seen.length).toBe(may ? 2 : 0);
  });

  test.each(['TRACE', 'TRACK', 'CONNECT', 'DELETE'])('%s gives nothing back of what was sent', async (method) => {
    const gateway = await start();
    const { hostname, port } = new URL(gateway.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.end(`${method} /graphql HTTP/1.1\r\nHost: ${hostname}\r\nCookie: secret=1\r\nConnection: close\r\n\r\n`));
      let text = '';
      socket.on('data', (part) => (text += part.toString())).on('close', () => resolve(text)).on('error', reject);
    });
    expect(answer).not.toContain('secret');
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  });

  test('every answer says what browsers may do with it, and none what serves it', async () => {
    const gateway = await start();
    const headersOf = async (path: string, init: RequestInit = {}): Promise<Headers> =>
      (await fetch(new URL(path, gateway.url), { redirect: 'manual', ...init })).headers;
    const { headers: own } = await gateway.ask('{ me }');
    // What is somebody's own is kept by nobody on the way.
    expect(own.get('cache-control')).toBe('no-store');
    for (const headers of [
      own,
      (await gateway.ask('{ nothing')).headers,
      await headersOf('/nowhere'),
      await headersOf('/'),
      await headersOf('/live'),
      await headersOf('/graphql', { headers: { accept: 'text/html' } }),
    ]) {
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).toMatch(/base-uri '(none|self)'/);
      expect([headers.get('x-powered-by'), headers.get('server')]).toEqual([null, null]);
    }
    const plain = await start({ HSTS_SECONDS: 0 });
    expect((await plain.ask('{ me }')).headers.get('strict-transport-security')).toBeNull();
  });
});
