import { testDatabase, type TestDatabase } from '@tael/testkit';
import type { DataSource, QueryRunner } from 'typeorm';
import { buildIndexBeside, createDataSource, dropIndexBeside, migrate, type Migration } from '../src/postgres';

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

describe('migrate, beside whoever uses the database', () => {
  let database: TestDatabase;
  const open: DataSource[] = [];
  const connect = async (migrations: readonly Migration[] = []): Promise<DataSource> => {
    const dataSource = await createDataSource({ url: database.url, service: 'test', poolSize: 4, entities: [], migrations }).initialize();
    open.push(dataSource);
    return dataSource;
  };
  let traffic: DataSource;

  beforeEach(async () => {
    database = await testDatabase({ name: 'migrate' });
    traffic = await connect();
    await traffic.query('CREATE TABLE sale (id integer PRIMARY KEY, note text)');
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((dataSource) => dataSource.destroy()));
    await database.drop();
  });
  const sell = (id: number) => traffic.query('INSERT INTO sale (id) VALUES ($1)', [id]);
  const indexes = async () => (await traffic.query(
    `SELECT i.relname AS name, x.indisvalid AS valid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
     WHERE x.indrelid = 'sale'::regclass AND NOT x.indisprimary`,
  )) as { name: string; valid: boolean }[];

  it('waits for a lock for half a second, lets those behind it through, and tries again', async () => {
    const migrating = await connect([migration('Note1700000000001', (runner) => runner.query('ALTER TABLE sale ADD COLUMN shop text'))]);
    const holder = traffic.createQueryRunner();
    await holder.startTransaction();
    await holder.query('INSERT INTO sale (id) VALUES (1)');
    const done = migrate(migrating);
    // Behind the migration, which waits for the holder, everybody waits.
    await until(async () => (await traffic.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'sale'::regclass`)).length > 0);
    const begun = performance.now();
    await sell(2);
    expect(performance.now() - begun).toBeLessThan(2_000);
    await holder.commitTransaction();
    await holder.release();
    expect(await done).toEqual(['Note1700000000001']);
    expect(await migrate(migrating)).toEqual([]);
  });

  it('gives up before it and the traffic wait for each other long enough to be called a deadlock: neither is broken off', async () => {
    await traffic.query('CREATE TABLE shop (id integer PRIMARY KEY)');
    const refused: unknown[] = [];
    const migrating = await connect([migration('Both1700000000001', async (runner) => {
      await runner.query('ALTER TABLE sale ADD COLUMN shop text');
      await runner.query('ALTER TABLE shop ADD COLUMN name text').catch((error) => {
        refused.push(error.driverError.code);
        throw error;
      });
    })]);
    const holder = traffic.createQueryRunner();
    await holder.startTransaction();
    await holder.query('INSERT INTO shop (id) VALUES (1)');
    const done = migrate(migrating);
    await until(async () => (await traffic.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'shop'::regclass`)).length > 0);
    // The migration has the one table and waits for the other; now it is the other way round as well.
    await holder.query('INSERT INTO sale (id) VALUES (1)');
    await holder.commitTransaction();
    await holder.release();
    expect(await done).toEqual(['Both1700000000001']);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused)).toEqual(new Set([LOCK_NOT_AVAILABLE]));
  });

  it('waits longer at last: an autovacuum goes on for whoever has not waited a second', async () => {
    const waited: number[] = [];
    const migrating = await connect([migration('Note1700000000001', async (runner) => {
      const [{ ms }] = await runner.query(`SELECT extract(epoch FROM current_setting('lock_timeout')::interval) * 1000 AS ms`);
      waited.push(Number(ms));
      if (Number(ms) < 1_000) throw Object.assign(new Error('a lock that does not come'), { code: LOCK_NOT_AVAILABLE });
    })]);
    expect(await migrate(migrating)).toEqual(['Note1700000000001']);
    expect(waited.slice(0, 2)).toEqual([500, 500]);
    expect(waited.at(-1)).toBe(2_000);
  }, 60_000);

  it('waits as briefly after an index beside the traffic as before it', async () => {
    const waits: string[] = [];
    const look = (name: string): Migration => migration(name, async (runner) => {
      const [{ value }] = await runner.query(`SELECT current_setting('lock_timeout') AS value`);
      waits.push(value);
    });
    const built = migration('Index1700000000002', (runner) => buildIndexBeside(runner, { name: 'sale_note', definition: 'ON sale (note)' }), true);
    const dropped = migration('NoIndex1700000000004', (runner) => dropIndexBeside(runner, 'sale_note'), true);
    await migrate(await connect([look('Before1700000000001'), built, look('Between1700000000003'), dropped, look('After1700000000005')]));
    expect(waits).toEqual(['500ms', '500ms', '500ms']);
  });

  it('may take longer than any statement of the service, and than its client would wait for a word of the server', async () => {
    const slow = migration('Slow1700000000001', (runner) => runner.query('SELECT pg_sleep(3)'));
    // The client of such a session gives up after 2.2 s of silence.
    const dataSource = await createDataSource({ url: database.url, service: 'test', poolSize: 2, entities: [], migrations: [slow], statementMs: 200 }).initialize();
    open.push(dataSource);
    expect(await migrate(dataSource)).toEqual(['Slow1700000000001']);
    // It is watched again afterwards.
    const silent = dataSource.createQueryRunner();
    await silent.query('SET statement_timeout = 0');
    await expect(silent.query('SELECT pg_sleep(30)')).rejects.toMatchObject({ driverError: { code: 'ETIMEDOUT' } });
    await silent.release().catch(() => undefined);
  });

  it('tries again where it is broken off by a deadlock with the traffic, with nothing of it left', async () => {
    let tries = 0;
    const migrating = await connect([migration('Note1700000000001', async (runner) => {
      tries += 1;
      await runner.query('ALTER TABLE sale ADD COLUMN shop text');
      // As Postgres breaks off the one of two that has waited first.
      if (tries === 1) await runner.query(`DO $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END $$`);
    })]);
    expect([await migrate(migrating), tries]).toEqual([['Note1700000000001'], 2]);
  });

  it('builds an index while two processes migrate at once, and replaces one that an attempt left broken', async () => {
    await sell(1);
    await sell(2);
    await traffic.query(`UPDATE sale SET note = 'same'`);
    await expect(traffic.query('CREATE UNIQUE INDEX CONCURRENTLY sale_note ON sale (note)')).rejects.toThrow(/unique/);
    expect(await indexes()).toEqual([{ name: 'sale_note', valid: false }]);
    const build = migration('Index1700000000002', (runner) => buildIndexBeside(runner, { name: 'sale_note', definition: 'ON sale (note)' }), true);
    const both = await Promise.all([await connect([build]), await connect([build])].map((dataSource) => migrate(dataSource)));
    expect(both.flat()).toEqual(['Index1700000000002']);
    expect(await indexes()).toEqual([{ name: 'sale_note', valid: true }]);
    const drop = migration('NoIndex1700000000003', (runner) => dropIndexBeside(runner, 'sale_note'), true);
    await migrate(await connect([build, drop]));
    expect(await indexes()).toEqual([]);
  });

  it('leaves its session as it was', async () => {
    const migrating = await connect();
    await migrate(migrating);
    const [row] = await migrating.query(`SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement`);
    expect(row).toEqual({ lock: '8s', statement: '15s' });
  });
});

/** Postgres' code for a lock that did not come in time; of a deadlock it is 40P01. */
const LOCK_NOT_AVAILABLE = '55P03';

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
