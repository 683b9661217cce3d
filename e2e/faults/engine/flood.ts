import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from './journal';
import type { World } from './people';
import { type Random, streamOf } from './random';

/** So many connections a gateway. */
const CONNECTIONS = 300;
const PATIENCE_MS = 60_000;
const CLOSED_LOOP = 48;
/** Of a hundred requests so many pay; the rest looks. */
const PAYMENTS = 15;
const TICK_MS = 10;

const PAY = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { transaction { id } userErrors { code } } }`;
const LOOK = `query { viewer { displayName wallets { currency balance { available { amount } } } } }`;

export interface FloodOutcome {
  /** What was due, and what of it was sent: for the rest no connection was free, and it says nothing of the stack. */
  readonly due: number;
  readonly sent: number;
  readonly done: number;
  readonly refused: number;
  readonly refusals: Readonly<Record<string, number>>;
  /** How long refusals took as who was refused saw it: those that the gateway gave for the load, and those of a subgraph that it had given up. */
  readonly busyMs: Spread;
  readonly lateMs: Spread;
  /** Answers that no client should see, under whatever load. */
  readonly faults: readonly string[];
}

/** How times are spread: half took no longer, nineteen of twenty, all; of none nothing is known. */
export interface Spread {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly max: number | undefined;
}

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: any;
  readonly tookMs: number;
}

/** More requests than the stack can answer, at moments that do not depend on its answers. */
export class Flood {
  private readonly agents: Agent[];
  private sequence = 0;
  private readonly unknown: (() => Promise<boolean>)[] = [];

  constructor(private readonly options: { ports: readonly number[]; world: World; journal: Journal; seed: number }) {
    this.agents = options.ports.map(() => new Agent({ keepAlive: true, maxSockets: CONNECTIONS }));
  }

  /** How many requests a second are answered where each client waits for its answer. */
  async capacity(forMs: number): Promise<number> {
    let answers = 0;
    const end = performance.now() + forMs;
    const tally = new Tally();
    await Promise.all(Array.from({ length: CLOSED_LOOP }, async (_, client) => {
      const stream = streamOf(this.options.seed, 'capacity', client);
      for (; performance.now() < end; answers += 1) await this.one(tally, stream);
    }));
    return Math.round((answers * 1_000) / forMs);
  }

  /** Sends so many a second, whether they are answered or not; resolves when the last one was. */
  async open({ perSecond, forMs }: { perSecond: number; forMs: number }): Promise<FloodOutcome> {
    const tally = new Tally();
    const under = new Set<Promise<void>>();
    // Drawn for what is due, be there a connection for it or not: what is wanted when does not follow from the answers.
    const draw = (): Random => streamOf(this.options.seed, 'flood', due);
    let [due, sent] = [0, 0];
    const begun = performance.now();
    for (let passed = 0; passed < forMs; passed = performance.now() - begun) {
      for (; due < (passed / 1_000) * perSecond; due += 1) {
        if (under.size >= CONNECTIONS * this.agents.length) continue;
        sent += 1;
        const one = this.one(tally, draw()).finally(() => under.delete(one));
        under.add(one);
      }
      await sleep(TICK_MS);
    }
    await Promise.all(under);
    await this.settle();
    this.agents.forEach((agent) => agent.destroy());
    return { due, sent, ...tally.outcome() };
  }

  /** What was not answered in time may stand: like any client, these ask again under their keys until they know. */
  private async settle(): Promise<void> {
    for (const ask of this.unknown.splice(0)) while (!(await ask())) await sleep(200);
  }

  private async one(tally: Tally, random: Random): Promise<void> {
    const { world, journal, ports } = this.options;
    const at = (this.sequence += 1) % ports.length;
    const person = random.pick(world.people);
    if (random.between(0, 99) >= PAYMENTS) return tally.count(await this.post(at, person.token, { query: LOOK }));
    const key = `flood-${this.options.seed}-${this.sequence}`;
    const shop = random.pick(world.shops);
    const input = { walletId: person.walletId, merchantId: shop.id, amount: { amount: '1.00', currency: 'USD' }, idempotencyKey: key };
    const noted = (answer: Answer | Error): boolean => {
      const payload = answer instanceof Error ? undefined : answer.body?.data?.payMerchant;
      const [transactionId, refusal] = [payload?.transaction?.id, payload?.userErrors?.[0]?.code];
      if (!transactionId && !refusal) return false;
      journal.operations.push({
        kind: 'PAYMENT', key, scope: person.id, minor: 100n, query: PAY, input, attempts: 1,
        ...(transactionId ? { transactionId } : { refusal }),
      });
      return true;
    };
    const send = () => this.post(at, person.token, { query: PAY, variables: { input } });
    const answer = await send();
    tally.count(answer);
    // What was refused for the load is not done: the verdict would find it as something that nobody was told of.
    if (!noted(answer) && judge(answer).what === 'SUBGRAPH_UNAVAILABLE') this.unknown.push(async () => noted(await send()));
  }

  private post(at: number, token: string, asked: object): Promise<Answer | Error> {
    const body = JSON.stringify(asked);
    const begun = performance.now();
    return new Promise((resolve) => {
      const sent = request({
        host: '127.0.0.1', port: this.options.ports[at], path: '/graphql', method: 'POST', agent: this.agents[at], timeout: PATIENCE_MS,
        headers: {
          'content-type': 'application/json', accept: 'application/graphql-response+json',
          'content-length': Buffer.byteLength(body), authorization: `Bearer ${token}`,
        },
      }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          let read: any;
          try {
            read = JSON.parse(text);
          } catch {
            read = undefined;
          }
          resolve({ status, retryAfter: headers['retry-after'], body: read, tookMs: performance.now() - begun });
        });
        response.on('error', resolve);
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
      sent.on('error', resolve);
      sent.end(body);
    });
  }
}

/** What came of many requests. */
class Tally {
  private done = 0;
  private readonly refusals = new Map<string, number>();
  private readonly faults = new Map<string, number>();
  private readonly busyMs: number[] = [];
  private readonly lateMs: number[] = [];

  count(answer: Answer | Error): void {
    const { into, what } = judge(answer);
    if (into === 'refusals') (what === 'SUBGRAPH_UNAVAILABLE' ? this.lateMs : this.busyMs).push((answer as Answer).tookMs);
    if (into === 'done') this.done += 1;
    else this[into].set(what, (this[into].get(what) ?? 0) + 1);
  }

  outcome(): Omit<FloodOutcome, 'due' | 'sent'> {
    const refused = [...this.refusals.values()].reduce((sum, count) => sum + count, 0);
    const faults = [...this.faults].map(([what, count]) => `${count} x ${what}`);
    return {
      done: this.done, refused, refusals: Object.fromEntries(this.refusals), busyMs: spreadOf(this.busyMs), lateMs: spreadOf(this.lateMs), faults,
    };
  }
}

export function spreadOf(times: readonly number[]): Spread {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number): number | undefined => {
    const time = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    return time === undefined ? undefined : Math.round(time);
  };
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

/** Seconds, as who was refused can wait. */
const SECONDS = /^[1-9]\d{0,3}$/;

/**
 * A refusal for the load is 503 SERVICE_BUSY or 429 RATE_LIMITED, and says when to come again; or what a subgraph did not
 * answer in time, which may be asked again.
 */
export function judge(answer: Answer | Error): { into: 'done' | 'refusals' | 'faults'; what: string } {
  if (answer instanceof Error) return { into: 'faults', what: answer.message };
  const { status, retryAfter, body } = answer;
  const code: string | undefined = body?.errors?.[0]?.extensions?.code;
  if (status === 200 && body?.data && code === undefined) return { into: 'done', what: '' };
  const isTyped = (status === 503 && code === 'SERVICE_BUSY') || (status === 429 && code === 'RATE_LIMITED');
  const isLate = code === 'SUBGRAPH_UNAVAILABLE' && body.errors[0].extensions.retryable === true;
  if ((isTyped && SECONDS.test(retryAfter ?? '')) || isLate) return { into: 'refusals', what: code! };
  return { into: 'faults', what: `${status} ${code} retry-after ${retryAfter} ${body?.errors?.[0]?.message ?? JSON.stringify(body)?.slice(0, 100)}` };
}
