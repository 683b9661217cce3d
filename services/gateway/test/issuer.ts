import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IDENTITY_HEADER } from '@tael/platform/identity';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';

export const ISSUER = 'https://tael.local';
export const AUDIENCE = 'tael';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

export interface Issuer {
  readonly jwksUrl: string;
  /** How often the key set was asked for. */
  asked(): number;
  token(
    personId: string,
    changes?: { claims?: JWTPayload; header?: Record<string, unknown>; key?: Keys['privateKey'] },
  ): Promise<string>;
  publicJwk(): Promise<Record<string, unknown>>;
  /** Adds a key to the set and gives what signs with it. */
  rotate(alg?: 'ES256' | 'RS256'): Promise<{ kid: string; key: Keys['privateKey'] }>;
  /** Takes a key from the set. */
  withdraw(kid: string): void;
  away(isAway: boolean): void;
  /** Moves the time that tokens are issued by on, and tells of it, as a sandbox does. */
  move(ms: number): void;
  /** Tells of the end of a session, as accounts does, to who asks. */
  end(sessionId: string, endedAt?: number): void;
  /** Tells of the end of a partner's client, as accounts does. */
  endClient(clientId: string, endedAt?: number): void;
  /** Tells of the end of a key of a partner's client, as accounts does. */
  endKey(clientId: string, kid: string, endedAt?: number): void;
  /** Tells that a partner has another rate, as accounts does; one of before tells of none. */
  setRate(partnerId: string, rate: { perSecond: number; burst: number; costMax?: number }, changedAt?: number): void;
  /** Holds questions after what has ended until something does, as accounts does now; one of before answers at once, and is asked every other second. */
  holdsQuestions(): void;
  /** Lets the mark move with each question, as where sessions end all the time: none is held. */
  movesItsMark(): void;
  /** From when on ended sessions were asked for, in order, each with its signed header, and how long it might be held. */
  readonly endedAsked: readonly { since: number; signed: string | undefined; waitMs: number; at: number }[];
  close(): Promise<void>;
}

export const newPerson = (): string => uuidv7();

/** Starts a token issuer: a real key pair, its public half served as a key set. */
export async function startIssuer(): Promise<Issuer> {
  const keys = new Map([['k1', { ...(await generateKeyPair('ES256', { extractable: true })), alg: 'ES256' }]]);
  let asked = 0;
  let isAway = false;
  let movedMs = 0;
  const publicKeys = (): Promise<object[]> =>
    Promise.all(
      [...keys].map(async ([kid, pair]) => ({ ...(await exportJWK(pair.publicKey)), kid, alg: pair.alg, use: 'sig' })),
    );

  const ended: { id: string; endedAt: number }[] = [];
  const clients: { id: string; endedAt: number }[] = [];
  const keysEnded: { clientId: string; kid: string; endedAt: number }[] = [];
  const rates = new Map<string, { partnerId: string; perSecond: number; burst: number; changedAt: number }>();
  const endedAsked: { since: number; signed: string | undefined; waitMs: number; at: number }[] = [];
  let moves = false;
  let holds = false;
  const held = new Set<() => void>();
  const mark = (): string => JSON.stringify([ended.length, clients.length, keysEnded.length, ...rates.values(), ...(moves ? [endedAsked.length] : [])]);
  const tell = (): void => held.forEach((go) => go());
  const until = (waitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        held.delete(go);
        resolve();
      };
      const timer = setTimeout(go, waitMs);
      held.add(go);
    });
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://issuer');
    if (url.pathname === '/.well-known/ended-sessions') {
      const since = Number(url.searchParams.get('since'));
      const waitMs = Number(url.searchParams.get('waitMs'));
      endedAsked.push({ since, signed: request.headers[IDENTITY_HEADER] as string | undefined, waitMs, at: performance.now() });
      if (isAway) return void response.writeHead(503).end();
      if (holds && url.searchParams.get('mark') === mark()) await until(waitMs);
      const sessions = ended.filter((session) => session.endedAt >= since);
      // One that knows of no clients says nothing of them, and so with rates.
      const told = { sessions, ...(clients.length ? { clients } : {}), ...(rates.size ? { rates: [...rates.values()].filter(({ changedAt }) => changedAt >= since) } : {}), ...(url.searchParams.get('keys') === '1' ? { keys: keysEnded } : {}), ...(movedMs ? { movedMs } : {}), ...(holds ? { mark: mark() } : {}) };
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told));
    }
    if (url.pathname === '/.well-known/partner-use') {
      request.resume();
      return void response.writeHead(isAway ? 503 : 200, { 'content-type': 'application/json' }).end('{"levels":[]}');
    }
    asked++;
    if (isAway) return void response.writeHead(503).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: await publicKeys() }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    asked: () => asked,
    token(personId, changes = {}) {
      const now = Math.floor((Date.now() + movedMs) / 1000);
      const claims = {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: personId,
        sid: uuidv7(),
        roles: ['CUSTOMER'],
        locale: 'zh-CN',
        iat: now,
        exp: now + 600,
        jti: uuidv7(),
      };
      return new SignJWT({ ...claims, ...changes.claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...changes.header })
        .sign(changes.key ?? keys.get('k1')!.privateKey);
    },
    publicJwk: async () => (await publicKeys())[0] as Record<string, unknown>,
    async rotate(alg = 'ES256') {
      const kid = `k${keys.size + 1}`;
      const pair = await generateKeyPair(alg, { extractable: true });
      keys.set(kid, { ...pair, alg });
      return { kid, key: pair.privateKey };
    },
    withdraw: (kid) => void keys.delete(kid),
    move: (ms) => void (movedMs += ms),
    away: (value) => void (isAway = value),
    end(id, endedAt = Date.now()) {
      ended.push({ id, endedAt });
      tell();
    },
    endClient(id, endedAt = Date.now()) {
      clients.push({ id, endedAt });
      tell();
    },
    endKey(clientId, kid, endedAt = Date.now()) {
      keysEnded.push({ clientId, kid, endedAt });
      tell();
    },
    setRate(partnerId, rate, changedAt = Date.now()) {
      rates.set(partnerId, { partnerId, ...rate, changedAt });
      tell();
    },
    holdsQuestions: () => void (holds = true),
    movesItsMark: () => void (moves = true),
    endedAsked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        tell();
        server.closeAllConnections();
      }),
  };
}
