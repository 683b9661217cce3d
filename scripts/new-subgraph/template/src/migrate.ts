import 'reflect-metadata';
import { createLogger } from '@tael/platform/log';
import { migrate } from '@tael/platform/postgres';
import { __nameVar__DataSource } from './data-source';
import { readMigrateEnv } from './env';

const log = createLogger({ service: '__name__' });

async function run(url: string): Promise<void> {
  const dataSource = await __nameVar__DataSource({ url, poolSize: 2 }).initialize();
  try {
    log.info({ migrations: await migrate(dataSource) }, 'the database is up to date');
  } finally {
    await dataSource.destroy();
  }
}

run(readMigrateEnv().DATABASE_URL).catch((error: unknown) => {
  log.fatal({ error }, 'the migration failed');
  process.exitCode = 1;
});
