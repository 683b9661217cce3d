import { eventually } from '@tael/testkit';
import { join } from 'node:path';
import { SERVICES, streamOf, type Trial } from './engine';
import { onDatabase } from './engine/databases';
import { WatchedClient } from './engine/latency';
import { insist } from './engine/people';
import { lasting } from './engine/processes';
import { operatorLogin } from './engine/stack.files';
import { queryNames, type RootField, rootFields, shapeOf } from './fields';
import { onKafka, SEED } from './settings';
import { instances, underLoad } from './under-load';

// Parts that are away, and how soon whoever is left answers; kills.test.ts has those that die and come back.
// Every test ends with the verdict: what was acknowledged stands once, by its id and by its key, and nothing else stands;
// each payment earned its cashback once and it was paid once; each message stands once in the inbox; outboxes, lags and
// dead letters are empty; the books are sound.

const WORKERS = 4;
/** The supervisor's pause (2 s after the fourth death in a row), Postgres' start and recovery, new sessions, an answer: on two busy cores. */
const SERVING_AGAIN_MS = 15_000;
let trial: Trial;

const sound = underLoad({ home: 'faults', workers: WORKERS, started: (started) => (trial = started) });

describe('kill -9 of Postgres', () => {
  it('F1: of Postgres with all its processes, four times, mid-payment: each time somebody is answered again within 15 s', async () => {
    const took: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await lasting(streamOf(SEED, 'processes', 'postgres', n).between(1_000, 3_000));
      const { over } = await trial.hit({ kind: 'kill', part: 'postgres', afterMs: 0 });
      const killed = performance.now();
      // What was committed just before may still be answered: of so many one at least was asked for after.
      await trial.load.more(WORKERS + 1, SERVING_AGAIN_MS);
      took.push(Math.round(performance.now() - killed));
      await over;
    }
    process.stderr.write(`F1: served again after ${took.join(', ')} ms\n`);
    await trial.load.more(20);
    await sound();
  });
});

/** For so long payments are timed before the broker goes. */
const PACE_MS = 30_000;
const AWAY_LOOK_MS = 5_000;
/** The outbox is empty, and whoever hears of it has worked everything off: on two cores that they share with clients, database and broker. */
const SENT_MS = 30_000;
const WORKED_OFF_MS = 60_000;
/** What a core that somebody else has just now takes from a payment that needs tens of milliseconds. */
const GRAIN_MS = 20;
/** A refusal, and the first answer after the database is back. */
const REFUSED_MS = 2_000;
const RECOVERED_MS = 5_000;

