import { buildIndexBeside, createDataSource, dropIndexBeside, migrate, type Migration } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { join } from 'node:path';
import pg from 'pg';
import { ROOT, SERVICES, Trial } from './engine';
import { onDatabase } from './engine/databases';
import { WatchedClient } from './engine/latency';
import { signInAgain } from './engine/people';
import { ENDED_MS, lasting, type Restart } from './engine/processes';
import { Listener } from './listener';
import { INSTANCES, onKafka, SEED } from './settings';

// What an operator does on a working day while people pay, and what a group of consumers goes through when its members
// come and go. Nobody may notice any of it.

/**
 * No answer may be slower while the schema changes. A migration waits for a lock half a second, and whoever comes behind it as long; from the thirteenth try on it
 * waits two seconds, which leaves an answer one more for all else (`packages/platform/src/postgres/migrate.ts`).
 */
const SLOWEST_MS = 3_000;
/** What ninety-nine of a hundred take at most meanwhile: each change holds its lock for a moment, and there are fourteen. */
const P99_MS = 1_500;
/** No cashback may wait longer while consumers come and go. */
const STALL_MS = 15_000;
const STORM_MS = 60_000;
const EVERYTHING = `query { viewer { displayName wallets { currency } transactions(first: 2) { edges { node { id kind description } } }
  rewards { earned { amount } } inbox(first: 1) { unreadCount } } }`;

let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start({
    home: join(ROOT, '.tael', 'test', 'upkeep'), instances: Math.max(2, INSTANCES), seed: SEED, workers: 3, people: 6,
    // A machine that does other work too may let a process wait for seconds, whether somebody restarts it or not.
    env: { SUBGRAPH_QUERY_TIMEOUT_MS: '10000' },
  });
});
afterAll(() => trial?.stop(), 120_000);
beforeEach(async () => {
  trial.load.start();
  await trial.load.more(20);
});

/** The database of accounts, for somebody who may change its schema: the service may not. */
function accountsAsOwner(): string {
  const { adminDatabaseUrl, databaseUrls } = trial.processes.stack;
  return Object.assign(new URL(adminDatabaseUrl), { pathname: new URL(databaseUrls.accounts).pathname }).href;
}

async function sound(): Promise<void> {
  expect(await trial.verdict()).toEqual([]);
}

/** Does something while people pay and somebody looks at everything without end: no answer of theirs may ask for patience. */
async function unnoticed(work: () => Promise<void>): Promise<WatchedClient> {
  const watched = new WatchedClient(trial.client);
  const payments = trial.load.watch(watched);
  let isOver = false;
  const looking = (async () => {
    for (const person = trial.world.people[0]!; !isOver; await lasting(30)) {
      await watched.ask({ query: EVERYTHING, variables: {}, token: person.token });
    }
  })();
  try {
    await work();
    await trial.load.more(20);
  } finally {
    isOver = true;
    await looking;
    payments.end();
  }
  expect(Object.fromEntries(watched.refusals)).toEqual({});
  return watched;
}

/** The messages in somebody's inbox since a moment, and when each was written there. */
async function messagesSince(personId: string, since: number): Promise<{ id: string; at: number }[]> {
  return onDatabase(trial.processes.stack.databaseUrls.notifications, (client) => client.query(
    `/* faults.inbox */ SELECT id, (extract(epoch FROM "createdAt") * 1000)::float8 AS at FROM notification
     WHERE "personId" = $1 AND "inInbox" AND "createdAt" > to_timestamp($2::float8 / 1000)`, [personId, since],
  ));
}

