import { eventually } from '@tael/testkit';
import { type Fault, partOf, POINTS, SERVICES, streamOf, Trial } from './engine';
import { onDatabase } from './engine/databases';
import { SUBSCRIPTIONS } from './engine/groups';
import { inflictAll } from './engine/lanes';
import { insist } from './engine/people';
import { lasting, stateOf } from './engine/processes';
import { INSTANCES, onKafka, onTwo, SEED } from './settings';
import { Tampering } from './tampering';
import { instances, underLoad } from './under-load';

// Processes that die or stand still, whenever and wherever: what stands afterwards is looked at, and not how long it took.
// Every test ends with the verdict: what was acknowledged stands once, by its id and by its key, and nothing else stands;
// each payment earned its cashback once and it was paid once; each message stands once in the inbox, and of each of its
// deliveries that has ended one event tells; outboxes, lags and dead letters are empty; the books are sound.

/** A stream of its own for each thing that is chosen: a test alone does what it does among the others, and a new point moves no other. */
const chance = (...what: (string | number)[]) => streamOf(SEED, 'processes', ...what);
const LEAST_KILLS = 30;
let trial: Trial;

const sound = underLoad({ home: 'kills', workers: 4, started: (started) => (trial = started) });

const inflict = (...lanes: readonly (readonly Fault[])[]): Promise<void> => inflictAll(trial, SEED, ...lanes);

describe('kill -9 at a named point', () => {
  type Lane = readonly [service: string, points: RegExp];
  const POINT_GROUPS: readonly [row: string, what: string, ...lanes: Lane[]][] = [
    ['F2, F3, F4', 'accounts before and after the commits of payments, transfers and refunds; rewards, its relay between read, publish and mark, its consumer before and after its commit',
      ['accounts', /^(payMerchant|sendMoney|refundPayment)/], ['rewards', /./]],
    ['F2, F3, F4', 'accounts around a top-up’s PENDING row, its charge, its booking and the processor’s notice; merchants, its relay, its consumer, and a webhook between claim, receiver and outcome',
      ['accounts', /^(top-?up|charge-notice)/i], ['merchants', /./]],
    ['F2, F4', 'accounts around a withdrawal’s commits, the order to the bank, its booking and the statement; notifications, its consumer, and a message between claim, channel and outcome',
      ['accounts', /^withdraw/], ['notifications', /^(consumer|delivery)/]],
    ['F3, F4', 'accounts: its relay between read, publish and mark, its consumer before and after its commit; notifications: its relay, too',
      ['accounts', /^(relay|consumer)/], ['notifications', /^relay/]],
  ];
  const pointsOf = ([service, points]: Lane) => POINTS.filter((one) => one.service === service && points.test(one.point));
  const faultsOf = (lane: Lane): Fault[] => pointsOf(lane).map(({ service, point }) => (
    { kind: 'point', afterMs: chance(service, point, 'moment').between(0, 300), service, point, nth: chance(service, point, 'pass').between(1, 3) }
  ));

  it.each(POINT_GROUPS)('%s: %s', async (_row, _what, ...lanes) => {
    await inflict(...lanes.map(faultsOf));
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
    await inflict(...lanes);
    await sound();
  });

  it('F2: of every process of a service at once, service after service', async () => {
    await inflict(SERVICES.map((service) => ({ kind: 'kill-all', parts: instances(service), afterMs: chance('all of', service).between(0, 1_000) })));
    await sound();
  });

  onKafka('F6: of Kafka, which comes back at once', async () => {
    await inflict([{ kind: 'kill', part: 'kafka', afterMs: chance('kafka').between(500, 2_000) }]);
    await sound();
  });
});

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

