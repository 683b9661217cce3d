import { CERTIFICATE_HEADER, IDENTITY_HEADER, identityKeysFor, verifyIdentity } from '@tael/platform/identity';
import { eventually, selfSignedCertificate, type TestCertificate } from '@tael/testkit';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request as secureRequest } from 'node:https';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { IDENTITY_KEYS } from '../gateway';
import { Bank, PARTNER_QUERY, type PartnerGateway, startPartnerGateway } from './bank';


interface Heard {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Stands where accounts is: keeps what it was sent, and answers as it is told. */
async function startAuthorizationServer() {
  const heard: Heard[] = [];
  const answer = { status: 200, headers: {} as Record<string, string>, body: '{}', hangs: false, let: () => undefined as void };
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      // The gateway looks whether accounts is there; that is not what is asked about here.
      if (request.url === '/ready') return void response.writeHead(200).end();
      heard.push({ method: request.method!, url: request.url!, headers: request.headers, body: Buffer.concat(parts).toString() });
      answer.let = () => void response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
      if (!answer.hangs) answer.let();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  return {
    url, heard, answer,
    close: () => new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

const folder = mkdtempSync(path.join(tmpdir(), 'tael-tls-'));
let accounts: Awaited<ReturnType<typeof startAuthorizationServer>>;
/** Starts a gateway that listens with TLS too. */
async function startWithTls(changes: Parameters<typeof startPartnerGateway>[0] = {}, ours = selfSignedCertificate('gateway')): Promise<[PartnerGateway, number]> {
  const [certFile, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  writeFileSync(certFile, ours.cert);
  writeFileSync(keyFile, ours.key);
  const made = await startPartnerGateway({
    PARTNER_TLS_PORT: 0, PARTNER_TLS_CERT_FILE: certFile, PARTNER_TLS_KEY_FILE: keyFile,
    // Nobody listens at port 2 (fetch refuses port 1 by itself); a port that was free a moment ago may be another test file's by now.
    ACCOUNTS_URL: `http://127.0.0.1:2/graphql, ${accounts.url}`,
    ...changes,
  });
  return [made, (await made.app.listenWithTls('127.0.0.1'))!];
}

let gateway: PartnerGateway;
let tlsPort: number;
let own: TestCertificate;
let other: TestCertificate;
beforeAll(async () => {
  [own, other] = [selfSignedCertificate('bank'), selfSignedCertificate('thief')];
  accounts = await startAuthorizationServer();
  [gateway, tlsPort] = await startWithTls();
});
beforeEach(() => {
  accounts.heard.length = 0;
  Object.assign(accounts.answer, { status: 200, headers: {}, body: '{}', hangs: false });
});
afterAll(async () => {
  await gateway.close();
  await accounts.close();
  rmSync(folder, { recursive: true });
});

interface Sent {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  certificate?: TestCertificate;
  port?: number;
}

/** Asks over TLS, with a certificate or without. */
function askSecurely({ path: asked = '/partner/graphql', method = 'POST', headers = {}, body, certificate, port = tlsPort }: Sent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const shown = certificate ? { cert: certificate.cert, key: certificate.key } : {};
    const sent = secureRequest(
      { host: '127.0.0.1', port, path: asked, method, headers, rejectUnauthorized: false, agent: false, ...shown },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve({ status: response.statusCode!, text }));
      },
    );
    sent.on('error', reject).end(body);
  });
}

describe('a token that is bound to a certificate', () => {
  const asked = (token: string, certificate?: TestCertificate, headers: Record<string, string> = {}) =>
    askSecurely({
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: PARTNER_QUERY }),
      ...(certificate ? { certificate } : {}),
    });

  test('is good on a connection of its certificate, and nowhere else', async () => {
    const bank = await Bank.make();
    const token = await bank.token(gateway, { claims: { cnf: { 'x5t#S256': own.digest } } });
    expect(await asked(token, own)).toMatchObject({ status: 200, text: expect.stringContaining(bank.partnerId) });
    expect((await asked(token, own)).status).toBe(200);
    expect((await asked(token, other)).status).toBe(401);
    expect((await asked(token)).status).toBe(401);
    expect((await asked(token, other, { [CERTIFICATE_HEADER]: own.der.toString('base64') })).status).toBe(401);
  });

  test('a token that is bound to a key wants its proof, whatever certificate is shown', async () => {
    const bank = await Bank.make();
    expect((await asked(await bank.token(gateway), own)).status).toBe(401);
  });

  test('a certificate without its key ends in the handshake', async () => {
    const forged = { ...own, key: other.key };
    await expect(asked('a.b.c', forged)).rejects.toThrow();
  });

  test('old versions of TLS are not spoken', async () => {
    const socket = connect({ host: '127.0.0.1', port: tlsPort, rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await expect(new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))).rejects.toThrow();
  });
});

