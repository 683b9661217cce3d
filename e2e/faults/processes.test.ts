import { eventually } from '@tael/testkit';
import { join } from 'node:path';
import pg from 'pg';
import { type Fault, partOf, POINTS, ROOT, SERVICES, streamOf, textOf, Trial } from './engine';
import { WatchedClient } from './engine/latency';
import { insist } from './engine/people';
import { lasting, stateOf } from './engine/processes';
import { INSTANCES, onKafka, SEED } from './settings';
import { Tampering } from './tampering';

// Every test ends with the verdict: what was acknowledged stands once, by its id and by its key, and nothing else stands;
// each payment earned its cashback once and it was paid once; each message stands once in the inbox; outboxes, lags and
// dead letters are empty; the books are sound.

// A machine that does other work too takes its time to start a process again.
jest.setTimeout(600_000);

/** A stream of its own for each thing that is chosen: a test alone does what it does among the others, and a new point moves no other. */
const chance = (...what: (string | number)[]) => streamOf(SEED, 'processes', ...what);
const LEAST_KILLS = 30;
const WORKERS = 4;
/** The supervisor's pause (2 s after the fourth death in a row), Postgres' start and recovery, new sessions, an answer: on two busy cores. */
const SERVING_AGAIN_MS = 15_000;
let trial: Trial;

beforeAll(async () => {
  trial = await Trial.start({
    home: join(ROOT, '.tael', 'test', 'faults'), instances: INSTANCES, seed: SEED, workers: WORKERS, people: 8,
  });
}, 300_000);
afterAll(() => trial?.stop(), 120_000);
beforeEach(() => trial.load.start());

const instances = (service: string): string[] => Array.from({ length: INSTANCES }, (_, index) => partOf(service, index + 1));

async function sound(): Promise<void> {
  expect(await trial.verdict()).toEqual([]);
}

/** One fault after another, each once what the one before hit serves again. */
async function inflictInTurn(faults: readonly Fault[]): Promise<void> {
  for (const fault of faults) {
    await trial.inflict(fault).catch((error: Error) => {
      throw new Error(`${textOf(fault)} (seed ${SEED}): ${error.message}`, { cause: error });
    });
  }
}

/** The faults of each lane in turn, the lanes beside each other: while a service of one starts again, one of another is hit. */
async function inflictAll(...lanes: readonly (readonly Fault[])[]): Promise<void> {
  const ends = await Promise.allSettled(lanes.map(inflictInTurn));
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken) throw broken.reason;
  await trial.load.more(20);
}

describe('kill -9 at a named point', () => {
  type Lane = readonly [service: string, points: RegExp];
  const POINT_GROUPS: readonly [row: string, what: string, ...lanes: Lane[]][] = [
    ['F2, F3, F4', 'accounts before and after the commits of payments, transfers and refunds; rewards, its relay between read, publish and mark, its consumer before and after its commit',
      ['accounts', /^(payMerchant|sendMoney|refundPayment)/], ['rewards', /./]],
    ['F2, F3, F4', 'accounts around a top-up’s PENDING row, its charge, its booking and the processor’s notice; merchants, its relay, its consumer, and a webhook between claim, receiver and outcome',
      ['accounts', /^(top-?up|charge-notice)/i], ['merchants', /./]],
    ['F2, F4', 'accounts around a withdrawal’s commits, the order to the bank, its booking and the statement; notifications, its consumer, and a message between claim, channel and outcome',
      ['accounts', /^withdraw/], ['notifications', /./]],
    ['F3, F4', 'accounts: its relay between read, publish and mark, its consumer before and after its commit', ['accounts', /^(relay|consumer)/]],
  ];
  const pointsOf = ([service, points]: Lane) => POINTS.filter((one) => one.service === service && points.test(one.point));
  const faultsOf = (lane: Lane): Fault[] => pointsOf(lane).map(({ service, point }) => (
    { kind: 'point', afterMs: chance(service, point, 'moment').between(0, 300), service, point, nth: chance(service, point, 'pass').between(1, 3) }
  ));

  it.each(POINT_GROUPS)('%s: %s', async (_row, _what, ...lanes) => {
    await inflictAll(...lanes.map(faultsOf));
    await sound();
  });

  it('every point of the list is among them, so that each is known to be reached', () => {
    expect(POINT_GROUPS.flatMap(([, , ...lanes]) => lanes.flatMap(pointsOf))).toHaveLength(POINTS.length);
  });
});

