import { testDatabase, type TestDatabase } from '@tael/testkit';
import pg from 'pg';
import { openToApplication, type TableRights } from '../src/postgres';

const RIGHTS: TableRights = { readOnly: ['price'], appendOnly: ['receipt'], kept: ['shop'] };
const TABLES = `
  CREATE TABLE price (n integer); CREATE TABLE receipt (n integer); CREATE TABLE shop (n integer); CREATE TABLE basket (n serial);
  CREATE TABLE book (n integer);
  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
  CREATE TRIGGER book_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON book EXECUTE FUNCTION refuse_change();`;

/** Runs as whom the address names; gives what was said to the database that gives or takes something. */
async function open(url: string, rights: TableRights): Promise<{ role: string | undefined; said: string[] }> {
  const session = new pg.Client({ connectionString: url });
  const said: string[] = [];
  await session.connect();
  try {
    const role = await openToApplication(async (text, values) => {
      if (/^(GRANT|REVOKE)/.test(text)) said.push(text);
      return (await session.query(text, values)).rows;
    }, rights);
    return { role, said };
  } finally {
    await session.end();
  }
}

describe('the application role', () => {
  let database: TestDatabase;
  let session: pg.Client;
  beforeAll(async () => {
    database = await testDatabase({
      name: 'application_role', prepare: async (url) => {
        const owner = new pg.Client({ connectionString: url });
        await owner.connect();
        await owner.query(TABLES);
        await owner.end();
        await open(url, RIGHTS);
      },
    });
    session = new pg.Client({ connectionString: database.url });
    await session.connect();
  });
  afterAll(async () => {
    await session.end();
    await database.drop();
  });

  async function rightsOf(table: string): Promise<string> {
    const { rows } = await session.query<{ rights: string }>(
      `SELECT string_agg(p, ' ' ORDER BY n) AS rights FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'])
         WITH ORDINALITY AS r (p, n) WHERE has_table_privilege($1, p)`, [table],
    );
    return rows[0]!.rights;
  }

  it.each([
    ['price', 'SELECT'], ['receipt', 'SELECT INSERT'], ['shop', 'SELECT INSERT UPDATE'], ['basket', 'SELECT INSERT UPDATE DELETE'],
    ['book', 'SELECT INSERT'],
  ])('has on %s what the service says, or its trigger: %s', async (table, rights) => {
    expect(await rightsOf(table)).toBe(rights);
  });

  it('can use a table that is made later at once, to read and to add, also where it counts by itself', async () => {
    await database.asOwner('CREATE TABLE later (id serial, at text)');
    expect(await rightsOf('later')).toBe('SELECT INSERT');
    await session.query(`INSERT INTO later (at) VALUES ('now')`);
    await open(database.ownerUrl, RIGHTS);
    expect(await rightsOf('later')).toBe('SELECT INSERT UPDATE DELETE');
  });

  it('is given back what it should have, and loses what somebody gave it', async () => {
    await database.asOwner('GRANT UPDATE, TRUNCATE ON receipt TO tael_test; REVOKE UPDATE ON shop FROM tael_test');
    const { said } = await open(database.ownerUrl, RIGHTS);
    expect(said.sort()).toEqual(['GRANT UPDATE ON TABLE shop TO tael_test', 'REVOKE UPDATE, TRUNCATE ON TABLE receipt FROM tael_test']);
    expect([await rightsOf('receipt'), await rightsOf('shop')]).toEqual(['SELECT INSERT', 'SELECT INSERT UPDATE']);
  });

  it('hears nothing where everything is as it should be', async () => {
    await open(database.ownerUrl, RIGHTS);
    expect(await open(database.ownerUrl, RIGHTS)).toEqual({ role: 'tael_test', said: [] });
  });

  it('gets no more on a table whose trigger refuses changes from a version that does not know the table', async () => {
    await open(database.ownerUrl, {});
    expect([await rightsOf('book'), await rightsOf('shop')]).toEqual(['SELECT INSERT', 'SELECT INSERT UPDATE DELETE']);
  });

  it('can give itself nothing', async () => {
    expect(await open(database.url, {})).toEqual({ role: undefined, said: [] });
  });
});
