import { testDatabase, type TestDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { createDataSource, inTransaction, queryAndCommit } from '../src/postgres';
import { NAMES_MAX, statementName } from '../src/postgres/preparing-client';

interface Prepared {
  readonly name: string;
  readonly generic: bigint;
  readonly custom: bigint;
}

describe('prepared statements', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase({ name: 'prepared' });
    // One session, so that a test sees what it has prepared.
    dataSource = await createDataSource({ url: database.url, service: 'test', poolSize: 1, entities: [], migrations: [] }).initialize();
    await dataSource.query('CREATE TABLE shop (id integer PRIMARY KEY, name text NOT NULL)');
    await dataSource.query(`INSERT INTO shop SELECT n, 'shop ' || n FROM generate_series(1, 3) n`);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const prepared = (label: string): Promise<Prepared[]> => dataSource.query(
    `SELECT split_part(name, ':', 1) AS name, generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements
     WHERE name LIKE '${label}:%' ORDER BY prepare_time`,
  );

  it('are planned once, however often they are called', async () => {
    for (const id of [1, 2, 3, 1]) {
      const rows = await dataSource.query('/* shops.byId */ SELECT name FROM shop WHERE id = $1', [id]);
      expect(rows).toEqual([{ name: `shop ${id}` }]);
    }
    expect(await prepared('shops.byId')).toEqual([{ name: 'shops.byId', generic: 4n, custom: 0n }]);
  });

  it('take the index of a table that was empty when they were planned', async () => {
    await dataSource.query('CREATE TABLE filled (id integer PRIMARY KEY)');
    const count = () => dataSource.query('/* filled.count */ SELECT count(*) AS rows FROM filled WHERE id = $1', [7]);
    await count();
    await dataSource.query('INSERT INTO filled SELECT generate_series(1, 20000)');
    await count();
    const name = statementName('/* filled.count */ SELECT count(*) AS rows FROM filled WHERE id = $1');
    const plan: { 'QUERY PLAN': string }[] = await dataSource.query(`EXPLAIN EXECUTE "${name}" (7)`);
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Only Scan using filled_pkey/);
  });

  it.each([
    ['a text without a name', 'SELECT name FROM shop WHERE id = $1', [1]],
    ['a text without parameters', '/* shops.all */ SELECT name FROM shop', undefined],
  ])('are not made of %s', async (_what, text, parameters) => {
    const all = async () => (await dataSource.query('SELECT count(*) AS rows FROM pg_prepared_statements'))[0].rows;
    const before = await all();
    await dataSource.query(text, parameters as never);
    expect(await all()).toBe(before);
  });

  it('go on after a migration that changes what they give: alone, and within a transaction', async () => {
    const star = '/* shops.star */ SELECT * FROM shop WHERE id = $1';
    await dataSource.query(star, [1]);
    await dataSource.query('ALTER TABLE shop ADD COLUMN city text');
    expect(await dataSource.query(star, [1])).toEqual([{ id: 1, name: 'shop 1', city: null }]);
    await dataSource.query('ALTER TABLE shop DROP COLUMN city');
    let runs = 0;
    const rows = await inTransaction(dataSource, async (tx) => {
      runs += 1;
      await tx.query('UPDATE shop SET name = name || $1 WHERE id = 2', ['!']);
      return tx.query(star, [2]);
    });
    expect([runs, rows]).toEqual([2, [{ id: 2, name: 'shop 2!' }]]);
  });

  describe.each([
    ['a trigger that reads its row', 'INSERT INTO visit VALUES ($1, $2) RETURNING id, note', `
      CREATE FUNCTION visit_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF upper(NEW.note) = 'NEVER' THEN RAISE 'never'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER visit_note BEFORE INSERT ON visit FOR EACH ROW EXECUTE FUNCTION visit_note()`],
    ['a function with a variable of the table’s type', 'SELECT id, note FROM visit_add($1, $2)', `
      CREATE FUNCTION visit_add(id integer, note text) RETURNS SETOF visit LANGUAGE plpgsql AS $$
        DECLARE v visit := jsonb_populate_record(NULL::visit, jsonb_build_object('id', id, 'note', note));
        BEGIN RETURN QUERY INSERT INTO visit VALUES (v.id, v.note) RETURNING *; END $$`],
  ])('%s, planned with another type', (_what, statement, definition) => {
    const add = `/* visits.add */ ${statement}`;
    const turn = (type: 'text' | 'varchar') => dataSource.query(`ALTER TABLE visit ALTER COLUMN note TYPE ${type}`);
    beforeAll(() => dataSource.query(`CREATE TABLE visit (id integer PRIMARY KEY, note varchar); ${definition}`));
    afterAll(() => dataSource.query('DROP TABLE visit CASCADE; DROP FUNCTION IF EXISTS visit_note, visit_add'));

    it('goes on: alone, within a transaction, in one that commits with it, and where it has no parameters', async () => {
      await dataSource.query(add, [1, 'a note']);
      await turn('text');
      expect(await dataSource.query(add, [2, 'a note'])).toEqual([{ id: 2, note: 'a note' }]);
      await turn('varchar');
      expect(await inTransaction(dataSource, (tx) => tx.query(add, [3, 'a note']))).toEqual([{ id: 3, note: 'a note' }]);
      await turn('text');
      expect(await inTransaction(dataSource, (tx) => queryAndCommit(tx, add, [4, 'a note']))).toEqual([{ id: 4, note: 'a note' }]);
      await turn('varchar');
      const plain = add.replace('$1', '5').replace('$2', `'a note'`);
      await inTransaction(dataSource, (tx) => tx.query(plain));
      expect(await dataSource.query('SELECT count(*)::int AS rows FROM visit')).toEqual([{ rows: 5 }]);
    });
  });

  it('go on where every session of a pool is stale', async () => {
    const [sessions, label] = [12, '/* crowd.add */ INSERT INTO crowd VALUES ($1, $2) RETURNING id'];
    await dataSource.query(`CREATE TABLE crowd (id integer, note varchar);
      CREATE FUNCTION crowd_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF upper(NEW.note) = 'NEVER' THEN RAISE 'never'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER crowd_note BEFORE INSERT ON crowd FOR EACH ROW EXECUTE FUNCTION crowd_note()`);
    const crowd = await createDataSource({ url: database.url, service: 'test', poolSize: sessions, entities: [], migrations: [] }).initialize();
    let held = 0;
    let release = (): void => undefined;
    const all = new Promise<void>((resolve) => (release = resolve));
    const inEach = (id: number) => inTransaction(crowd, async (tx) => {
      await tx.query(label, [id, 'a note']);
      if ((held += 1) === sessions) release();
      await all;
    });
    try {
      await Promise.all(Array.from({ length: sessions }, (_, id) => inEach(id)));
      await dataSource.query('ALTER TABLE crowd ALTER COLUMN note TYPE text');
      const more = await Promise.all(Array.from({ length: 3 * sessions }, (_, id) => inTransaction(crowd, (tx) => tx.query(label, [id, 'a note']))));
      expect(more).toHaveLength(3 * sessions);
    } finally {
      await crowd.destroy();
    }
  });

  it('show another fault as it is', async () => {
    await expect(dataSource.query('/* shops.divide */ SELECT 1 / $1::integer AS n', [0])).rejects.toMatchObject({
      driverError: { code: '22012' },
    });
  });

  it('are bounded in number', () => {
    const names = Array.from({ length: NAMES_MAX + 10 }, (_, n) => statementName(`/* bound.test */ SELECT ${n}, $1`));
    expect(names.filter((name) => name !== undefined).length).toBeLessThanOrEqual(NAMES_MAX);
    expect(names.at(-1)).toBeUndefined();
    expect(names[0]).toMatch(/^bound\.test:[0-9a-f]{12}$/);
  });
});
