import 'reflect-metadata';
import { makeClockMovable } from '@tael/platform/clock';
import { createLogger } from '@tael/platform/log';
import { migrate } from '@tael/platform/postgres';
import { merchantsDataSource } from './data-source';
import { readMigrateEnv } from './env';

const log = createLogger({ service: 'merchants' });

async function run({ DATABASE_URL: url, MOVABLE_CLOCK: isMovable }: ReturnType<typeof readMigrateEnv>): Promise<void> {
  // Before the first session, so that what is made now has the moved time in its defaults.
  if (isMovable) await makeClockMovable(url);
  const dataSource = await merchantsDataSource({ url, poolSize: 2 }).initialize();
  try {
    log.info({ migrations: await migrate(dataSource) }, 'the database is up to date');
  } finally {
    await dataSource.destroy();
  }
}

run(readMigrateEnv()).catch((error: unknown) => {
  log.fatal({ error }, 'the migration failed');
  process.exitCode = 1;
});
