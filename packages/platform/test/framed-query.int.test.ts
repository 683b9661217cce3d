import { eventually, testDatabase, type TestDatabase } from '@tael/testkit';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource, inTransaction, queryAndCommit, type Tx } from '../src/postgres';

const ADD = '/* shops.add */ INSERT INTO shop (id) VALUES ($1)';
const ALL = '/* shops.count */ SELECT count(*)::int AS shops FROM shop WHERE id >= $1';

describe('a transaction of few round trips', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let watcher: pg.Client;
  let pid: number;

  beforeAll(async () => {
    database = await testDatabase({ name: 'framed' });
    watcher = new pg.Client(database.url);
    await watcher.connect();
    await watcher.query('CREATE TABLE shop (id integer PRIMARY KEY, twin integer CONSTRAINT shop_twin UNIQUE DEFERRABLE INITIALLY DEFERRED)');
  });
  beforeEach(async () => {
    await watcher.query('DELETE FROM shop');
    // One session, whose second transaction is the first with its BEGIN and COMMIT prepared.
    dataSource = await createDataSource({ url: database.url, service: 'framed', poolSize: 1, entities: [], migrations: [] }).initialize();
    [{ pid }] = await inTransaction(dataSource, (tx) => tx.query('/* shops.pid */ SELECT pg_backend_pid() AS pid, $1::int AS n', [0]));
  });
  afterEach(() => dataSource.destroy());
  afterAll(async () => {
    await watcher.end();
    await database.drop();
  });

  const shops = async (): Promise<number[]> => (await watcher.query('SELECT id FROM shop ORDER BY id')).rows.map((row) => row.id);
  const session = async (): Promise<{ state: string; query: string }> => (await watcher.query(
    'SELECT state, query FROM pg_stat_activity WHERE pid = $1', [pid],
  )).rows[0];

  /** Counts the messages that end with a wait for the server, while `work` runs. */
  async function roundTrips(work: (tx: Tx) => Promise<unknown>): Promise<number> {
    let trips = 0;
    await dataSource.query('SELECT 1');
    const runner = dataSource.createQueryRunner();
    const client = await runner.connect();
    const count = (): void => void (trips += 1);
    client.connection.on('readyForQuery', count);
    await runner.release();
    await inTransaction(dataSource, work);
    client.connection.off('readyForQuery', count);
    return trips;
  }

  it('has as many as it has statements, however many statements it has', async () => {
    expect(await roundTrips((tx) => queryAndCommit(tx, ADD, [1]))).toBe(1);
    expect(await roundTrips(async (tx) => {
      await tx.query(ADD, [2]);
      await queryAndCommit(tx, ADD, [3]);
    })).toBe(2);
    expect(await roundTrips((tx) => tx.query(ADD, [4]))).toBe(2);
    expect(await roundTrips(async () => undefined)).toBe(0);
    expect(await shops()).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['a named statement', ADD, [1]],
    ['one without a name', 'INSERT INTO shop (id) VALUES ($1)', [1]],
    ['one without parameters', 'INSERT INTO shop (id) VALUES (1)', undefined],
    ['one with no parameters', 'INSERT INTO shop (id) VALUES (1)', []],
    ['several in one text', 'INSERT INTO shop (id) VALUES (1); INSERT INTO shop (id) VALUES (2)', undefined],
  ])('holds its first statement back until it commits: %s', async (_what, text, values) => {
    const seen: number[][] = [];
    await inTransaction(dataSource, async (tx) => {
      await tx.query(text, values as never);
      seen.push(await shops());
      expect((await session()).state).toBe('idle in transaction');
    });
    expect(seen).toEqual([[]]);
    expect(await shops()).toContain(1);
    expect((await session()).state).toBe('idle');
  });

  it('takes nothing of what failed, be it its first statement, its last, or its commit', async () => {
    await inTransaction(dataSource, (tx) => tx.query(ADD, [1]));
    const duplicate = { driverError: { code: '23505' } };
    await expect(inTransaction(dataSource, (tx) => tx.query(ADD, [1]))).rejects.toMatchObject(duplicate);
    await expect(inTransaction(dataSource, (tx) => queryAndCommit(tx, ADD, [1]))).rejects.toMatchObject(duplicate);
    await expect(inTransaction(dataSource, async (tx) => {
      await tx.query(ADD, [2]);
      await queryAndCommit(tx, ADD, [1]);
    })).rejects.toMatchObject(duplicate);
    // The twin is found when the transaction commits.
    await expect(inTransaction(dataSource, (tx) => queryAndCommit(
      tx, '/* shops.twins */ INSERT INTO shop (id, twin) SELECT n, 7 FROM generate_series(3, $1) n', [4],
    ))).rejects.toMatchObject({ driverError: { code: '23505', constraint: 'shop_twin' } });
    expect(await shops()).toEqual([1]);
    expect((await session()).state).toBe('idle');
    await inTransaction(dataSource, (tx) => queryAndCommit(tx, ADD, [5]));
    expect(await shops()).toEqual([1, 5]);
  });

  it('is rolled back by an error between its statements, with or without one sent', async () => {
    await expect(inTransaction(dataSource, async (tx) => {
      await tx.query(ADD, [1]);
      throw new Error('no');
    })).rejects.toThrow('no');
    await expect(inTransaction(dataSource, async () => {
      throw new Error('not even begun');
    })).rejects.toThrow('not even begun');
    // What comes next is a transaction of its own again.
    await dataSource.query(ADD, [2]);
    expect(await shops()).toEqual([2]);
    expect((await session()).state).toBe('idle');
  });

  it('gives what its last statement gives', async () => {
    const found = await inTransaction(dataSource, async (tx) => {
      await tx.query(ADD, [1]);
      return queryAndCommit(tx, ALL, [0]);
    });
    expect(found).toEqual([{ shops: 1 }]);
  });

  it('refuses a statement after its last', async () => {
    await expect(inTransaction(dataSource, async (tx) => {
      await queryAndCommit(tx, ADD, [1]);
      await tx.query(ADD, [2]);
    })).rejects.toThrow('the transaction was committed with the statement before');
    expect(await shops()).toEqual([1]);
    await inTransaction(dataSource, (tx) => tx.query(ADD, [3]));
    expect(await shops()).toEqual([1, 3]);
  });

  it('refuses what is sent while its last statement is under way', async () => {
    const [last, late] = await inTransaction(dataSource, (tx) => {
      const committing = queryAndCommit(tx, ADD, [1]);
      // Sent when the statement before is on its way, and not answered.
      const after = new Promise<unknown>((resolve, reject) => {
        setImmediate(() => void tx.query('/* shops.late */ INSERT INTO shop (id) VALUES ($1)', [2]).then(resolve, reject));
      });
      return Promise.allSettled([committing, after]);
    });
    expect(last.status).toBe('fulfilled');
    expect(late).toMatchObject({ status: 'rejected', reason: { message: 'the transaction was committed with the statement before' } });
    expect(await shops()).toEqual([1]);
  });

  it('commits with no other statement than the one that was named, and with none of the next transaction', async () => {
    const runner = dataSource.createQueryRunner();
    const session = await runner.connect();
    await runner.startTransaction();
    session.commitWith(ADD);
    await runner.query(ALL, [0]);
    expect(session.getTransactionStatus()).toBe('T');
    await runner.rollbackTransaction();
    await runner.startTransaction();
    await runner.query(ADD, [1]);
    expect(session.getTransactionStatus()).toBe('T');
    await runner.rollbackTransaction();
    await runner.release();
    expect(await shops()).toEqual([]);
  });

  it('leaves a callback with who gave it', async () => {
    const runner = dataSource.createQueryRunner();
    const session = await runner.connect();
    const rows = await new Promise((resolve) => void session.query('SELECT 1 AS one', (_: unknown, result: { rows: unknown }) => resolve(result.rows)));
    await runner.release();
    expect(rows).toEqual([{ one: 1 }]);
  });

  it('runs statements that are sent at once, the first of them first', async () => {
    const [, counted] = await inTransaction(dataSource, (tx) => Promise.all([
      tx.query(ADD, [1]), tx.query(ALL, [0]),
    ]));
    expect(counted).toEqual([{ shops: 1 }]);
  });

  it('begins anew where a plan of its first statement, or of its last, is stale', async () => {
    const star = '/* shops.first */ SELECT * FROM shop WHERE id >= $1';
    await inTransaction(dataSource, (tx) => tx.query(star, [0]));
    await watcher.query('ALTER TABLE shop ADD COLUMN city text');
    await inTransaction(dataSource, (tx) => tx.query(star, [0]));
    await watcher.query('ALTER TABLE shop DROP COLUMN city');
    let runs = 0;
    await inTransaction(dataSource, async (tx) => {
      runs += 1;
      await tx.query(ADD, [1]);
      return queryAndCommit(tx, star, [0]);
    });
    expect([runs, await shops()]).toEqual([2, [1]]);
  });

  it('is not begun twice by a session that is taken away before its first statement', async () => {
    const gone = inTransaction(dataSource, async (tx) => {
      await watcher.query('SELECT pg_terminate_backend($1)', [pid]);
      await eventually(async () => expect(await session()).toBeUndefined());
      await tx.query(ADD, [1]);
    });
    await expect(gone).rejects.toThrow('the database does not answer');
    await inTransaction(dataSource, (tx) => queryAndCommit(tx, ADD, [2]));
    expect(await shops()).toEqual([2]);
  });
});