describe('a process that stands still for 20 s and wakes', () => {
  onTwo('F5: the relay, whose session the server has ended meanwhile, and so its office: another one hands on, and it moves no cursor', async () => {
    const tampering = new Tampering(trial.processes.stack);
    await noteMoves(tampering);
    const hit = await trial.reach('accounts', 'relay.published:pause', (pid) => stateOf(pid) === 'T');
    // To stand still loses no office: a session lives as long as its connection, and the kernel keeps that. So the server ends it, as it does where a
    // firewall has forgotten the connection: the lock is free, and its old holder does not know.
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
    const pending = async () => {
      const [row] = await onDatabase(trial.processes.stack.databaseUrls.accounts, (client) => client.query(
        `/* faults.lease */ SELECT count(*)::int AS n FROM top_up WHERE status = 'PENDING' AND "createdAt" < now() - interval '19 seconds'`,
      ));
      return Number(row.n);
    };
    await lasting(20_000);
    // The lease is for 20 s; the other worker asks the processor a moment later, and books.
    await eventually(async () => expect(await pending()).toBe(0), { timeoutMs: 20_000, describe: 'another worker books' });
    trial.processes.wake(hit.pid);
    await trial.load.more(20);
    await sound();
  });

  it('F5: one of rewards, one of notifications and one of the gateway, each wherever it stands', async () => {
    await inflict(...['rewards', 'notifications', 'gateway'].map((service): Fault[] => (
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

describe('a replay', () => {
  const CONSUMERS = ['accounts', 'merchants', 'rewards', 'notifications'] as const;
  /**
   * What a consumer remembers of its events and a relay of its place; and what goes on by itself as time goes by: the books are closed over, the bank's statement is
   * asked for, the feed of live messages is forgotten.
   */
  const NO_EFFECTS = /\.(inbox|outbox|outbox_cursor|ledger_checkpoint|bank_statement_cursor|live_feed)$/;

  /** A sum of all that stands in each table of ours, and of what the bank, the processor, mail and push servers were told. */
  async function standing(): Promise<Record<string, string>> {
    const { databaseUrls } = trial.processes.stack;
    const sums: Record<string, string> = {};
    for (const name of [...CONSUMERS, 'sandbox'] as const) {
      const tables = await onDatabase(databaseUrls[name], (client) => client.query(
        `/* faults.tables */ SELECT table_name AS table FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
      ));
      for (const { table } of tables) {
        const place = `${name}.${table}`;
        if (NO_EFFECTS.test(place)) continue;
        const [{ sum }] = await onDatabase(databaseUrls[name], (client) => client.query(
          `/* faults.sum */ SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(line, '' ORDER BY line)), 'none') AS sum FROM (SELECT md5(t::text) AS line FROM "${table}" t) l`,
        ));
        sums[place] = sum;
      }
    }
    return sums;
  }

  it('of every topic to every group, where no inbox remembers anything any more: no effect comes a second time', async () => {
    await trial.load.more(100);
    await sound();
    // Mails go out behind their messages, and what was appended is folded a moment later.
    const before = await eventually(async () => {
      const first = await standing();
      await lasting(1_000);
      expect(await standing()).toEqual(first);
      return first;
    }, { timeoutMs: 60_000, describe: 'nothing moves any more' });
    const tampering = new Tampering(trial.processes.stack);
    const parts = CONSUMERS.flatMap(instances);
    parts.forEach((part) => trial.processes.hold(part));
    try {
      await Promise.all(parts.map((part) => trial.processes.kill(part)));
      for (const name of CONSUMERS) await tampering.query(name, '/* faults.forget */ DELETE FROM inbox');
      // The broker takes a dead member for a living one until its session is over.
      for (const [group, topics] of Object.entries(SUBSCRIPTIONS)) {
        await eventually(() => trial.bus.rewind(group, topics), { timeoutMs: 30_000, describe: `the group ${group} is empty` });
      }
    } finally {
      parts.forEach((part) => trial.processes.letGo(part));
    }
    // Its look at what is on its way waits until each group has read all of it.
    await sound();
    await eventually(async () => expect(await standing()).toEqual(before), { timeoutMs: 30_000, describe: 'all is as it was' });
    // And life goes on.
    trial.load.start();
    await trial.load.more(20);
    await sound();
  });
});

it('the suite has killed often enough to say something', () => {
  expect(trial.kills).toBeGreaterThanOrEqual(LEAST_KILLS);
});
