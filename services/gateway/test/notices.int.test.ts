import { IDENTITY_HEADER, identityKeysFor, verifyIdentity } from '@tael/platform/identity';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IDENTITY_KEYS, startGateway, type TestGateway } from './gateway';

interface Passed {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

// The door of the card processor: what of a notice gets to accounts, and what comes back.
let gateway: TestGateway;
let accounts: Server;
let passed: Passed[];
let answer: number;
beforeAll(async () => {
  accounts = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => (body += part)).on('end', () => {
      if (request.method === 'POST') passed.push({ path: request.url, headers: request.headers, body });
      response.writeHead(answer, { 'x-inside': 'yes' }).end('{"error":"of the inside"}');
    });
  });
  await new Promise<void>((resolve) => accounts.listen(0, '127.0.0.1', resolve));
  // The first instance is away.
  const { port } = accounts.address() as AddressInfo;
  gateway = await startGateway({ ACCOUNTS_URL: `http://127.0.0.1:9/graphql,http://127.0.0.1:${port}/graphql` });
});
beforeEach(() => {
  passed = [];
  answer = 204;
});
afterAll(async () => {
  await gateway.close();
  await new Promise((resolve) => accounts.close(resolve));
});

const SIGNED = { 'content-type': 'application/json', 'webhook-id': 'n-1', 'webhook-timestamp': '1790000000', 'webhook-signature': 'v1a,AAAA' };
const send = (body: string, change: RequestInit = {}) =>
  fetch(new URL('/processor/notices', gateway.url), { method: 'POST', headers: SIGNED, body, ...change });

it('A19: passes a notice on to an instance that is there, byte by byte, signed as a request of ours', async () => {
  const body = '{ "type":"charge.succeeded",\n "data": {"key":"é"} }';
  const given = await send(body, { headers: { ...SIGNED, authorization: 'Bearer x', cookie: 'a=b', [IDENTITY_HEADER]: 'forged' } });
  expect([given.status, await given.text(), given.headers.get('x-inside')]).toEqual([204, '', null]);
  expect(passed).toMatchObject([{ path: '/processor/notices', body, headers: SIGNED }]);
  const { headers } = passed[0]!;
  expect([headers.authorization, headers.cookie]).toEqual([undefined, undefined]);
  const identity = verifyIdentity(String(headers[IDENTITY_HEADER]), body, identityKeysFor(IDENTITY_KEYS, 'accounts'), Date.now());
  expect(identity).toMatchObject({ principal: null, reference: given.headers.get('x-request-id') });
});

it.each([401, 400, 503])('tells the processor that accounts said %i, and nothing else of it', async (status) => {
  answer = status;
  const given = await send('{}');
  expect([given.status, await given.text()]).toEqual([status, '']);
});

it('A19: refuses what is larger than 16 KiB, and what does not come by POST: accounts hears nothing of it', async () => {
  expect((await send('x'.repeat(16 * 1024 + 1))).status).toBe(413);
  const read = await fetch(new URL('/processor/notices', gateway.url), { headers: SIGNED });
  expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST']);
  expect(passed).toEqual([]);
});

it('says that a notice was not taken where no instance is there', async () => {
  const alone = await startGateway({ ACCOUNTS_URL: 'http://127.0.0.1:9/graphql' });
  try {
    const given = await fetch(new URL('/processor/notices', alone.url), { method: 'POST', headers: SIGNED, body: '{}' });
    expect([given.status, given.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await given.text()).not.toContain('ECONNREFUSED');
  } finally {
    await alone.close();
  }
});

it('A19: keeps a network back that sends what is refused, again and again', async () => {
  const strict = await startGateway({ ACCOUNTS_URL: `http://127.0.0.1:${(accounts.address() as AddressInfo).port}/graphql`, ANONYMOUS_RATE: { perSecond: 1, burst: 50 } });
  try {
    answer = 401;
    const statuses: number[] = [];
    for (let n = 0; n < 60 && statuses.at(-1) !== 429; n++) {
      statuses.push((await fetch(new URL('/processor/notices', strict.url), { method: 'POST', headers: SIGNED, body: '{}' })).status);
    }
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.filter((status) => status === 401).length).toBeLessThan(50);
  } finally {
    await strict.close();
  }
});
