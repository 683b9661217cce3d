import { eventually, testDatabase, type TestDatabase } from '@tael/testkit';
import type { Socket } from 'node:net';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { createLogger } from '../src/log';
import { createDataSource, DatabaseUnavailable, inTransaction, isAway } from '../src/postgres';

describe('inTransaction', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase({ name: 'transaction' });
    dataSource = await createDataSource({ url: database.url, service: 'test', poolSize: 4, entities: [], migrations: [] }).initialize();
    await dataSource.query('CREATE TABLE counter (id integer PRIMARY KEY, n bigint NOT NULL)');
    await dataSource.query('INSERT INTO counter VALUES (1, 0), (2, 0)');
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('is READ COMMITTED, in UTC, waits for the disk, and is bounded in time', async () => {
    const settings = await inTransaction(dataSource, (tx) => tx.query(
      `SELECT name, setting FROM pg_settings WHERE name IN ('transaction_isolation', 'TimeZone', 'synchronous_commit',
         'idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout') ORDER BY lower(name)`,
    ));
    expect(Object.fromEntries(settings.map((row: { name: string; setting: string }) => [row.name, row.setting]))).toEqual({
      transaction_isolation: 'read committed', TimeZone: 'UTC', synchronous_commit: 'on',
      idle_in_transaction_session_timeout: '10000', lock_timeout: '8000', statement_timeout: '15000',
    });
  });

  it('runs again what a deadlock broke off, and loses nothing', async () => {
    const add = (first: number, second: number) => inTransaction(dataSource, async (tx) => {
      await tx.query('UPDATE counter SET n = n + 1 WHERE id = $1', [first]);
      await tx.query('SELECT pg_sleep(0.05)');
      await tx.query('UPDATE counter SET n = n + 1 WHERE id = $1', [second]);
    });
    await Promise.all([add(1, 2), add(2, 1)]);
    expect(await dataSource.query('SELECT n FROM counter ORDER BY id')).toEqual([{ n: 2n }, { n: 2n }]);
  });

  it('leaves nothing of a transaction that failed', async () => {
    const broken = inTransaction(dataSource, async (tx) => {
      await tx.query('UPDATE counter SET n = 99');
      throw new Error('after the statement');
    });
    await expect(broken).rejects.toThrow('after the statement');
    expect(await dataSource.query('SELECT count(*) AS rows FROM counter WHERE n = 99')).toEqual([{ rows: 0n }]);
  });

  it('fails without a value of the statement in the log', async () => {
    const canary = 'canary@mail.example';
    let text = '';
    const log = createLogger({ service: 'test', destination: { write: (line: string) => void (text += line) } });
    await dataSource.query('CREATE TABLE person (mail text CONSTRAINT person_mail UNIQUE, age integer CONSTRAINT person_age CHECK (age > 0))');
    await dataSource.query('INSERT INTO person VALUES ($1, 1)', [canary]);
    for (const [sql, parameters] of [
      ['/* person.add */ INSERT INTO person VALUES ($1, 1)', [canary]],
      ['/* person.grow */ INSERT INTO person VALUES ($1, -1)', [`x${canary}`]],
      ['/* person.cast */ SELECT $1::text::integer', [canary]],
    ] as const) {
      const error = await inTransaction(dataSource, (tx) => tx.query(sql, [...parameters])).catch((fault: unknown) => fault);
      log.error({ error: new Error('a step failed', { cause: error }), err: error }, 'failed');
    }
    expect(text).not.toContain('canary');
    const [unique, check, cast] = text.trim().split('\n').map((line) => JSON.parse(line).error.cause);
    expect(unique).toMatchObject({ type: 'QueryFailedError', code: '23505', constraint: 'person_mail', statement: 'person.add' });
    expect(check).toMatchObject({ code: '23514', constraint: 'person_age', statement: 'person.grow' });
    expect(cast).toMatchObject({ code: '22P02', statement: 'person.cast' });
    expect(cast.stack).toMatch(/at /);
  });

  it('says that the database is away, and does not try again where the outcome is unknown', async () => {
    let runs = 0;
    const cut = inTransaction(dataSource, async (tx) => {
      runs += 1;
      await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(cut).rejects.toThrow(DatabaseUnavailable);
    expect(runs).toBe(1);
  });

  it('says the same where the session ends between two statements', async () => {
    const cut = inTransaction(dataSource, async (tx) => {
      const [{ pid }] = await tx.query('SELECT pg_backend_pid() AS pid');
      await dataSource.query('SELECT pg_terminate_backend($1)', [pid]);
      await eventually(async () => {
        const [{ gone }] = await dataSource.query('SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1) AS gone', [pid]);
        if (!gone) throw new Error('the session is still there');
      });
      await tx.query('UPDATE counter SET n = 99');
    });
    await expect(cut).rejects.toThrow(DatabaseUnavailable);
    expect(await dataSource.query('SELECT count(*) AS rows FROM counter WHERE n = 99')).toEqual([{ rows: 0n }]);
  });

  it('does not take the use of a transaction that has ended for a database that is away', async () => {
    const ended = await inTransaction(dataSource, (tx) => Promise.resolve(tx));
    const error = await inTransaction(dataSource, () => ended.query('SELECT 1')).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ message: 'a transaction that has ended was used' });
    expect(error).not.toBeInstanceOf(DatabaseUnavailable);
  });

  it.each(['ended by the server', 'cut on the way'])('knows a session that was %s where it is used without a transaction', async (how) => {
    const client = new pg.Client({ connectionString: database.url });
    const told = new Promise((resolve) => client.once('error', resolve));
    client.on('error', () => undefined);
    await client.connect();
    if (how === 'cut on the way') (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy(new Error('cut'));
    else await dataSource.query('SELECT pg_terminate_backend($1)', [(await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid]);
    const first = await told;
    if (how === 'ended by the server') expect(isAway(first)).toBe(true);
    const error = await client.query('SELECT 1').catch((fault: unknown) => fault);
    expect({ error: String(error), isAway: isAway(error) }).toMatchObject({ isAway: true });
  });
});
