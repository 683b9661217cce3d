import 'reflect-metadata';
import { createBus } from '@tael/platform/bus';
import { startDatabaseClock } from '@tael/platform/clock';
import { busOf, servingOf, tracingOf } from '@tael/platform/env';
import { armFailpoints } from '@tael/platform/failpoint';
import { takenIdentityKeys } from '@tael/platform/identity';
import { beside, type HealthCheck } from '@tael/platform/http';
import { createLogger, type Logger } from '@tael/platform/log';
import { createOutboxRelay } from '@tael/platform/outbox';
import { openDataSource } from '@tael/platform/postgres';
import { faultsTo, startResealing, tellSealKey } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { createShutdown, type Shutdown } from '@tael/platform/shutdown';
import { startTracing } from '@tael/platform/telemetry';
import { type AppParts, createApp, startWork } from './app';
import { notificationsDataSource } from './data-source';
import { type NotificationsEnv, readNotificationsEnv } from './env';
import { startNotificationsConsumer } from './events/event.consumer';
import { resealTasks } from './key-turn.tasks';

function settingsOf(env: NotificationsEnv): Pick<AppParts, 'sealer' | 'mail' | 'push' | 'identityKeys'> {
  return {
    identityKeys: takenIdentityKeys(env.IDENTITY_KEYS, 'notifications'),
    sealer: createSealer(env.SEAL_KEYS),
    mail: {
      smtpUrl: env.SMTP_URL,
      from: env.MAIL_FROM,
      unsubscribeBase: (env.UNSUBSCRIBE_URL ?? `http://${env.HOST}:${env.PORT}/unsubscribe`).replace(/\/$/, ''),
    },
    push: {
      subject: env.VAPID_SUBJECT,
      publicKey: env.VAPID_PUBLIC_KEY,
      privateKey: env.VAPID_PRIVATE_KEY,
      allowHttp: env.PUSH_ALLOW_HTTP,
    },
  };
}

async function start(env: NotificationsEnv, log: Logger, shutdown: Shutdown): Promise<void> {
  const tracing = await startTracing(tracingOf('notifications', env, log));
  shutdown.add('traces', () => tracing.stop());
  const dataSource = await openDataSource(notificationsDataSource(env.DATABASE_URL, env.DATABASE_POOL_SIZE), log);
  shutdown.add('postgres', () => dataSource.destroy());
  const clock = await startDatabaseClock(dataSource, log);
  shutdown.add('clock', () => clock.stop());
  const bus = createBus({ ...busOf(env), clientId: 'notifications', log });
  shutdown.add('bus', () => bus.close());
  const relay = createOutboxRelay({ dataSource, bus, log });
  shutdown.add('relay', () => relay.stop());

  const checks: Record<string, HealthCheck> = { bus: beside(() => bus.health()), relay: beside(relay.health) };
  const settings = settingsOf(env);
  const { server, services } = await createApp({ dataSource, log, now: clock.now, real: clock.real, serving: servingOf(env), ...settings }, checks);
  for (const [name, loop] of Object.entries(startWork({ services, dataSource, log }))) {
    checks[name] = beside(loop.health);
    shutdown.add(name, () => loop.stop());
  }
  tellSealKey('seal', settings.sealer);
  const resealing = startResealing({ dataSource, log, tasks: resealTasks(settings.sealer, faultsTo(log)) });
  shutdown.add('resealing', () => resealing.stop());
  const consumer = await startNotificationsConsumer({ bus, dataSource, log, services, inboxDays: env.INBOX_DAYS });
  checks['consumer'] = beside(consumer.health);
  shutdown.add('consumer', () => consumer.stop());
  // Added last, stopped first: while it drains, all that it needs still runs.
  shutdown.add('http', () => server.close());
  await server.listen({ host: env.HOST, port: env.PORT });
  log.info({ host: env.HOST, port: env.PORT, bus: bus.kind }, 'notifications serves');
}

const env = readNotificationsEnv();
const log = createLogger({ service: 'notifications', level: env.LOG_LEVEL });
const shutdown = createShutdown({ log });
armFailpoints(env, log);
start(env, log, shutdown).catch(async (error: unknown) => {
  log.fatal({ error }, 'notifications cannot start');
  await shutdown.stop();
  process.exit(1);
});