it('a rolling restart of every process: no request fails, none is refused, not even a connection; each ends within 30 s; a socket is sent to another gateway, and hears all but what falls into the change', async () => {
  const [listener, person] = [await listen(), trial.world.people[0]!];
  const begun = Date.now();
  const restarts: Restart[] = [];
  const watched = await unnoticed(async () => {
    for (const part of SERVICES.flatMap((service) => trial.processes.partsOf(service))) restarts.push(await trial.processes.restart(part));
  });
  await sound();
  const messages = await messagesSince(person.id, begun);
  // What is written while a socket changes gateways, or a gateway the instance that it hears from, is in the inbox and not told: a client reads that when it is back.
  const changes = [
    ...listener.closed.map(({ at }, n) => ({ from: at, to: listener.opened[n + 1]! })),
    ...restarts.filter(({ part }) => part.startsWith('notifications')),
  ];
  const missed = messages.filter(({ id }) => !listener.heard.has(id));
  const unexplained = missed.filter(({ at }) => !changes.some(({ from, to }) => at > from - TURN_MS && at < to + TURN_MS));
  const figures = {
    answers: watched.answers, p99: watched.percentile(99), slowest: watched.percentile(100), endedMs: restarts.map(({ endedMs }) => endedMs), messages: messages.length, missed: missed.length,
    awayMs: listener.closed.map(({ at }, n) => listener.opened[n + 1]! - at),
  };
  process.stderr.write(`rolling restart: ${JSON.stringify(figures)}\n`);
  await listener.stop();
  expect(watched.answers).toBeGreaterThan(200);
  expect(Math.max(...figures.endedMs)).toBeLessThan(ENDED_MS);
  expect(listener.errors).toEqual([]);
  // Each gateway that it was connected to said that it goes away, and none broke off.
  expect(listener.closed.map(({ code }) => code)).toEqual(Array(2).fill(GOING_AWAY));
  // It asks twice, for a connection and to be let in, and waits for answers as everybody does.
  expect(Math.max(...figures.awayMs)).toBeLessThan(TURN_MS + 2 * figures.slowest);
  expect(unexplained).toEqual([]);
  expect(messages.length - missed.length).toBeGreaterThan(20);
});

/** How a gateway closes its sockets as it stops. */
const GOING_AWAY = 1001;
/** Its pause, and until what it asked for has begun at a subgraph. */
const TURN_MS = 2_000;

/** Somebody who listens for their messages from now on. */
async function listen(): Promise<Listener> {
  const person = trial.world.people[0]!;
  await signInAgain(trial.client, person);
  const gateways = trial.processes.stack.instances['gateway']!.slice(0, 2);
  const listener = new Listener(gateways.map(({ port }) => `http://127.0.0.1:${port}/graphql`), person);
  await eventually(() => expect(listener.heard.size).toBeGreaterThan(0), { timeoutMs: 30_000, describe: 'a first message is heard' });
  return listener;
}

describe('a change of the schema under load', () => {
  type QueryRunner = Parameters<typeof dropIndexBeside>[0];

  /** A migration as the house writes them, under a name of this suite. */
  function migration(name: string, up: (runner: QueryRunner) => Promise<unknown>, beside = false): Migration {
    return class {
      readonly name = name;
      readonly transaction = beside ? false : undefined;
      async up(runner: QueryRunner): Promise<void> {
        await up(runner);
      }
      async down(): Promise<void> {}
    } as Migration;
  }

  const TABLES = ['ledger_tx', 'account', 'idempotency'] as const;
  /** As lint wants them: one that takes several tables which are in use would wait for the traffic while the traffic waits for it. */
  const each = (name: string, from: number, statement: (table: string) => string): Migration[] =>
    TABLES.map((table, n) => migration(`${name}${from + n}`, (runner) => runner.query(statement(table))));
  const FORTH = [
    // Never null: the program of before does not know the column, and must not write a null into it.
    ...each('Column', 1799000000000, (table) => `ALTER TABLE ${table} ADD COLUMN "faultNote" text NOT NULL DEFAULT 'none'`),
    // What a prepared statement gives changes its type, and what ledger_post reads: 0A000 for each session that has the one, 42804 for each that has planned the other.
    migration('Type1799000000010', (runner) => runner.query('ALTER TABLE ledger_tx ALTER COLUMN description TYPE varchar')),
    migration('Index1799000000020', async (runner) => {
      for (const table of TABLES) await buildIndexBeside(runner, { name: `${table}_fault`, definition: `ON ${table} ("faultNote")` });
    }, true),
    ...each('Constraint', 1799000000030, (table) => `ALTER TABLE ${table} ADD CONSTRAINT ${table}_fault_length CHECK (length("faultNote") < 100) NOT VALID`),
    ...each('Validate', 1799000000040, (table) => `ALTER TABLE ${table} VALIDATE CONSTRAINT ${table}_fault_length`),
  ];
  const BACK = [
    migration('NoIndex1799000000050', async (runner) => {
      for (const table of TABLES) await dropIndexBeside(runner, `${table}_fault`);
    }, true),
    migration('OldType1799000000060', (runner) => runner.query('ALTER TABLE ledger_tx ALTER COLUMN description TYPE text')),
    ...each('NoColumn', 1799000000070, (table) => `ALTER TABLE ${table} DROP CONSTRAINT ${table}_fault_length, DROP COLUMN "faultNote"`),
  ];

  async function run(migrations: readonly Migration[]): Promise<void> {
    const url = accountsAsOwner();
    const dataSource = await createDataSource({ url, service: 'accounts-migrate', poolSize: 2, entities: [], migrations }).initialize();
    try {
      expect(await migrate(dataSource)).toHaveLength(migrations.length);
    } finally {
      await dataSource.destroy();
    }
  }

  it('F19: column, type, index and constraint of the hottest tables, beside the program of before, and back: no request fails', async () => {
    const watched = await unnoticed(async () => {
      await run(FORTH);
      await trial.load.more(40);
      await run(BACK);
    });
    const [p50, p99, slowest] = [50, 99, 100].map((percent) => watched.percentile(percent));
    process.stderr.write(`F19: ${watched.answers} answers while the schema changed: p50 ${p50} ms, p99 ${p99} ms, slowest ${slowest} ms\n`);
    expect(p99).toBeLessThan(P99_MS);
    expect(slowest).toBeLessThan(SLOWEST_MS);
    await sound();
    await onDatabase(accountsAsOwner(), (client) => client.query(`DELETE FROM migration WHERE timestamp >= 1799000000000`));
  });
});

