import { drift } from '@tael/platform/postgres';
import { __nameVar__DataSource } from '../src/data-source';
import { __Name__1763800000000 } from '../src/migrations/1763800000000-__name__';
import { create, migrated, registered, somebody, startSubject, type Subject } from './support';

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

it.each([
  ['an origin that is none', `UPDATE "__table__" SET origin = 'FOUND'`, '__table___origin_known'],
  ['an empty label', `UPDATE "__table__" SET label = ''`, '__table___label_length'],
  ['a second welcome', `UPDATE "__table__" SET origin = 'WELCOME'`, '__table___one_welcome'],
])('refuses %s by itself', async (_what, statement, constraint) => {
  const owner = somebody();
  await subject.deliver(registered(owner.principal.personId));
  await create(subject, owner);
  await expect(subject.dataSource.query(statement)).rejects.toMatchObject({ driverError: { constraint } });
});

it('can be taken back', async () => {
  const owner = await __nameVar__DataSource({ url: subject.database.ownerUrl, poolSize: 1 }).initialize();
  const runner = owner.createQueryRunner();
  await runner.startTransaction();
  await new __Name__1763800000000().down(runner);
  expect(await runner.query(`SELECT to_regclass('"__table__"') AS found`)).toEqual([{ found: null }]);
  await runner.rollbackTransaction();
  await runner.release();
  await owner.destroy();
});
