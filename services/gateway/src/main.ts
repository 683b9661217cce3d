import { tracingOf } from '@tael/platform/env';
import { startManagementServer } from '@tael/platform/http';
import { createLogger } from '@tael/platform/log';
import { createShutdown } from '@tael/platform/shutdown';
import { startTracing } from '@tael/platform/telemetry';
import { createApp } from './app';
import { readGatewayEnv } from './env';

async function main(): Promise<void> {
  const env = readGatewayEnv();
  const log = createLogger({ service: 'gateway', level: env.LOG_LEVEL });
  const shutdown = createShutdown({ log });
  try {
    const tracing = await startTracing(tracingOf('gateway', env, log));
    shutdown.add('traces', () => tracing.stop());
    const app = await createApp(env, log, { graceMs: env.DRAIN_MS });
    // The door is public, so the figures are at another one: without it they are not served at all.
    if (env.MANAGEMENT_PORT !== undefined) {
      const management = await startManagementServer({ host: env.MANAGEMENT_HOST, port: env.MANAGEMENT_PORT, ready: app.health });
      shutdown.add('management', () => management.close());
    }
    shutdown.add('gateway', () => app.close());
    const port = await app.listen(env.HOST, env.PORT);
    const tlsPort = await app.listenWithTls(env.HOST);
    log.info({ host: env.HOST, port, ...(tlsPort === null ? {} : { tlsPort }) }, 'the gateway answers');
  } catch (error) {
    log.fatal({ error }, 'the gateway did not start');
    await shutdown.stop();
    process.exit(1);
  }
}

void main();
