import 'reflect-metadata';
import { createLogger } from '@tael/platform/log';
import { accountsDataSource } from './data-source';
import { accountsSettings } from './env';
import { createServices } from './services';

/** `node dist/grant-operator.js <mail address>`: makes a person an operator. Takes the environment of accounts. */
async function main(): Promise<number> {
  const email = process.argv[2];
  if (!email) {
    process.stderr.write('usage: node dist/grant-operator.js <mail address>\n');
    return 64;
  }
  const settings = accountsSettings();
  const log = createLogger({ service: 'accounts-grant-operator', level: settings.LOG_LEVEL });
  const dataSource = await accountsDataSource({ url: settings.DATABASE_URL, poolSize: 1 }).initialize();
  try {
    const { people } = createServices({ dataSource, log, settings, now: () => new Date() });
    if (await people.grantOperator(email)) {
      process.stdout.write('The person is an operator; the next access token says so.\n');
      return 0;
    }
    process.stderr.write('Nobody has this mail address.\n');
    return 1;
  } finally {
    await dataSource.destroy();
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
