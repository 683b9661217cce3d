import { printSealsLeft, resealReport } from '@tael/platform/reseal';
import { accountsDataSource } from './data-source';
import { sealsLeftSettings } from './env';
import { fingerprintTasks, sealTasks } from './key-turns/key-turn.tasks';

const env = sealsLeftSettings();
const dataSource = accountsDataSource({ url: env.DATABASE_URL, poolSize: 1 });
printSealsLeft(dataSource, async () => ({
  seal: await resealReport(dataSource, sealTasks(env), env.SEAL_KEYS[0].id),
  fingerprint: await resealReport(dataSource, fingerprintTasks(env)),
}));
