import { request } from 'node:http';
import { type PartnerGateway, startPartnerGateway } from './bank';

let gateway: PartnerGateway;
beforeAll(async () => {
  // Nobody listens on the port of nothing.
  gateway = await startPartnerGateway({ ACCOUNTS_URL: 'http://127.0.0.1:1/graphql' });
});
afterAll(() => gateway.close());

const AUTHORIZE = '/partner/oauth/authorize?client_id=x&request_uri=y';
interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Comes as a browser does: fetch writes headers of its own about where a request comes from. */
const visit = (path: string, { method = 'GET', headers = {}, body }: Sent = {}) =>
  new Promise<{ status: number; headers: Record<string, unknown>; html: string }>((resolve, reject) => {
    const sent = request(new URL(path, gateway.url), { method, agent: false, headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', ...headers } }, (response) => {
      let html = '';
      response.setEncoding('utf8').on('data', (part: string) => (html += part)).on('end', () => resolve({ status: response.statusCode!, headers: response.headers, html }));
    });
    sent.on('error', reject).end(body);
  });

test('a person who comes while the authorization server is away gets a page, in their language, with the reference under which it is logged', async () => {
  const { status, headers, html } = await visit(AUTHORIZE);
  expect([status, headers['content-type'], headers['content-language'], headers['retry-after']]).toEqual([503, 'text/html; charset=utf-8', 'en', '2']);
  expect(html).toContain('<title>Tael cannot answer right now · Tael</title>');
  expect(html).toContain('<a href="">Try again</a>');
  expect(html).toContain(`<code>${String(headers['x-request-id'])}</code>`);
  expect(html).not.toMatch(/127\.0\.0\.1|errors|extensions/);
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'$/);
  expect((await visit(AUTHORIZE, { headers: { 'accept-language': 'zh-CN' } })).html).toContain('<html lang="zh-CN">');
});

test.each<[string, string, Sent, number]>([
  ['a frame', AUTHORIZE, { headers: { 'sec-fetch-dest': 'iframe' } }, 403],
  ['another method', AUTHORIZE, { method: 'POST' }, 405],
  ['a body that is too large', `/partner/oauth/consent/${'x'.repeat(43)}`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }, body: 'a'.repeat(20_000) }, 413],
])('%s gets a page that offers nothing', async (_what, path, init, expected) => {
  const { status, html } = await visit(path, init);
  expect(status).toBe(expected);
  expect(html).toContain('Go back to your bank and begin again.');
  expect(html).not.toContain('<a ');
});

test('a bank’s program is answered as before', async () => {
  const response = await fetch(new URL('/partner/oauth/token', gateway.url), { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' });
  expect([response.status, response.headers.get('content-type')]).toEqual([503, 'application/json; charset=utf-8']);
  expect(((await response.json()) as any).errors[0].extensions.code).toBe('SERVICE_UNAVAILABLE');
});

test.each([['x-tael-device', 'abcdefghijklmnopqrstuvwxyz-_0123'], ['cookie', '__Host-tael-device=abcdefghijklmnopqrstuvwxyz-_0123']])('no door of a bank’s marks a device, whatever brings %s', async (name, value) => {
  for (const path of ['/partner/oauth/token', '/partner/oauth/par', AUTHORIZE]) {
    const { headers } = await visit(path, { method: path === AUTHORIZE ? 'GET' : 'POST', headers: { [name]: value } });
    expect([headers['set-cookie'], headers['x-tael-device']]).toEqual([undefined, undefined]);
  }
});
