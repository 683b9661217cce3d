import { setTimeout as sleep } from 'node:timers/promises';
import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { openToApplication } from './application-role';
import { rightsOf } from './data-source';
import { faultCode, isTransient } from './postgres.errors';
import { waitWithoutEnd } from './watched-client';

/**
 * How long a migration waits for a lock. Whoever waits for a table's lock holds up all who come after, so it gives up
 * soon, lets them through, and tries again: before the second that Postgres waits (`deadlock_timeout`) until it looks
 * whether two wait for each other, so that nobody waits for that second and, as long as it does so, neither of two is broken off.
 */
const LOCK_TIMEOUT = '500ms';
const SHORT_ATTEMPTS = 12;
/** When that was not enough. An autovacuum makes room for who has waited for it for that second, and for nobody else. */
const LOCK_TIMEOUT_LATER = '2s';
const ATTEMPTS_MAX = 30;
const PAUSE_MS = 500;
/** An index beside the traffic waits for transactions to end, and holds nobody up meanwhile. */
const BESIDE_TIMEOUT = '60s';

const TURN_MS = 250;
const TURN_MS_MAX = 600_000;

// Asked again and again: a statement that waits is a transaction that an index beside the traffic would wait for.
async function takeTurn(runner: QueryRunner): Promise<void> {
  for (const end = performance.now() + TURN_MS_MAX; performance.now() < end; await sleep(TURN_MS)) {
    const [row] = await runner.query(`/* migrate.turn */ SELECT pg_try_advisory_lock(hashtext('tael/migrate')) AS mine`);
    if (row.mine) return;
  }
  throw new Error(`another process has been migrating for ${TURN_MS_MAX / 1_000} s`);
}

/** Gives what it was. */
async function setLockTimeout(runner: QueryRunner, value: string): Promise<string> {
  // Two statements: in one, the planner may ask for what it is after what it was has been set.
  const [before] = await runner.query(`/* migrate.patienceNow */ SELECT current_setting('lock_timeout') AS value`);
  await runner.query(`/* migrate.patience */ SELECT set_config('lock_timeout', $1, false)`, [value]);
  return before.value;
}

async function runPending(dataSource: DataSource, runner: QueryRunner): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    await setLockTimeout(runner, attempt > SHORT_ATTEMPTS ? LOCK_TIMEOUT_LATER : LOCK_TIMEOUT);
    try {
      await executor.executePendingMigrations();
      return;
    } catch (error) {
      // It was rolled back whole, and those before it stand. A deadlock is the same as a lock that does not come: it and a
      // transaction of the traffic take tables in different orders, and either may be the one that is broken off.
      if ((faultCode(error) !== '55P03' && !isTransient(error)) || attempt === ATTEMPTS_MAX) throw error;
      await sleep(PAUSE_MS * (1 + Math.random()));
    }
  }
}

/**
 * Brings a database to the newest migration, beside whoever uses it, and the application role's rights to what the service
 * says; waits for another process that does the same. Gives the names of those that were run.
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  let watchAgain = (): void => undefined;
  // Before the migrations too: instances that serve meanwhile can read and add to a new table from its first moment.
  const open = () => openToApplication((text, values) => runner.query(text, values), rightsOf(dataSource));
  const executed = async (): Promise<string[]> =>
    (await new MigrationExecutor(dataSource, runner).getExecutedMigrations()).map(({ name }) => name);
  try {
    watchAgain = await waitWithoutEnd(runner);
    await takeTurn(runner);
    await runner.query(`/* migrate.session */ SELECT set_config('statement_timeout', '0', false)`);
    const before = new Set(await executed());
    await open();
    await runPending(dataSource, runner);
    await open();
    return (await executed()).filter((name) => !before.has(name)).reverse();
  } finally {
    await runner.query('SET lock_timeout TO DEFAULT; SET statement_timeout TO DEFAULT').catch(() => undefined);
    await runner.query(`/* migrate.end */ SELECT pg_advisory_unlock(hashtext('tael/migrate'))`).catch(() => undefined);
    watchAgain();
    await runner.release();
  }
}

/**
 * Builds an index beside the traffic: for a migration with `transaction = false` that does nothing else. What an attempt
 * that was broken off left behind is removed first.
 * @param definition - what follows after the name: `ON session ("endedAt")`
 */
export async function buildIndexBeside(
  runner: QueryRunner, { name, definition, unique = false }: { name: string; definition: string; unique?: boolean },
): Promise<void> {
  const before = await setLockTimeout(runner, BESIDE_TIMEOUT);
  try {
    await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS "${name}"`);
    await runner.query(`CREATE ${unique ? 'UNIQUE ' : ''}INDEX CONCURRENTLY "${name}" ${definition}`);
  } finally {
    await setLockTimeout(runner, before);
  }
}

/** Takes an index away beside the traffic: like {@link buildIndexBeside} in a migration of its own. */
export async function dropIndexBeside(runner: QueryRunner, name: string): Promise<void> {
  const before = await setLockTimeout(runner, BESIDE_TIMEOUT);
  try {
    await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS "${name}"`);
  } finally {
    await setLockTimeout(runner, before);
  }
}
