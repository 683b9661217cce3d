import { drift } from '@tael/platform/postgres';
import { testDatabase } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { merchantsDataSource } from '../src/data-source';
import { migrated, register, somebody, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('database');
});
afterAll(() => subject?.stop());

it('has the tables that the entities say', async () => {
  expect(await drift(subject.dataSource)).toEqual([]);
});

it('stays as it is where it is migrated again', async () => {
  await migrated(subject.database.ownerUrl);
  expect(await drift(subject.dataSource)).toEqual([]);
});

it('has every category of the list, and one default fee plan', async () => {
  const [row] = await subject.dataSource.query(
    'SELECT (SELECT count(*) FROM category) AS categories, (SELECT count(*) FROM fee_plan WHERE "isDefault") AS plans',
  );
  expect(row).toEqual({ categories: 981n, plans: 1n });
});

it.each([
  ['a second default plan', `INSERT INTO fee_plan VALUES ('other', 10, true)`, 'fee_plan_one_default'],
  ['a rate above all', `INSERT INTO fee_plan VALUES ('other', 10001, false)`, 'fee_plan_basis_points_range'],
  ['a status that is none', `UPDATE merchant SET status = 'CLOSED'`, 'merchant_status_known'],
  ['an empty name', `UPDATE merchant SET name = ''`, 'merchant_name_length'],
  ['a category off the list', `UPDATE merchant SET "categoryCode" = '0001'`, 'merchant_category_known'],
])('refuses %s by itself', async (_what, statement, constraint) => {
  await register(subject, somebody());
  await expect(subject.database.asOwner(statement)).rejects.toMatchObject({ constraint });
});

it('keeps neither merchant nor event where the transaction fails', async () => {
  const name = `Never ${uuidv7()}`;
  await subject.database.asOwner(`ALTER TABLE outbox ADD CONSTRAINT refuse_all CHECK (false) NOT VALID`);
  const answer = await subject.ask(
    somebody(),
    `mutation { registerMerchant(input: { name: "${name}", categoryCode: "5814", currency: "USD" }) { merchant { id } } }`,
  );
  await subject.database.asOwner('ALTER TABLE outbox DROP CONSTRAINT refuse_all');
  expect(answer.errors[0].extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', reference: 'ref-test' });
  expect(JSON.stringify(answer)).not.toContain('refuse_all');
  expect(await subject.dataSource.query('SELECT 1 FROM merchant WHERE name = $1', [name])).toEqual([]);
});

it('can be taken back, as it was made: with a transaction for each migration but for those that work beside the traffic', async () => {
  const database = await testDatabase({ name: 'merchants_taken_back', templateKey: 'merchants', prepare: migrated });
  const owner = await merchantsDataSource({ url: database.ownerUrl, poolSize: 1 }).initialize();
  try {
    for (const migration of [...owner.migrations].reverse()) {
      const runner = owner.createQueryRunner();
      if (migration.transaction !== false) await runner.startTransaction();
      await migration.down(runner);
      if (migration.transaction !== false) await runner.commitTransaction();
      await runner.release();
    }
    expect(await owner.query(`SELECT to_regclass('merchant') AS found, to_regclass('merchant_invitation') AS other`)).toEqual([{ found: null, other: null }]);
  } finally {
    await owner.destroy();
    await database.drop();
  }
});