describe.each(['ec', 'rsa'] as const)('at a gateway whose own key is %s', (kind) => {
  const rsa = kind === 'rsa';
  let spoken: PartnerGateway;
  let port: number;
  beforeAll(async () => {
    [spoken, port] = await startWithTls({}, selfSignedCertificate('gateway', kind));
  });
  afterAll(() => spoken.close());

  /** Says which suite a handshake with this one alone ends in. */
  const shake = (suite: string) => {
    const maxVersion = suite.startsWith('TLS_') ? 'TLSv1.3' : 'TLSv1.2';
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, minVersion: maxVersion, maxVersion, ciphers: suite });
    return new Promise((resolve, reject) => socket.once('secureConnect', () => resolve(socket.getCipher().name)).once('error', reject)).finally(() => socket.destroy());
  };
  const ours = rsa ? 'RSA' : 'ECDSA';

  // FAPI 2.0, 5.2.2, and BCP 195 (RFC 9325, 4.2).
  test.each([
    'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', `ECDHE-${ours}-AES128-GCM-SHA256`, `ECDHE-${ours}-AES256-GCM-SHA384`,
  ])('%s is spoken', async (suite) => {
    expect(await shake(suite)).toBe(suite);
  });
  test.each([
    ...(rsa ? ['AES128-SHA', 'AES256-SHA256', 'AES128-GCM-SHA256', 'AES256-GCM-SHA384'] : []),
    `ECDHE-${ours}-AES128-SHA`, `ECDHE-${ours}-AES128-SHA256`, `ECDHE-${ours}-AES256-SHA384`, `ECDHE-${ours}-CHACHA20-POLY1305`,
  ])('%s ends in the handshake: it is none of those that BCP 195 recommends', async (suite) => {
    await expect(shake(suite)).rejects.toThrow(/handshake failure/);
  });
});

test('the listener with TLS serves partners alone', async () => {
  for (const asked of ['/graphql', '/', '/ready', '/live', '/partner']) expect((await askSecurely({ path: asked, body: '{}' })).status).toBe(404);
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13' };
  expect((await askSecurely({ method: 'GET', headers: upgrade })).status).toBe(404);
});

describe('the authorization server', () => {
  const form = 'grant_type=client_credentials&scope=partner%3Aread';
  const url = (name: string): URL => new URL(name.startsWith('/') ? name : `/partner/oauth/${name}`, gateway.url);
  const post = (headers: Record<string, string> = {}, body = form) =>
    fetch(url('token'), { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body });
  const identityOf = ({ headers, body }: Heard) => verifyIdentity(headers[IDENTITY_HEADER] as string, body, identityKeysFor(IDENTITY_KEYS, 'accounts'), Date.now());

  test('hears what the client says, signed for these very bytes, and nothing that only the house may say', async () => {
    Object.assign(accounts.answer, { status: 400, headers: { 'dpop-nonce': 'n1', 'cache-control': 'no-store', 'x-powered-by': 'secret', 'set-cookie': 'a=b' }, body: '{"error":"use_dpop_nonce"}' });
    const response = await post({
      dpop: 'proof', authorization: 'Basic YQ==', cookie: 'a=b', [CERTIFICATE_HEADER]: own.der.toString('base64'),
      [IDENTITY_HEADER]: 'v1.test.e30.AAAA', 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'http', 'x-forwarded-for': '203.0.113.9', 'x-ssl-cert': 'x',
    });
    expect([response.status, await response.text(), response.headers.get('dpop-nonce'), response.headers.get('cache-control')]).toEqual([400, '{"error":"use_dpop_nonce"}', 'n1', 'no-store']);
    expect([response.headers.get('x-powered-by'), response.headers.get('set-cookie')]).toEqual([null, null]);
    const [heard] = accounts.heard as [Heard];
    expect([heard.method, heard.url, heard.body]).toEqual(['POST', '/partner/oauth/token', form]);
    expect(heard.headers).toMatchObject({
      dpop: 'proof', authorization: 'Basic YQ==', 'content-type': 'application/x-www-form-urlencoded',
      'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.tael.test',
    });
    for (const name of [CERTIFICATE_HEADER, 'cookie', 'x-forwarded-for', 'x-ssl-cert', 'origin']) expect(heard.headers[name]).toBeUndefined();
    expect(identityOf(heard)).toMatchObject({ principal: null, address: '127.0.0.1', reference: response.headers.get('x-request-id') });
    expect(identityOf(heard)).not.toHaveProperty('certificate');
    expect(identityOf({ ...heard, body: `${form}&x=1` })).toBeNull();
  });

  test('learns of a certificate that was shown in the handshake, under the same signature', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', [CERTIFICATE_HEADER]: other.der.toString('base64') };
    expect((await askSecurely({ path: '/partner/oauth/token', headers, body: form, certificate: own })).status).toBe(200);
    const [heard] = accounts.heard as [Heard];
    expect(heard.headers[CERTIFICATE_HEADER]).toBe(own.der.toString('base64'));
    expect(identityOf(heard)).toMatchObject({ certificate: own.digest });
  });

  test('has four open paths, one of them under two names, each with one method', async () => {
    const open: [string, string][] = [
      ['jwks', '/partner/oauth/jwks'],
      ['.well-known/openid-configuration', '/partner/oauth/.well-known/openid-configuration'],
      ['.well-known/oauth-authorization-server', '/partner/oauth/.well-known/oauth-authorization-server'],
      ['/.well-known/oauth-authorization-server/partner/oauth', '/partner/oauth/.well-known/oauth-authorization-server'],
    ];
    for (const [asked, passed] of open) {
      expect((await fetch(url(asked))).status).toBe(200);
      expect(accounts.heard.at(-1)).toMatchObject({ method: 'GET', url: passed, body: '' });
      expect((await fetch(url(asked), { method: 'POST' })).status).toBe(405);
    }
    expect((await fetch(url('token'))).status).toBe(405);
    const heard = accounts.heard.length;
    for (const shut of ['reg', 'auth', 'token/introspection', 'session/end', 'token/', 'jwks%00']) {
      expect([shut, (await fetch(url(shut), { method: 'POST' })).status]).toEqual([shut, 404]);
    }
    expect(accounts.heard.length).toBe(heard);
  });

  test('is not asked by pages, nor with a body that is too large or no text', async () => {
    expect((await post({ origin: 'https://app.tael.test' })).status).toBe(403);
    expect((await post({}, 'a'.repeat(16 * 1024 + 1))).status).toBe(413);
    const bytes = await fetch(url('token'), { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from([0xff, 0xfe]) });
    expect(bytes.status).toBe(400);
    expect(accounts.heard).toEqual([]);
    expect((await post({}, 'a'.repeat(16 * 1024))).status).toBe(200);
  });

  test('a redirect is not followed', async () => {
    Object.assign(accounts.answer, { status: 302, headers: { location: 'http://169.254.169.254/' } });
    const response = await fetch(url('jwks'), { redirect: 'manual' });
    expect([response.status, response.headers.get('location'), accounts.heard.length]).toEqual([302, null, 1]);
  });

  test('that does not answer in time is told as such, and is asked once: a sign-in works once', async () => {
    accounts.answer.hangs = true;
    const began = Date.now();
    const response = await post();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    expect(Date.now() - began).toBeLessThan(9_000);
    expect(accounts.heard.length).toBe(1);
    expect(await response.text()).not.toMatch(/127\.0\.0\.1|abort|fetch/i);
  }, 15_000);
});

