import { printSealsLeft, resealReport } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { notificationsDataSource } from './data-source';
import { readSealsLeftEnv } from './env';
import { resealTasks } from './key-turn.tasks';

const env = readSealsLeftEnv();
const dataSource = notificationsDataSource(env.DATABASE_URL, 1);
printSealsLeft(dataSource, async () => ({
  seal: await resealReport(dataSource, resealTasks(createSealer(env.SEAL_KEYS)), env.SEAL_KEYS[0].id),
}));
