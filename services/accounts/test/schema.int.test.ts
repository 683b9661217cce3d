import { drift, migrate } from '@tael/platform/postgres';
import { testDatabase, type TestDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { accountsDataSource } from '../src/data-source';

// The migrations make exactly the tables that the entities describe, and a second run finds nothing to do.
describe('schema', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase({ name: 'accounts-schema' });
    dataSource = await accountsDataSource({ url: database.url, poolSize: 2 }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('comes from migrations alone and agrees with the entities', async () => {
    const done = await migrate(dataSource);
    expect(done.length).toBeGreaterThanOrEqual(2);
    expect(await migrate(dataSource)).toEqual([]);
    const ours = (await drift(dataSource)).filter((statement) => !/"(outbox|outbox_cursor|inbox|migration)"/.test(statement));
    expect(ours).toEqual([]);
  });
});
