import { createLogger } from '@tael/platform/log';
import { verifyIdentity } from '@tael/platform/identity';
import { eventually } from '@tael/testkit';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Callers } from '../src/callers/caller.service';
import { createEndedSessions, type EndedSessions } from '../src/callers/ended-sessions';
import { createSocketSessions } from '../src/websocket/socket.session';
import { IDENTITY_KEYS, startGateway, type TestGateway } from './gateway';
import { type Issuer, newPerson, startIssuer } from './issuer';

/** What a busy machine may add. */
const A_MOMENT_MS = 1_000;
const log = createLogger({ service: 'gateway', level: 'silent' });

describe('at the door', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  test('A13: the token of a session that was ended is refused within seconds, and others of the person are not', async () => {
    const [person, sid] = [newPerson(), newPerson()];
    const token = await gateway.issuer.token(person, { claims: { sid } });
    const other = await gateway.issuer.token(person);
    expect((await gateway.ask('{ me }', { token })).status).toBe(200);
    gateway.issuer.end(sid);
    await eventually(async () => {
      const answer = await gateway.ask('{ me }', { token });
      expect([answer.status, answer.body.errors?.[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED']);
    }, { timeoutMs: 8_000 });
    expect((await gateway.ask('{ me }', { token: other })).status).toBe(200);
  });
});

/** Opens a socket, of which nothing is asked yet. */
async function openSocket(gateway: TestGateway, token: string): Promise<{ client: Client; closed: Promise<{ code: number }> }> {
  let close: (event: { code: number }) => void;
  const closed = new Promise<{ code: number }>((resolve) => (close = resolve));
  const client = createClient({
    url: gateway.url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0, lazy: false, onNonLazyError: () => undefined,
    connectionParams: { authorization: `Bearer ${token}` }, on: { closed: (event) => close(event as { code: number }) },
  });
  await new Promise((resolve) => client.on('connected', resolve));
  return { client, closed };
}

/** Waits until the gateway knows that the session of a token has ended. */
const endIsKnown = (gateway: TestGateway, token: string): Promise<void> =>
  eventually(async () => expect((await gateway.ask('{ me }', { token })).status).toBe(401), { timeoutMs: 8_000 });

describe('on a socket', () => {
  let gateway: TestGateway;
  // With the times that it has in production.
  beforeAll(async () => {
    gateway = await startGateway();
    gateway.issuer.holdsQuestions();
  });
  afterAll(() => gateway.close());

  async function answerOf(client: Client, query: string): Promise<{ data?: unknown }> {
    for await (const answer of client.iterate({ query })) return answer;
    throw new Error('no answer');
  }

  test('A13: what was opened before its session ended works no more, and is closed within two seconds of its end being known; others stay', async () => {
    const [person, sid] = [newPerson(), newPerson()];
    const token = await gateway.issuer.token(person, { claims: { sid } });
    const ending = await openSocket(gateway, token);
    const other = await openSocket(gateway, await gateway.issuer.token(person));
    expect(await answerOf(ending.client, '{ me }')).toMatchObject({ data: { me: person } });
    gateway.issuer.end(sid);
    await endIsKnown(gateway, token);
    const since = performance.now();
    expect((await ending.closed).code).toBe(4403);
    expect(performance.now() - since).toBeLessThan(2_000 + A_MOMENT_MS);
    expect(await answerOf(other.client, '{ me }')).toMatchObject({ data: { me: person } });
    await Promise.all([ending.client.dispose(), other.client.dispose()]);
  }, 60_000);

  test('A13: an operation in between is refused', async () => {
    const callers: Pick<Callers, 'hasEnded' | 'originOf'> = {
      hasEnded: () => true,
      originOf: () => ({ traceparent: '', reference: 'r', address: '', userAgent: undefined, acceptLanguage: undefined }),
    };
    const sessions = createSocketSessions({ callers, graph: () => { throw new Error('it must not run'); }, log } as never);
    const socket = { request: {}, caller: { identity: { principal: { sessionId: 's' } }, expiresAt: null }, socket: { close: jest.fn() } };
    expect(await sessions.execute(socket as never, { query: '{ me }' })).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(socket.socket.close).toHaveBeenCalledWith(4403, expect.any(String));
  });
});

describe('what comes after the end of a session is known', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    // Nobody looks at sockets meanwhile.
    gateway = await startGateway({}, { sockets: { idleCheckMs: 600_000 } });
    gateway.issuer.holdsQuestions();
  });
  afterAll(() => gateway.close());

  // The second comes when the end has long been known, and sooner than anybody would look again.
  const TWO = 'subscription { noticed(count: 2, pauseMs: 1500) { text } }';

  test('A13: is not heard on a socket, which is closed in its place', async () => {
    const [person, sid] = [newPerson(), newPerson()];
    const token = await gateway.issuer.token(person, { claims: { sid } });
    const { client, closed } = await openSocket(gateway, token);
    const heard: unknown[] = [];
    const over = new Promise<void>((resolve) => {
      client.subscribe({ query: TWO }, { next: (result) => void heard.push(result.data), error: () => resolve(), complete: () => resolve() });
    });
    await eventually(() => Promise.resolve(expect(heard).toHaveLength(1)));
    gateway.issuer.end(sid);
    await endIsKnown(gateway, token);
    await over;
    expect((await closed).code).toBe(4403);
    expect(heard).toEqual([{ noticed: { text: `1 for ${person}` } }]);
  }, 60_000);

  test('A13: is not heard in an event stream, which ends in its place', async () => {
    const [person, sid] = [newPerson(), newPerson()];
    const token = await gateway.issuer.token(person, { claims: { sid } });
    const response = await fetch(gateway.url, {
      method: 'POST', headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ query: TWO }),
    });
    let text = '';
    const read = (async () => {
      for await (const part of response.body!.pipeThrough(new TextDecoderStream())) text += part;
    })();
    await eventually(() => Promise.resolve(expect(text).toContain(`1 for ${person}`)));
    gateway.issuer.end(sid);
    await endIsKnown(gateway, token);
    await read;
    expect(text).not.toContain(`2 for ${person}`);
    expect(text).toMatch(/UNAUTHENTICATED[^]*event: complete\ndata:\n\n$/);
  }, 60_000);
});