describe('kill -9 at a random moment', () => {
  it('F2, F21: of each of the five services, twice, two services beside each other', async () => {
    const lanes = [SERVICES.slice(0, 2), SERVICES.slice(2)].map((services) => ['once', 'twice'].flatMap((round) => services.map((service) => {
      const random = chance(service, round);
      return { kind: 'kill', part: partOf(service, random.between(1, INSTANCES)), afterMs: random.between(0, 1_500) } as const;
    })));
    await inflictAll(...lanes);
    await sound();
  });

  it('F2: of every process of a service at once, service after service', async () => {
    await inflictAll(SERVICES.map((service) => ({ kind: 'kill-all', parts: instances(service), afterMs: chance('all of', service).between(0, 1_000) })));
    await sound();
  });

  it('F1: of Postgres with all its processes, four times, mid-payment: each time somebody is answered again within 15 s', async () => {
    const took: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await lasting(chance('postgres', n).between(1_000, 3_000));
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

  onKafka('F6: of Kafka, which comes back at once', async () => {
    await inflictAll([{ kind: 'kill', part: 'kafka', afterMs: chance('kafka').between(500, 2_000) }]);
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
    const parts = instances(service);
    parts.forEach((part) => trial.processes.hold(part));
    try {
      await Promise.all(parts.map((part) => trial.processes.kill(part)));
      const { journal } = trial.load;
      const [refused, paid] = [journal.timesRefused(), journal.acknowledged('PAYMENT').length];
      await trial.load.more(60);
      expect(journal.timesRefused()).toBe(refused);
      // Most of what is asked for is a payment; what was under way before may be among the first answers.
      expect(journal.acknowledged('PAYMENT').length - paid).toBeGreaterThan(15);
    } finally {
      parts.forEach((part) => trial.processes.letGo(part));
    }
    await sound();
  });

  it('F21: one subgraph: every field of the others still answers, with a typed error for what is missing', async () => {
    const person = trial.world.people[0]!;
    const shop = `merchant(id: "${trial.world.shops[0]!.id}") { name }`;
    const places = {
      accounts: undefined, merchants: 'merchant', rewards: 'viewer.rewards', notifications: 'viewer.inbox',
    };
    for (const [service, missing] of Object.entries(places)) {
      const parts = instances(service);
      parts.forEach((part) => trial.processes.hold(part));
      try {
        await Promise.all(parts.map((part) => trial.processes.kill(part)));
        // The viewer is accounts' own and never null: without it the rest of one operation goes by the rules of GraphQL.
        const shown = service === 'accounts' ? `{ ${shop} }` : `{ ${VIEWER} ${shop} }`;
        if (service === 'accounts') expect(await raw(`{ ${VIEWER} }`, person.token)).toMatchObject(RETRYABLE);
        expectOnlyMissing(missing, await raw(shown, person.token));
      } finally {
        parts.forEach((part) => trial.processes.letGo(part));
      }
      await Promise.all(parts.map((part) => trial.processes.ready(part)));
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

const VIEWER = 'viewer { displayName wallets { currency } rewards { earned { amount } } inbox(first: 1) { unreadCount } }';
const FIELDS = ['viewer', 'viewer.wallets', 'viewer.rewards', 'viewer.inbox', 'merchant'];
const RETRYABLE = { errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true } }] };

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
  return onAccounts(async (client) => {
    const { rows } = await client.query('/* faults.waiting */ SELECT count(*)::int AS n FROM outbox');
    return Number(rows[0].n);
  });
}

async function onAccounts<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: trial.processes.stack.databaseUrls.accounts });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function raw(query: string, token: string): Promise<any> {
  const port = trial.processes.stack.instances['gateway']![0]!.port;
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ query }),
  });
  return response.json();
}

/** The session of the relay that leads in accounts. */
const LEADER = `SELECT a.pid FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid AND l.granted
  WHERE l.locktype = 'advisory' AND a.application_name = 'tael-accounts-relay' AND a.datname = current_database()`;

/** Has the database itself note who moves the relay's cursor, from where to where. */
async function noteMoves(tampering: Tampering): Promise<void> {
  await tampering.query('accounts', `/* faults.note */
    CREATE TABLE faults_move (n bigint GENERATED ALWAYS AS IDENTITY, backend int, was text, is_now text);
    CREATE FUNCTION faults_note_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      INSERT INTO public.faults_move (backend, was, is_now) VALUES (pg_backend_pid(), OLD.xid || '/' || OLD.id, NEW.xid || '/' || NEW.id);
      RETURN NULL;
    END $$;
    CREATE TRIGGER faults_move AFTER UPDATE ON outbox_cursor FOR EACH ROW EXECUTE FUNCTION faults_note_move()`);
}

// Without a second process there is nobody who could lead, or book, meanwhile.
const onTwo = INSTANCES > 1 ? it : it.skip;