onKafka('F10: consumers that come and go every few seconds: no cashback waits longer than 15 s, and each is paid once', async () => {
  const accounts = trial.processes.stack.databaseUrls.accounts;
  const [{ begun }] = await onDatabase(accounts, (client) => client.query(`/* faults.begun */ SELECT now()::text AS begun`));
  let turns = 0;
  for (const end = performance.now() + STORM_MS; performance.now() < end; turns += 1) {
    // Now one of rewards, which gives the cashback, and now one of accounts, which books it.
    const part = `${turns % 3 === 2 ? 'accounts' : 'rewards'}-2`;
    const pid = await trial.processes.ready(part, 120_000);
    await lasting(1_000);
    process.kill(pid, 'SIGTERM');
    await trial.processes.dead(part, pid, ENDED_MS);
  }
  await trial.load.more(20);
  await sound();
  const [row] = await onDatabase(accounts, (client) => client.query(
    `/* faults.stall */ SELECT count(*)::int AS paid, coalesce(max(extract(epoch FROM c."recordedAt" - p."recordedAt")) * 1000, 0)::int AS slowest
     FROM reward_grant g JOIN ledger_tx p ON p.id = g."sourceTransactionId" JOIN ledger_tx c ON c.id = g."transactionId"
     WHERE p."recordedAt" > $1::timestamptz`, [begun],
  ));
  process.stderr.write(`F10: ${turns} comings and goings, ${row.paid} payments with cashback, the slowest after ${row.slowest} ms\n`);
  expect(turns).toBeGreaterThan(4);
  // Of none at all the slowest was quick.
  expect(row.paid).toBeGreaterThan(20);
  expect(row.slowest).toBeLessThan(STALL_MS);
});

it('F13: somebody leaves a transaction open for half a minute: payments go on, the leader says why nothing is handed on, and then everything is', async () => {
  const leaderSays = async (): Promise<string> => {
    const instances = trial.processes.stack.instances['accounts']!;
    const said = await Promise.all(instances.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/ready`)).json() as Promise<any>));
    const leader = said.map(({ ready, parts }) => ({ ready, relay: parts.relay })).find(({ relay }) => relay.leader);
    return `${leader?.ready} ${leader?.relay.cause}`;
  };
  const session = new pg.Client({ connectionString: accountsAsOwner() });
  await session.connect();
  try {
    await session.query('/* faults.open */ BEGIN');
    // It has a number, so that whatever commits after it could still stand behind it.
    await session.query('/* faults.number */ SELECT pg_current_xact_id()');
    const until = performance.now() + 30_000;
    await eventually(async () => expect(await leaderSays()).toBe('true an old transaction on the server holds the outbox back'), {
      timeoutMs: 30_000, describe: 'the relay says what holds it back',
    });
    const paid = trial.load.journal.acknowledged('PAYMENT').length;
    while (performance.now() < until) await trial.load.more(5, 20_000);
    expect(trial.load.journal.acknowledged('PAYMENT').length - paid).toBeGreaterThan(15);
    const [{ n }] = await onDatabase(accountsAsOwner(), (client) => client.query('/* faults.held */ SELECT count(*)::int AS n FROM outbox'));
    expect(n).toBeGreaterThan(20);
    await session.query('/* faults.closed */ COMMIT');
  } finally {
    await session.end();
  }
  await sound();
  expect(await leaderSays()).toBe('true undefined');
});
