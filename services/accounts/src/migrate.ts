import { createLogger } from '@tael/platform/log';
import { migrate } from '@tael/platform/postgres';
import { accountsDataSource } from './data-source';
import { databaseSettings } from './env';

async function main(): Promise<void> {
  const log = createLogger({ service: 'accounts-migrate' });
  const dataSource = await accountsDataSource({ url: databaseSettings().DATABASE_URL, poolSize: 2 }).initialize();
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