describe('a gateway whose main door stands behind a proxy', () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': '203.0.113.9' };
  let behind: PartnerGateway;
  let port: number;
  beforeAll(async () => {
    [behind, port] = await startWithTls({ TRUSTED_PROXY_HOPS: 1, CONNECTIONS_PER_NETWORK_MAX: 1 });
  });
  afterAll(() => behind.close());
  const addressOf = ({ headers: { [IDENTITY_HEADER]: signed }, body }: Heard) => verifyIdentity(signed as string, body, identityKeysFor(IDENTITY_KEYS, 'accounts'), Date.now())?.address;

  test('believes nobody at the listener with TLS who says where they come from: no proxy of ours is in front', async () => {
    expect((await askSecurely({ path: '/partner/oauth/token', headers, body: '', certificate: own, port })).status).toBe(200);
    await fetch(new URL('/partner/oauth/token', behind.url), { method: 'POST', headers, body: 'a=b' });
    expect(accounts.heard.map(addressOf)).toEqual(['127.0.0.1', '203.0.113.9']);
  });

  test('bounds the connections of a network at the listener with TLS, and not at the other', async () => {
    accounts.answer.hangs = true;
    const running = askSecurely({ path: '/partner/oauth/token', headers, body: '', certificate: own, port });
    await eventually(() => Promise.resolve(expect(accounts.heard.length).toBe(1)));
    await expect(askSecurely({ path: '/partner/oauth/jwks', method: 'GET', port })).rejects.toThrow();
    accounts.answer.let();
    expect((await running).status).toBe(200);
  });
});

test('a gateway that stops finishes what runs over TLS, and takes nothing new', async () => {
  const [stopping, port] = await startWithTls();
  accounts.answer.hangs = true;
  const running = askSecurely({ path: '/partner/oauth/token', body: '', certificate: own, port });
  await eventually(() => Promise.resolve(expect(accounts.heard.length).toBe(1)));
  const stopped = stopping.app.close();
  await expect(askSecurely({ path: '/partner/oauth/jwks', port })).rejects.toThrow();
  accounts.answer.let();
  expect((await running).status).toBe(200);
  await stopped;
  await Promise.all([stopping.subgraphs.close(), stopping.issuer.close()]);
});
