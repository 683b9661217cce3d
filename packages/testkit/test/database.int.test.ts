import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { testDatabase, testEnvironment } from '../src';

async function query<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  try {
    return (await session.query<Row>(text, values)).rows;
  } finally {
    await session.end();
  }
}

afterAll(async () => {
  const server = testEnvironment().databaseUrl!;
  const made = await query<{ datname: string }>(server, `SELECT datname FROM pg_database WHERE starts_with(datname, 'template_testkit_')`);
  for (const { datname } of made) await query(server, `DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
});

it('gives every caller an empty database of its own, and drops it under open sessions', async () => {
  const [one, two] = await Promise.all([testDatabase({ name: 'same' }), testDatabase({ name: 'same' })]);
  await query(one.url, 'CREATE TABLE mine (n integer)');
  expect(await query(two.url, `SELECT to_regclass('mine') AS found`)).toEqual([{ found: null }]);

  const session = new pg.Client({ connectionString: one.url });
  session.on('error', () => undefined);
  await session.connect();
  await one.drop();
  await expect(session.query('SELECT 1')).rejects.toThrow();
  expect(await query(two.url, 'SELECT FROM pg_database WHERE datname = $1', [one.name])).toEqual([]);
  await two.drop();
});

it('prepares a template once for many, and each copy is its own', async () => {
  let prepared = 0;
  const options = {
    name: 'copy',
    templateKey: `testkit-${randomUUID()}`,
    prepare: async (url: string) => {
      prepared += 1;
      await query(url, 'CREATE TABLE made AS SELECT 1 AS n');
    },
  };
  const copies = await Promise.all([0, 1, 2, 3].map(() => testDatabase(options)));
  expect(prepared).toBe(1);
  await copies[0]!.asOwner('DELETE FROM made');
  for (const copy of copies.slice(1)) expect(await copy.asOwner('SELECT n FROM made')).toEqual([{ n: 1 }]);
  await Promise.all(copies.map((copy) => copy.drop()));
});

it('makes no template of a preparation that fails, and tells the failure', async () => {
  const templateKey = `testkit-${randomUUID()}`;
  const failing = testDatabase({ name: 'fails', templateKey, prepare: () => Promise.reject(new Error('no migration')) });
  await expect(failing).rejects.toThrow('no migration');
  const mended = await testDatabase({ name: 'mended', templateKey, prepare: (url) => query(url, 'CREATE TABLE made (n integer)') });
  expect(await mended.asOwner('SELECT n FROM made')).toEqual([]);
  await mended.drop();
});

it('gives a prepared database to a role that owns nothing in it, and lets nobody else in', async () => {
  const database = await testDatabase({ name: 'roles', prepare: (url) => query(url, 'CREATE TABLE made (n integer)') });
  for (const change of ['SELECT FROM made', 'DROP TABLE made', 'CREATE TABLE mine (n integer)', 'CREATE TEMP TABLE mine (n integer)']) {
    await expect(query(database.url, change)).rejects.toMatchObject({ code: '42501' });
  }
  const [door] = await database.asOwner('SELECT datacl::text AS rights FROM pg_database WHERE datname = current_database()');
  expect(door!['rights']).not.toMatch(/[{,]=/);
  await database.drop();
});
