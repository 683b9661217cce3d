import { printSealsLeft, resealReport } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { merchantsDataSource } from './data-source';
import { readSealsLeftEnv } from './env';
import { resealTasks } from './merchants/merchant.retell';

const env = readSealsLeftEnv();
const dataSource = merchantsDataSource({ url: env.DATABASE_URL, poolSize: 1 });
printSealsLeft(dataSource, async () => ({
  seal: await resealReport(dataSource, resealTasks(createSealer(env.SEAL_KEYS)), env.SEAL_KEYS[0].id),
}));
