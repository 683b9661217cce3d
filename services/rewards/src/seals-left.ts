import { printSealsLeft, resealReport } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { rewardsDataSource } from './data-source';
import { readSealsLeftEnv } from './env';
import { resealTasks } from './people/person.reseal';

const env = readSealsLeftEnv();
const dataSource = rewardsDataSource({ url: env.DATABASE_URL, poolSize: 1 });
printSealsLeft(dataSource, async () => ({
  seal: await resealReport(dataSource, resealTasks(createSealer(env.SEAL_KEYS)), env.SEAL_KEYS[0].id),
}));
