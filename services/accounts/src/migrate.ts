import { makeClockMovable } from '@tael/platform/clock';
import { createLogger } from '@tael/platform/log';
import { migrate } from '@tael/platform/postgres';
import { accountsDataSource } from './data-source';
import { migrateSettings } from './env';

async function main(): Promise<void> {
  const log = createLogger({ service: 'accounts-migrate' });
  const { DATABASE_URL: url, MOVABLE_CLOCK: isMovable } = migrateSettings();
  // Before the first session, so that what is made now has the moved time in its defaults.
  if (isMovable) await makeClockMovable(url);
  const dataSource = await accountsDataSource({ url, poolSize: 2 }).initialize();
  try {
    log.info({ migrations: await migrate(dataSource) }, 'the database is up to date');
  } finally {
    await dataSource.destroy();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
