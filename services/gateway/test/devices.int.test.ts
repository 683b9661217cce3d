import { WebSocket } from 'ws';
import { createClient } from 'graphql-ws';
import type { Identity } from '@tael/platform/identity';
import { type Answer, startGateway, type TestGateway } from './gateway';

let gateway: TestGateway;
let local: TestGateway;
beforeAll(async () => {
  [gateway, local] = await Promise.all([startGateway(), startGateway({ DEVICE_COOKIE_ALLOW_HTTP: true })]);
});
afterAll(() => Promise.all([gateway.close(), local.close()]));

const SIGN_IN = 'mutation { signIn(password: "right") { session { accessToken } } }';
const WRONG = 'mutation { signIn(password: "wrong") { session { accessToken } } }';
const ENTRIES = [
  [SIGN_IN], ['mutation { signUp { session { accessToken } } }'], ['mutation { completeSignIn(code: "1") { session { accessToken } } }'],
] as const;
const REFRESH = 'mutation { refreshSession { session { accessToken } } }';
const PAGE = { origin: 'https://app.tael.test' };
const MARK = 'abcdefghijklmnopqrstuvwxyz-_0123';

const cookieOf = ({ headers }: Answer): string | null => headers.get('set-cookie');
const markOf = (answer: Answer): string => /tael-device=([\w-]{32});/.exec(cookieOf(answer) ?? '')?.[1] ?? 'none';
const lastTold = (at: TestGateway = gateway): Identity => at.subgraphs.seen.at(-1)!.identity;

describe('the mark of a device', () => {
  test.each(ENTRIES)('is given where somebody comes in without one: %s', async (query) => {
    const answer = await gateway.ask(query, { headers: PAGE });
    expect(answer.body.errors).toBeUndefined();
    expect(cookieOf(answer)).toMatch(/^__Host-tael-device=[\w-]{32}; Path=\/; Max-Age=31536000; HttpOnly; SameSite=Strict; Secure$/);
    expect(lastTold().device).toEqual({ mark: markOf(answer), brought: false });
    expect(gateway.logged()).not.toContain(markOf(answer));
  });

  test('is another for each client', async () => {
    const [one, two] = [await gateway.ask(SIGN_IN, { headers: PAGE }), await gateway.ask(SIGN_IN, { headers: PAGE })];
    expect(markOf(one)).not.toBe(markOf(two));
  });

  test('is told to accounts as brought, and kept for another year, where a browser brings it', async () => {
    const answer = await gateway.ask(SIGN_IN, { headers: { ...PAGE, cookie: `a=b; __Host-tael-device=${MARK}` } });
    expect(lastTold().device).toEqual({ mark: MARK, brought: true });
    expect(markOf(answer)).toBe(MARK);
  });

  test('goes without TLS only where that is said, and then without what browsers would refuse', async () => {
    const answer = await local.ask(SIGN_IN, { headers: PAGE });
    expect(cookieOf(answer)).toMatch(/^tael-device=[\w-]{32}; Path=\/; Max-Age=31536000; HttpOnly; SameSite=Strict$/);
    await local.ask(SIGN_IN, { headers: { cookie: `tael-device=${MARK}` } });
    expect(lastTold(local).device).toEqual({ mark: MARK, brought: true });
    await gateway.ask(SIGN_IN, { headers: { cookie: `tael-device=${MARK}` } });
    expect(lastTold().device?.brought).toBe(false);
  });

  test('is told in a header to who is no page, and never to a page', async () => {
    const app = await gateway.ask(SIGN_IN);
    expect(app.headers.get('x-tael-device')).toBe(markOf(app));
    const again = await gateway.ask(SIGN_IN, { headers: { 'x-tael-device': markOf(app) } });
    expect([lastTold().device, again.headers.get('x-tael-device')]).toEqual([{ mark: markOf(app), brought: true }, markOf(app)]);
    const page = await gateway.ask(SIGN_IN, { headers: { ...PAGE, 'x-tael-device': MARK } });
    expect([page.headers.get('x-tael-device'), lastTold().device?.brought]).toEqual([null, false]);
    const local = await gateway.ask(SIGN_IN, { headers: { 'sec-fetch-site': 'same-origin' } });
    expect(local.headers.get('x-tael-device')).toBeNull();
  });

  test.each([['short'], [`${MARK}${MARK}`], [`${MARK.slice(1)}=`], ["' OR 1=1 --aaaaaaaaaaaaaaaaaaaaa"]])('%s is as good as none', async (mark) => {
    const answer = await gateway.ask(SIGN_IN, { headers: { 'x-tael-device': mark, cookie: `__Host-tael-device=${mark}` } });
    expect(lastTold().device).toEqual({ mark: markOf(answer), brought: false });
    expect(markOf(answer)).not.toBe(mark);
  });

  test('is not given where nobody came in', async () => {
    for (const query of [WRONG, '{ me }', 'mutation { pay(key: "a") }']) expect(cookieOf(await gateway.ask(query))).toBeNull();
    // Otherwise a wrong password would make of a client that brings none one that brings an unknown one.
    await gateway.ask(WRONG, { headers: { cookie: `__Host-tael-device=${MARK}` } });
    expect(lastTold().device).toEqual({ mark: MARK, brought: true });
  });

  test('is told to nobody where nobody comes in; a session that is refreshed only keeps it', async () => {
    const headers = { cookie: `__Host-tael-device=${MARK}` };
    for (const query of ['{ me }', 'mutation { pay(key: "b") }', REFRESH]) {
      const answer = await gateway.ask(query, { headers });
      expect(lastTold().device).toBeUndefined();
      expect(markOf(answer)).toBe(query === REFRESH ? MARK : 'none');
    }
    expect(cookieOf(await gateway.ask(REFRESH))).toBeNull();
  });

  test('stays with accounts where the answer needs others as well', async () => {
    const from = gateway.subgraphs.seen.length;
    const answer = await gateway.ask('mutation { signIn(password: "right") { session { accessToken } user { points } } }');
    expect(answer.body.errors).toBeUndefined();
    const told = gateway.subgraphs.seen.slice(from).map(({ subgraph, identity }) => [subgraph, identity.device?.mark]);
    expect(told).toEqual([['accounts', markOf(answer)], ['rewards', undefined]]);
  });

  test('a WebSocket keeps none', async () => {
    const socket = createClient({ url: gateway.url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
    try {
      for await (const { data } of socket.iterate({ query: SIGN_IN })) expect(data).toEqual({ signIn: { session: { accessToken: 'token' } } });
      expect(lastTold().device).toBeUndefined();
    } finally {
      await socket.dispose();
    }
  });
});
