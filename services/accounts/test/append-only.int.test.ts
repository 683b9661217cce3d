import { type Bank, openBank, usd } from './support/bank';

/** What is only ever added to, by what the tables are. */
const BOOKS = ['ledger_tx', 'posting', 'entry', 'ledger_checkpoint', 'idempotency', 'wallet'];
const COLUMN: Record<string, string> = { idempotency: 'key', wallet: 'currency', ledger_checkpoint: 'hash' };

// The service runs under a role that owns nothing: what the triggers refuse to everybody, the grants refuse to it already.
describe('A30: the append-only tables', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await openBank('append_only');
  });
  afterAll(() => bank.close());

  const refused = (sql: string, values: unknown[] = []): Promise<void> =>
    expect(bank.dataSource.query(sql, values)).rejects.toMatchObject({ driverError: { code: '42501' } });

  describe.each(BOOKS)('%s', (table) => {
    const column = COLUMN[table] ?? 'amount';
    it.each([
      ['UPDATE', `UPDATE ${table} SET ${column} = ${column}`],
      ['DELETE', `DELETE FROM ${table}`],
      ['TRUNCATE', `TRUNCATE ${table} CASCADE`],
      ['locking a row', `SELECT 1 FROM ${table} FOR UPDATE`],
      ['ALTER TABLE … DISABLE TRIGGER', `ALTER TABLE ${table} DISABLE TRIGGER ALL`],
      ['ALTER TABLE', `ALTER TABLE ${table} ADD COLUMN other text`],
      ['a trigger', `CREATE TRIGGER other BEFORE INSERT ON ${table} EXECUTE FUNCTION refuse_change()`],
      ['a rule', `CREATE RULE other AS ON INSERT TO ${table} DO INSTEAD NOTHING`],
      ['DROP TABLE', `DROP TABLE ${table} CASCADE`],
      ['an update that it grants itself', `GRANT UPDATE ON ${table} TO CURRENT_USER; UPDATE ${table} SET ${column} = ${column}`],
    ])('refuses %s to the application role by the grants', (_what, sql) => refused(sql));
  });

  it.each([
    ['a table', 'CREATE TABLE other (n integer)'],
    ['a temporary table that would stand before the real one', 'CREATE TEMP TABLE ledger_tx (n integer)'],
    ['a schema', 'CREATE SCHEMA other'],
    ['another function under a name of ours', `CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'`],
    ['switching triggers off for a session', 'SET session_replication_role = replica'],
    ['becoming the owner', 'SET ROLE tael_test_owner'],
    ['a migration that was never run', `INSERT INTO migration (timestamp, name) VALUES (1, 'x')`],
    ['a fee schedule', `UPDATE fee_schedule SET minimum = 0`],
    ['a limit', 'UPDATE limit_definition SET cap = cap * 2'],
    ['removing an account', 'DELETE FROM account'],
  ])('refuses %s to the application role', (_what, sql) => refused(sql));

  it('gives the application role SELECT and INSERT, and nothing else, on every table whose trigger refuses changes', async () => {
    const rows: { name: string; rights: string }[] = await bank.dataSource.query(
      `SELECT DISTINCT c.relname AS name, (SELECT string_agg(a.privilege_type, ',' ORDER BY a.privilege_type) FROM aclexplode(c.relacl) a
         WHERE a.grantee = current_user::regrole) AS rights
       FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid JOIN pg_proc p ON p.oid = t.tgfoid AND p.proname = 'refuse_change'`,
    );
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['ledger_tx', 'posting', 'entry', 'fee_schedule']));
    for (const { name, rights } of rows) expect([name, rights]).toEqual([name, 'INSERT,SELECT']);
  });

  it('keeps a key as its transaction left it: its answer cannot be written, or the key given back, by a later one', async () => {
    const payer = await bank.customer({ minor: 1_000n });
    const paid = await bank.services.payments.pay(payer, {
      walletId: payer.walletId, merchantId: await bank.merchant(), amount: usd(100n), description: undefined, idempotencyKey: 'once',
    });
    expect(paid.ok).toBe(true);
    for (const answer of ['[]', null]) {
      await expect(
        bank.dataSource.query('SELECT payment_refuse(ARRAY[$1]::uuid[], ARRAY[$2]::text[], ARRAY[$3]::jsonb[])', [payer.personId, 'once', answer]),
      ).rejects.toMatchObject({ driverError: { code: '23001' } });
    }
    expect(await bank.dataSource.query('SELECT refusals FROM idempotency WHERE scope = $1', [payer.personId])).toEqual([{ refusals: null }]);
  });
});
