import { makeClockMovable } from '@tael/platform/clock';
import { createLogger } from '@tael/platform/log';
import { migrate } from '@tael/platform/postgres';
import { notificationsDataSource } from './data-source';
import { readMigrateEnv } from './env';

async function main(): Promise<void> {
  const log = createLogger({ service: 'notifications' });
  const { DATABASE_URL: url, MOVABLE_CLOCK: isMovable } = readMigrateEnv();
  // Before the first session, so that what is made now has the moved time in its defaults.
  if (isMovable) await makeClockMovable(url);
  const dataSource = notificationsDataSource(url, 2);
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