describe('ended sessions', () => {
  let issuer: Issuer;
  let known: EndedSessions | undefined;
  beforeEach(async () => {
    issuer = await startIssuer();
  });
  afterEach(async () => {
    known?.close();
    await issuer.close();
  });
  const watch = (now = Date.now, pollMs = 20) => {
    const urls = ['http://127.0.0.1:1/ended-sessions', new URL('ended-sessions', issuer.jwksUrl).href];
    return (known = createEndedSessions({ urls, identityKeys: IDENTITY_KEYS, log, now, pollMs }));
  };

  test('are asked for with the signature of the gateway, and after the first time only what is new', async () => {
    const at = Date.now() - 60_000;
    issuer.end('s1', at);
    const sessions = watch();
    await eventually(() => Promise.resolve(expect(sessions.has('s1')).toBe(true)));
    await eventually(() => Promise.resolve(expect(issuer.endedAsked.at(-1)!.since).toBe(at - 10_000)));
    const { signed } = issuer.endedAsked[0]!;
    expect(verifyIdentity(signed, '', IDENTITY_KEYS, Date.now())).toMatchObject({ principal: null });
  });

  test('are known as soon as one ends, since the question is held until then', async () => {
    issuer.holdsQuestions();
    const sessions = watch(Date.now, 60_000);
    await eventually(() => Promise.resolve(expect(issuer.endedAsked.at(-1)?.waitMs).toBe(1_000)));
    issuer.end('s1');
    // Less than any pause between questions: told by the one that is held.
    await eventually(() => Promise.resolve(expect(sessions.has('s1')).toBe(true)), { timeoutMs: 900 });
    issuer.endKey('c1', 'k1');
    await eventually(() => Promise.resolve(expect(sessions.refuses({ clientId: 'c1', kid: 'k1', issuedAt: 0 })).toBe(true)), { timeoutMs: 900 });
  });

  test('are asked for five times a second at most, though there is always something new', async () => {
    issuer.holdsQuestions();
    issuer.movesItsMark();
    watch(Date.now, 60_000);
    await eventually(() => Promise.resolve(expect(issuer.endedAsked.length).toBeGreaterThan(4)));
    const times = issuer.endedAsked.map(({ at }) => at);
    for (const [n, at] of times.slice(1).entries()) expect(at - times[n]!).toBeGreaterThan(150);
  });

  test('are asked for at once by who cannot wait, beside the question that is held', async () => {
    issuer.holdsQuestions();
    const sessions = watch(Date.now, 60_000);
    await eventually(() => Promise.resolve(expect(issuer.endedAsked.at(-1)?.waitMs).toBe(1_000)));
    await sessions.askAgain();
    expect(issuer.endedAsked.at(-1)!.waitMs).toBe(0);
  });

  test('hold nobody up who closes', async () => {
    issuer.holdsQuestions();
    const sessions = watch(Date.now, 60_000);
    await eventually(() => Promise.resolve(expect(issuer.endedAsked.at(-1)?.waitMs).toBe(1_000)));
    const asked = issuer.endedAsked.length;
    sessions.close();
    issuer.end('s1');
    await sessions.askAgain();
    expect([issuer.endedAsked.length, sessions.has('s1')]).toEqual([asked, false]);
  });

  test('stay known while accounts is away, and are learnt when it is back', async () => {
    issuer.end('s1');
    const sessions = watch();
    await eventually(() => Promise.resolve(expect(sessions.has('s1')).toBe(true)));
    issuer.away(true);
    issuer.end('s2');
    const asked = issuer.endedAsked.length;
    await eventually(() => Promise.resolve(expect(issuer.endedAsked.length).toBeGreaterThan(asked + 2)));
    expect([sessions.has('s1'), sessions.has('s2')]).toEqual([true, false]);
    issuer.away(false);
    await eventually(() => Promise.resolve(expect(sessions.has('s2')).toBe(true)));
  });

  test('are forgotten when no token of theirs can live any more', async () => {
    let ahead = 0;
    issuer.end('s1');
    const sessions = watch(() => Date.now() + ahead);
    await eventually(() => Promise.resolve(expect(sessions.has('s1')).toBe(true)));
    ahead = 12 * 60_000;
    await eventually(() => Promise.resolve(expect(sessions.has('s1')).toBe(false)));
  });
});
