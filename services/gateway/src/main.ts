import { createLogger } from '@tael/platform/log';
import { createShutdown } from '@tael/platform/shutdown';
import { createApp } from './app';
import { readGatewayEnv } from './env';

async function main(): Promise<void> {
  const env = readGatewayEnv();
  const log = createLogger({ service: 'gateway', level: env.LOG_LEVEL });
  const shutdown = createShutdown({ log });
  try {
    const app = await createApp(env, log);
    shutdown.add('gateway', () => app.close());
    const port = await app.listen(env.HOST, env.PORT);
    log.info({ host: env.HOST, port }, 'the gateway answers');
  } catch (error) {
    log.fatal({ error }, 'the gateway did not start');
    await shutdown.stop();
    process.exit(1);
  }
}

void main();
