import { resealReport } from '@tael/platform/reseal';
import { accountsDataSource } from './data-source';
import { sealsLeftSettings } from './env';
import { fingerprintTasks, sealTasks } from './key-turns/key-turn.tasks';

/** Prints as JSON, by ring, how many rows stand under other keys than the first: `npm run keys:rotate` asks before it retires one. */
async function main(): Promise<void> {
  const env = sealsLeftSettings();
  const dataSource = await accountsDataSource({ url: env.DATABASE_URL, poolSize: 1 }).initialize();
  try {
    const seal = await resealReport(dataSource, sealTasks(env), env.SEAL_KEYS[0].id);
    const fingerprint = await resealReport(dataSource, fingerprintTasks(env));
    process.stdout.write(`${JSON.stringify({ seal, fingerprint })}\n`);
  } finally {
    await dataSource.destroy();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(2);
});
