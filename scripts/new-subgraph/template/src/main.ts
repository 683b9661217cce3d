import 'reflect-metadata';
import { createBus } from '@tael/platform/bus';
import { startDatabaseClock } from '@tael/platform/clock';
import { busOf, servingOf, tracingOf } from '@tael/platform/env';
import { armFailpoints } from '@tael/platform/failpoint';
import { beside } from '@tael/platform/http';
import { startEventConsumer } from '@tael/platform/inbox';
import { createLogger, type Logger } from '@tael/platform/log';
import { openDataSource } from '@tael/platform/postgres';
import { createShutdown, type Shutdown } from '@tael/platform/shutdown';
import { startTracing } from '@tael/platform/telemetry';
import { createApp } from './app';
import { __nameVar__DataSource } from './data-source';
import { readServeEnv } from './env';
import { CONSUMED_TOPICS, CONSUMER_GROUP, createEventHandler } from './events/event.consumer';
import { __Entity__Service } from './__entities__/__entityFile__.service';

type Env = ReturnType<typeof readServeEnv>;

async function start(env: Env, log: Logger, shutdown: Shutdown): Promise<void> {
  const tracing = await startTracing(tracingOf('__name__', env, log));
  shutdown.add('traces', () => tracing.stop());
  const dataSource = __nameVar__DataSource({ url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE });
  await openDataSource(dataSource, log);
  shutdown.add('postgres', () => dataSource.destroy());
  const clock = await startDatabaseClock(dataSource, log);
  shutdown.add('clock', () => clock.stop());

  const bus = createBus({ ...busOf(env), clientId: '__name__', log });
  shutdown.add('bus', () => bus.close());

  const service = new __Entity__Service({ dataSource, now: clock.now });
  const handle = createEventHandler(service);
  const consumer = await startEventConsumer({
    bus,
    dataSource,
    log,
    group: CONSUMER_GROUP,
    topics: CONSUMED_TOPICS,
    handle,
  });
  shutdown.add('consumer', () => consumer.stop());

  const app = await createApp({
    dataSource,
    service,
    log,
    identityKeys: env.IDENTITY_KEYS,
    now: clock.now,
    serving: servingOf(env),
    checks: { bus: beside(() => bus.health()), consumer: beside(consumer.health) },
  });
  shutdown.add('http', () => app.close());
  await app.listen({ host: env.HOST, port: env.PORT });
  log.info({ host: env.HOST, port: env.PORT, bus: bus.kind }, '__name__ serves');
}

const env = readServeEnv();
const log = createLogger({ service: '__name__', level: env.LOG_LEVEL });
const shutdown = createShutdown({ log });
armFailpoints(env, log);
start(env, log, shutdown).catch(async (error: unknown) => {
  log.fatal({ error }, '__name__ cannot start');
  await shutdown.stop();
  process.exit(1);
});
