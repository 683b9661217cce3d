import { eventually, testDatabase, type TestDatabase } from '@tael/testkit';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { type DatabaseClock, makeClockMovable, moveClock, startDatabaseClock } from '../src/clock';
import { createDataSource } from '../src/postgres';
import { log } from './service-database';

const DAY_MS = 86_400_000;

let database: TestDatabase;
let dataSource: DataSource | undefined;
let clock: DatabaseClock | undefined;

beforeEach(async () => {
  database = await testDatabase({ name: 'movable_clock' });
});
afterEach(async () => {
  clock?.stop();
  if (dataSource?.isInitialized) await dataSource.destroy();
  await database.drop();
});

async function connect(): Promise<DataSource> {
  dataSource = await createDataSource({ url: database.url, service: 'test', poolSize: 2, entities: [], migrations: [] }).initialize();
  return dataSource;
}

/** How far ahead of the time of Postgres an expression is, in whole seconds. */
async function ahead(expression: string): Promise<number> {
  const [row]: { seconds: number }[] = await dataSource!.query(
    `SELECT extract(epoch FROM ${expression} - pg_catalog.clock_timestamp())::float8 AS seconds`,
  );
  return Math.round(row!.seconds) + 0;
}

it('moves whatever asks for the time without naming a schema, in open sessions too', async () => {
  await Promise.all([makeClockMovable(database.url), makeClockMovable(database.url)]);
  await connect();
  await dataSource!.query(`CREATE TABLE sale (id integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`);
  await dataSource!.query(`CREATE FUNCTION since(timestamptz) RETURNS interval LANGUAGE plpgsql AS $$ BEGIN RETURN now() - $1; END $$`);
  expect([await ahead('now()'), await ahead('clock_timestamp()')]).toEqual([0, 0]);
  expect(await moveClock(database.url, 3 * DAY_MS)).toBe(3 * DAY_MS);
  expect([await ahead('now()'), await ahead('clock_timestamp()'), await ahead('pg_catalog.now()')]).toEqual([259_200, 259_200, 0]);
  await dataSource!.query('INSERT INTO sale (id) VALUES (1)');
  const [row]: { moved: boolean; passed: boolean }[] = await dataSource!.query(
    `SELECT at > pg_catalog.now() + interval '2 days' AS moved, since(pg_catalog.now()) > interval '2 days' AS passed FROM sale`,
  );
  expect(row).toEqual({ moved: true, passed: true });
  // Tables still go where they always did.
  expect(await dataSource!.query(`SELECT to_regclass('public.sale') IS NOT NULL AS found`)).toEqual([{ found: true }]);
});

it('never goes back, whoever asks', async () => {
  await makeClockMovable(database.url);
  await moveClock(database.url, DAY_MS);
  expect(await moveClock(database.url, 1)).toBe(DAY_MS);
  await makeClockMovable(database.url);
  await connect();
  expect(await ahead('now()')).toBe(86_400);
  await expect(dataSource!.query('UPDATE tael_clock.shift SET "aheadMs" = 0')).rejects.toThrow('a clock is moved forward only');
});

it('tells a service the moved time and the true one within a moment', async () => {
  await makeClockMovable(database.url);
  clock = await startDatabaseClock(await connect(), log);
  const aheadMs = (): number => clock!.now().getTime() - clock!.real().getTime();
  expect(Math.abs(aheadMs())).toBeLessThan(50);
  await moveClock(database.url, 30 * DAY_MS);
  await eventually(() => expect(Math.abs(aheadMs() - 30 * DAY_MS)).toBeLessThan(50));
  expect(Math.abs(clock.real().getTime() - Date.now())).toBeLessThan(1_500);
});

it('is not there where nobody made it: one time, and nothing to move', async () => {
  clock = await startDatabaseClock(await connect(), log);
  expect(clock.now().getTime() - clock.real().getTime()).toBeLessThanOrEqual(1);
  await expect(moveClock(database.url, DAY_MS)).rejects.toThrow(pg.DatabaseError);
});
