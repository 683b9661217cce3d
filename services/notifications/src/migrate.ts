import { createLogger } from '@tael/platform/log';
import { migrate } from '@tael/platform/postgres';
import { notificationsDataSource } from './data-source';
import { readDatabaseEnv } from './env';

async function main(): Promise<void> {
  const log = createLogger({ service: 'notifications' });
  const dataSource = notificationsDataSource(readDatabaseEnv().DATABASE_URL, 2);
  await dataSource.initialize();
  try {
    const done = await migrate(dataSource);
    log.info({ done }, done.length ? 'the database is up to date' : 'the database was up to date');
  } finally {
    await dataSource.destroy();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`The database could not be brought up to date: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
