import { printSealsLeft, resealReport } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { merchantsDataSource } from './data-source';
import { readSealsLeftEnv } from './env';
import { resealTasks } from './merchants/merchant.retell';
import { onboardingResealTasks } from './onboarding/onboarding.reseal';
import { partnerResealTasks } from './partners/partner.retell';
import { webhookResealTasks } from './webhooks/webhook.reseal';

const env = readSealsLeftEnv();
const sealer = createSealer(env.SEAL_KEYS);
const tasks = [...resealTasks(sealer), ...partnerResealTasks(sealer), ...webhookResealTasks(sealer), ...onboardingResealTasks(sealer)];
const dataSource = merchantsDataSource({ url: env.DATABASE_URL, poolSize: 1 });
printSealsLeft(dataSource, async () => ({
  seal: await resealReport(dataSource, tasks, env.SEAL_KEYS[0].id),
}));
