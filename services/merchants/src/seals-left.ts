import { printSealsLeft, resealReport } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { merchantsDataSource } from './data-source';
import { readSealsLeftEnv } from './env';
import { resealTasks } from './merchants/merchant.retell';
import { partnerResealTasks } from './partners/partner.retell';

const env = readSealsLeftEnv();
const sealer = createSealer(env.SEAL_KEYS);
const dataSource = merchantsDataSource({ url: env.DATABASE_URL, poolSize: 1 });
printSealsLeft(dataSource, async () => ({
  seal: await resealReport(dataSource, [...resealTasks(sealer), ...partnerResealTasks(sealer)], env.SEAL_KEYS[0].id),
}));
