import { resealReport } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { rewardsDataSource } from './data-source';
import { readSealsLeftEnv } from './env';
import { resealTasks } from './people/person.reseal';

/** Prints as JSON how many rows stand under other keys than the first: `npm run keys:rotate` asks before it retires one. */
async function main(): Promise<void> {
  const env = readSealsLeftEnv();
  const dataSource = await rewardsDataSource({ url: env.DATABASE_URL, poolSize: 1 }).initialize();
  try {
    const tasks = resealTasks(createSealer(env.SEAL_KEYS));
    process.stdout.write(`${JSON.stringify({ seal: await resealReport(dataSource, tasks, env.SEAL_KEYS[0].id) })}\n`);
  } finally {
    await dataSource.destroy();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(2);
});