describe('while a part is away', () => {
  onKafka('F6: Kafka for a minute: payments are as quick as before, events wait in the outbox, half a minute after its return none does, and in a minute all are worked off', async () => {
    const { load } = trial;
    const payments = new WatchedClient(trial.client);
    const watch = load.watch({ ask: (asked) => (asked.query.includes('payMerchant') ? payments : trial.client).ask(asked) });
    const pace = () => ({ p50: payments.percentile(50), p99: payments.percentile(99), answers: payments.answers });
    await lasting(PACE_MS);
    const before = pace();
    payments.forget();
    const waiting: number[] = [];
    let paid = 0;
    const paidBefore = load.journal.acknowledged('PAYMENT').length;
    await trial.outage('kafka', async () => {
      // What was acknowledged right before the kill may still be taken out of the outbox at the first moment.
      await lasting(AWAY_LOOK_MS);
      for (const end = performance.now() + 60_000; performance.now() < end; await lasting(AWAY_LOOK_MS)) waiting.push(await waitingEvents());
      paid = load.journal.acknowledged('PAYMENT').length - paidBefore;
      waiting.push(await waitingEvents());
    });
    const away = pace();
    const back = performance.now();
    watch.end();
    // Nothing new comes, so that what is left is what waited.
    await load.settle();
    const since = () => Math.round(performance.now() - back);
    await eventually(async () => expect(await waitingEvents()).toBe(0), { timeoutMs: 2 * SENT_MS, describe: 'what waited is sent' });
    const sentMs = since();
    await eventually(async () => expect(await trial.waiting()).toEqual([]), { timeoutMs: 2 * WORKED_OFF_MS, describe: 'what waited is worked off' });
    const workedOffMs = since();
    process.stderr.write(`broker away: ${JSON.stringify({ before, away, waiting, paid, sentMs, workedOffMs })}\n`);
    expect(Object.fromEntries(payments.refusals)).toEqual({});
    expect(away.p50).toBeLessThan(before.p50 * 1.1 + GRAIN_MS);
    expect(away.p99).toBeLessThan(before.p99 * 2 + GRAIN_MS);
    // It only grows, and holds an event for each payment at least.
    expect(waiting).toEqual([...waiting].sort((one, other) => one - other));
    expect(waiting.at(-1)).toBeGreaterThan(0.8 * paid);
    expect(sentMs).toBeLessThan(SENT_MS);
    expect(workedOffMs).toBeLessThan(WORKED_OFF_MS);
    await sound();
  });

  it.each(['rewards', 'notifications', 'merchants'])('F21: %s: payments go on, and what they missed follows', async (service) => {
    await withoutService(service, async () => {
      const { journal } = trial.load;
      const [refused, paid] = [journal.timesRefused(), journal.acknowledged('PAYMENT').length];
      await trial.load.more(60);
      expect(journal.timesRefused()).toBe(refused);
      // Most of what is asked for is a payment; what was under way before may be among the first answers.
      expect(journal.acknowledged('PAYMENT').length - paid).toBeGreaterThan(15);
    });
    await sound();
  });

  it('F21: one subgraph: every query of the others is answered as before, its own are refused by code, and of one that needs several only its part is missing', async () => {
    const { person, shown, ask } = await fields();
    await trial.load.settle();
    await eventually(async () => expect(await trial.waiting()).toEqual([]), { timeoutMs: 60_000, describe: 'nothing is on its way' });
    const all = rootFields();
    expect(all.map(({ name }) => name).sort()).toEqual(queryNames().sort());
    const before = new Map<string, unknown>();
    for (const field of all) before.set(field.name, shapeOf(await ask(field)));
    // What nobody may ask says nothing of who is there; it must not be most.
    const answered = all.filter(({ name }) => (before.get(name) as { refused: string[] }).refused.length === 0);
    expect(answered.length).toBeGreaterThan(0.8 * all.length);
    for (const [service, missing] of Object.entries({ accounts: undefined, merchants: 'merchant', rewards: 'viewer.rewards', notifications: 'viewer.inbox' })) {
      await withoutService(service, async () => {
        // One after another: it is not about many at once, and a service that has just come back answers its first ones slowly.
        const now: { field: RootField; answer: any }[] = [];
        for (const field of all) now.push({ field, answer: await ask(field) });
        const others = now.filter(({ field }) => field.subgraph !== service);
        expect({ service, ...Object.fromEntries(others.map(({ field, answer }) => [field.name, shapeOf(answer)])) })
          .toEqual({ service, ...Object.fromEntries(others.map(({ field }) => [field.name, before.get(field.name)])) });
        for (const { field, answer } of now) if (field.subgraph === service) expect({ name: field.name, ...answer }).toMatchObject({ name: field.name, ...RETRYABLE });
        // The viewer is accounts' own and never null: without it the rest of one operation goes by the rules of GraphQL.
        expectOnlyMissing(missing, await raw(service === 'accounts' ? `{ ${shown} }` : `{ ${VIEWER} ${shown} }`, person.token));
      });
    }
    await sound();
  });

  it('F12: Postgres: a fast, clear, retryable refusal, and recovery without a restart', async () => {
    const services = SERVICES.filter((service) => service !== 'gateway').flatMap(instances);
    const pids = () => Object.fromEntries(services.map((part) => [part, trial.processes.pid(part)]));
    await Promise.all(services.map((part) => trial.processes.ready(part)));
    await trial.load.settle();
    const before = pids();
    const [person, shop] = [trial.world.people[0]!, trial.world.shops[0]!];
    const input = {
      walletId: person.walletId, merchantId: shop.id, amount: { amount: '1.00', currency: 'USD' }, idempotencyKey: `away-${SEED}`,
    };
    const query = 'mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { userErrors { code } } }';
    await trial.outage('postgres', async () => {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const reply = await trial.client.ask({ query, variables: { input }, token: person.token });
        expect(reply).toMatchObject({ kind: 'again', code: expect.stringMatching(/^(SERVICE_UNAVAILABLE|SUBGRAPH_UNAVAILABLE)$/) });
        expect((reply as { tookMs: number }).tookMs).toBeLessThan(REFUSED_MS);
      }
    });
    trial.load.start();
    await trial.load.more(1, RECOVERED_MS);
    await trial.load.more(20);
    expect(pids()).toEqual(before);
    await sound();
  });
});

