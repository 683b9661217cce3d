import { testDatabase, type TestDatabase } from '@tael/testkit';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { createInboxTable } from '../src/inbox';
import { createLogger } from '../src/log';
import { createOutboxTables } from '../src/outbox';
import { createDataSource, migrate } from '../src/postgres';

export const log = createLogger({ service: 'test', level: process.env['TAEL_TEST_LOG'] ?? 'silent' });

/** What a service of these tests keeps: outbox, inbox and one table of effects, which counts how often each was done. */
class Initial1700000000000 implements MigrationInterface {
  name = 'Initial1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    await createOutboxTables(runner);
    await createInboxTable(runner);
    await runner.query('CREATE TABLE effect (n integer PRIMARY KEY, times integer NOT NULL DEFAULT 1)');
  }

  async down(): Promise<void> {
    throw new Error('a first migration is not taken back');
  }
}

export async function connectTo(url: string): Promise<DataSource> {
  const dataSource = createDataSource({
    url, service: 'test', poolSize: 20, entities: [], migrations: [Initial1700000000000],
  });
  return dataSource.initialize();
}

/** A migrated database of a service. */
export function serviceDatabase(name: string): Promise<TestDatabase> {
  return testDatabase({
    name,
    templateKey: 'platform-service',
    prepare: async (url) => {
      const dataSource = await connectTo(url);
      await migrate(dataSource);
      await dataSource.destroy();
    },
  });
}
