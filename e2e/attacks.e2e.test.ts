import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { home, stack } from './stack';
import { newPerson, type Person } from './world';

const gateway = new URL(stack.gatewayUrl);
const gatewayPid: number = JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')).services.gateway.pid;

/** What the gateway has in memory, in bytes, or undefined where the system does not tell. */
function residentBytes(): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${gatewayPid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

const repeat = (count: number, make: (n: number) => string): string => Array.from({ length: count }, (_, n) => make(n)).join(' ');

async function send(body: string, headers: Record<string, string> = {}): Promise<{ status: number; codes: string[] }> {
  const response = await fetch(stack.gatewayUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body,
  });
  const answer: any = await response.json();
  return { status: response.status, codes: [...new Set<string>((answer.errors ?? []).map((error: any) => error.extensions.code))] };
}
const ask = (query: string) => send(JSON.stringify({ query }));

const sockets: Socket[] = [];
/** Connections that begin a request and never end it. */
function hold(count: number): void {
  for (let n = 0; n < count; n++) {
    const socket = connect(Number(gateway.port), gateway.hostname === 'localhost' ? '127.0.0.1' : gateway.hostname);
    socket.on('error', () => undefined);
    socket.write('POST /graphql HTTP/1.1\r\nhost: x\r\nx-slow: ');
    sockets.push(socket);
  }
}
afterAll(() => sockets.forEach((socket) => socket.destroy()));

const DEEP = `{ viewer { ${repeat(50, () => 'wallets { ')} id ${'} '.repeat(51)} }`;
const ATTACKS: readonly [string, () => Promise<{ status: number; codes: string[] }>, number, string][] = [
  ['depth 50', () => ask(DEEP.replace(/wallets/g, 'rewards')), 400, 'GRAPHQL_VALIDATION_FAILED'],
  ['1,000 aliases', () => ask(`{ ${repeat(1_000, (n) => `a${n}: webPushPublicKey`)} }`), 400, 'GRAPHQL_PARSE_FAILED'],
  ['300 aliases', () => ask(`{ ${repeat(300, (n) => `a${n}: webPushPublicKey`)} }`), 400, 'GRAPHQL_VALIDATION_FAILED'],
  ['circular fragments', () => ask('{ viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }'), 400, 'GRAPHQL_VALIDATION_FAILED'],
  ['a flood of directives', () => ask(`{ webPushPublicKey ${repeat(400, () => '@x')} }`), 400, 'GRAPHQL_VALIDATION_FAILED'],
  ['a batch', () => send(JSON.stringify(Array(1_000).fill({ query: '{ webPushPublicKey }' }))), 400, 'BAD_USER_INPUT'],
  ['10,000 values', () => send(`{"query":"{ webPushPublicKey }","variables":{"a":[${'1,'.repeat(10_000)}1]}}`), 400, 'BAD_USER_INPUT'],
  ['100,000 brackets', () => send(`{"query":"{ webPushPublicKey }","variables":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`), 400, 'BAD_USER_INPUT'],
  ['1 MiB of query', () => ask(`{ ${'webPushPublicKey '.repeat(60_000)} }`), 413, 'PAYLOAD_TOO_LARGE'],
  ['a compressed body', () => send('x', { 'content-encoding': 'gzip' }), 415, 'BAD_USER_INPUT'],
  ['pages of 100 in lists of 100', () => ask(`{ viewer { transactions(first: 100) { edges { node { benefits { campaign { budget { amount } } amount { amount } } rewardDecisions { conditions { label } } } } } } }`), 400, 'COST_LIMIT_EXCEEDED'],
  ['a page of a million', () => ask('{ merchants(first: 1000000) { edges { node { id } } } }'), 400, 'BAD_USER_INPUT'],
  ['another token', () => send('{"query":"{ viewer { id } }"}', { authorization: 'Bearer a.b.c' }), 401, 'UNAUTHENTICATED'],
];

describe('A10, A11, F17, F18: what is made to harm', () => {
  it.each(ATTACKS)('%s gets a code', async (_what, attack, status, code) => {
    expect(await attack()).toEqual({ status, codes: [code] });
  });

  it('all of it at once, beside 500 connections that never end their request: people are served, and memory stays', async () => {
    const person: Person = await newPerson();
    const round = () => Promise.all(ATTACKS.map(([, attack]) => attack()));
    // What the gateway learns of these documents once is no growth.
    await round();
    const before = residentBytes();
    hold(500);
    let isOver = false;
    const waits: number[] = [];
    const others = (async () => {
      do {
        const began = performance.now();
        const { data } = await person.client.request<any>('{ viewer { id wallets { balance { available { amount } } } } }');
        waits.push(performance.now() - began);
        expect(data.viewer.id).toBe(person.id);
      } while (!isOver);
    })();
    for (let n = 0; n < 20; n++) await round();
    isOver = true;
    await others;
    expect(Math.max(...waits)).toBeLessThan(5_000);
    const after = residentBytes();
    if (before !== undefined && after !== undefined) expect(after - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('the connections that never end their request are closed', async () => {
    const open = sockets.filter((socket) => !socket.destroyed);
    await Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve).resume())));
  });
});

describe('the budget fits what people ask', () => {
  it.each([
    ['a home screen', `{ viewer { displayName wallets { currency balance { available { amount currency } } }
      rewards { earned { amount currency } pending { amount } feeWaivers { campaign { name } expiresAt } }
      inbox(first: 20) { unreadCount edges { node { id title body transaction { id } } } }
      transactions(first: 20) { pageInfo { hasNextPage endCursor } edges { cursor node { id kind status direction
        amount { amount currency } fee { amount } merchant { name category } counterparty { displayName }
        benefits { kind status amount { amount } } } } } } }`],
    ['the longest statement', `{ viewer { transactions(first: 100) { edges { node { id kind status amount { amount }
      fee { amount } balanceAfter { amount } merchant { name } } } } } }`],
    ['every friend', '{ viewer { rewards { referrals { displayName status } } } }'],
  ])('%s', async (_what, query) => {
    const { token } = await newPerson();
    const response = await fetch(stack.gatewayUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    });
    expect(((await response.json()) as any).errors).toBeUndefined();
    expect(Number(response.headers.get('x-tael-cost'))).toBeGreaterThan(20);
  });
});