describe('a process that stands still for 20 s and wakes', () => {
  onTwo('F5: the relay, which has lost its office meanwhile: another one hands on, and it moves no cursor', async () => {
    const tampering = new Tampering(trial.processes.stack);
    await noteMoves(tampering);
    const hit = await trial.reach('accounts', 'relay.published:pause', (pid) => stateOf(pid) === 'T');
    // The session dies as behind a firewall that forgets it: the lock is free, and its old holder does not know.
    const [{ moves: before, old }] = await tampering.query('accounts',
      `/* faults.unseat */ SELECT (SELECT count(*)::int FROM faults_move) AS moves, l.pid AS old, pg_terminate_backend(l.pid) FROM (${LEADER}) l`);
    const leader = await eventually(async () => {
      const [row] = await tampering.query('accounts', `/* faults.leader */ ${LEADER}`);
      expect(row?.pid).toEqual(expect.any(Number));
      expect(row.pid).not.toBe(old);
      return row.pid as number;
    }, { timeoutMs: 20_000, describe: 'another relay leads' });
    // It leads while the old one stands still, and so it is not the old one.
    expect(stateOf(hit.pid)).toBe('T');
    await lasting(20_000);
    trial.processes.wake(hit.pid);
    await trial.load.more(20);
    await sound();
    const moves = (await tampering.query('accounts', '/* faults.moves */ SELECT backend, was, is_now FROM faults_move ORDER BY n')).slice(before);
    await tampering.query('accounts',
      '/* faults.undo */ DROP TRIGGER faults_move ON outbox_cursor; DROP FUNCTION faults_note_move; DROP TABLE faults_move');
    expect(moves.length).toBeGreaterThan(10);
    expect([...new Set(moves.map((move) => move.backend))]).toEqual([leader]);
    // Each began where the one before had ended: nobody moved it back.
    expect(moves.slice(1).map((move) => move.was)).toEqual(moves.slice(0, -1).map((move) => move.is_now));
  });

  onTwo('F5: a worker with a charged card in its hands, whose lease is over: the charge is booked once', async () => {
    const hit = await trial.reach('accounts', 'top-up.charged:pause', (pid) => stateOf(pid) === 'T');
    const pending = () => onAccounts(async (client) => {
      const { rows } = await client.query(
        `/* faults.lease */ SELECT count(*)::int AS n FROM top_up WHERE status = 'PENDING' AND "createdAt" < now() - interval '19 seconds'`,
      );
      return Number(rows[0].n);
    });
    await lasting(20_000);
    // The lease is for 20 s; the other worker asks the processor a moment later, and books.
    await eventually(async () => expect(await pending()).toBe(0), { timeoutMs: 20_000, describe: 'another worker books' });
    trial.processes.wake(hit.pid);
    await trial.load.more(20);
    await sound();
  });

  it('F5: one of rewards, one of notifications and one of the gateway, each wherever it stands', async () => {
    await inflictAll(...['rewards', 'notifications', 'gateway'].map((service): Fault[] => (
      [{ kind: 'pause', part: partOf(service, chance('pause', service).between(1, INSTANCES)), forMs: 20_000, afterMs: chance('pause', service, 'moment').between(0, 2_000) }]
    )));
    await sound();
  });
});

describe('money', () => {
  it('A1, A3: many at once under one key and for the whole balance, while accounts is killed: one effect, never overdrawn', async () => {
    await trial.load.settle();
    const [payer, shop] = [trial.world.people[1]!, trial.world.shops[0]!];
    const { wallet } = (await insist(trial.client, 'query { viewer { wallet(currency: "USD") { balance { available { amount } } } } }', {}, payer.token)) as any;
    const available = BigInt(wallet.balance.available.amount.replace('.', ''));
    const amount = (available / 3n) - 600n;
    const key = (n: number) => `all-${SEED}-${n % 8}`;
    const send = async (n: number): Promise<string> => {
      const input = {
        walletId: payer.walletId, merchantId: shop.id, idempotencyKey: key(n),
        amount: { amount: `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`, currency: 'USD' },
      };
      return answered(input, payer.token);
    };
    const sending = Promise.all(Array.from({ length: 64 }, (_, n) => send(n)));
    await Promise.all(instances('accounts').map((part) => trial.processes.kill(part)));
    trial.kills += INSTANCES;
    const answers = await sending;
    const byKey = new Map<string, Set<string>>();
    answers.forEach((answer, n) => byKey.set(key(n), (byKey.get(key(n)) ?? new Set()).add(answer)));
    expect([...byKey.values()].map((set) => set.size)).toEqual(Array(8).fill(1));
    const paid = [...byKey.values()].flatMap((set) => [...set]).filter((answer) => answer !== 'INSUFFICIENT_FUNDS');
    expect(paid).toHaveLength(3);
    byKey.forEach((set, idempotencyKey) => {
      const [answer] = [...set];
      trial.load.journal.operations.push({
        kind: 'PAYMENT', key: idempotencyKey, scope: payer.id, minor: amount, query: '', input: { merchantId: shop.id }, attempts: 1,
        ...(answer === 'INSUFFICIENT_FUNDS' ? { refusal: answer } : { transactionId: answer! }),
      });
    });
    await trial.processes.allReady();
    await sound();
  });
});

/** Pays, however often that takes: gives the transaction's id, or the code of the refusal. */
async function answered(input: object, token: string): Promise<string> {
  const query = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { transaction { id } userErrors { code } } }`;
  for (;;) {
    const reply = await trial.client.ask({ query, variables: { input }, token });
    if (reply.kind === 'data') return reply.data.payMerchant.transaction?.id ?? reply.data.payMerchant.userErrors[0].code;
    if (reply.kind === 'fault') throw new Error(reply.text);
    await lasting(100);
  }
}

it('the suite has killed often enough to say something', () => {
  expect(trial.kills).toBeGreaterThanOrEqual(LEAST_KILLS);
});