const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code } } }';
const VIEWER = 'viewer { displayName wallets { currency } rewards { earned { amount } } inbox(first: 1) { unreadCount } }';
const FIELDS = ['viewer', 'viewer.wallets', 'viewer.rewards', 'viewer.inbox', 'merchant'];
const RETRYABLE = { errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true } }] };

/** Who asks for each field of the root, and how. */
async function fields() {
  const [person, shop] = [trial.world.people[0]!, trial.world.shops[0]!];
  // It reads what the running stack says of itself as it is loaded.
  process.env['TAEL_E2E_HOME'] = trial.processes.home;
  const { INPUTS } = (await import(join(__dirname, '..', 'security', 'inputs'))) as typeof import('../security/inputs');
  const { session } = await insist(trial.client, SIGN_IN, operatorLogin(trial.processes.home));
  const given: Record<string, object> = {
    merchant: { id: shop.id }, promotionKit: { storeId: shop.storeId }, transaction: { id: trial.load.journal.acknowledged('PAYMENT')[0]!.transactionId },
  };
  const inputOf = (name: string): object => given[name]
    ?? INPUTS[`Query.${name}`]?.({ ...person, person: undefined, client: undefined as never }, { shopId: shop.id } as never) ?? {};
  const ask = ({ name, document, isForOperators }: RootField): Promise<any> => raw(document, isForOperators ? session.accessToken : person.token, inputOf(name));
  return { person, shown: `merchant(id: "${shop.id}") { name }`, ask };
}

/** Does something while no process of a service runs. */
async function withoutService(service: string, work: () => Promise<void>): Promise<void> {
  const parts = instances(service);
  parts.forEach((part) => trial.processes.hold(part));
  try {
    await Promise.all(parts.map((part) => trial.processes.kill(part)));
    await work();
  } finally {
    parts.forEach((part) => trial.processes.letGo(part));
  }
  await Promise.all(parts.map((part) => trial.processes.ready(part)));
}

/** Everything is answered but one field, which has a typed error; where none is named, everything without an error. */
function expectOnlyMissing(missing: string | undefined, answer: any): void {
  if (missing === undefined) return expect(answer).toEqual({ data: { merchant: { name: expect.any(String) } } });
  const codes = [...new Set(answer.errors?.map((error: any) => `${error.path.join('.')} ${error.extensions.code} ${error.extensions.retryable}`))];
  expect(codes).toEqual([`${missing} SUBGRAPH_UNAVAILABLE true`]);
  const valueOf = (field: string): unknown => field.split('.').reduce((data: any, name) => data?.[name], answer.data) ?? null;
  const unanswered = FIELDS.filter((field) => valueOf(field) === null);
  expect(unanswered).toEqual([missing]);
}

/** Events of accounts that wait in its outbox. */
async function waitingEvents(): Promise<number> {
  const { accounts } = trial.processes.stack.databaseUrls;
  const [row] = await onDatabase(accounts, (client) => client.query('/* faults.waiting */ SELECT count(*)::int AS n FROM outbox'));
  return Number(row.n);
}

async function raw(query: string, token: string, variables: object = {}): Promise<any> {
  const port = trial.processes.stack.instances['gateway']![0]!.port;
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

