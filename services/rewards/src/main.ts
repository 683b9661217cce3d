import 'reflect-metadata';
import { createBus } from '@tael/platform/bus';
import { startDatabaseClock } from '@tael/platform/clock';
import { busOf, servingOf, tracingOf } from '@tael/platform/env';
import { armFailpoints } from '@tael/platform/failpoint';
import { takenIdentityKeys } from '@tael/platform/identity';
import { beside } from '@tael/platform/http';
import { startEventConsumer } from '@tael/platform/inbox';
import { createLogger, type Logger } from '@tael/platform/log';
import { createOutboxRelay } from '@tael/platform/outbox';
import { openDataSource } from '@tael/platform/postgres';
import { faultsTo, startResealing, tellSealKey } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { createShutdown, type Shutdown } from '@tael/platform/shutdown';
import { startTracing } from '@tael/platform/telemetry';
import { createApp } from './app';
import { startCampaignEndWorker } from './campaigns/campaign-end.worker';
import { rewardsDataSource } from './data-source';
import { readServeEnv } from './env';
import { BATCH_SIZE_MAX, CONSUMED_TOPICS, CONSUMER_GROUP, createEventHandler, passesOver } from './events/event.consumer';
import { resealTasks } from './people/person.reseal';
import { createServices } from './services';

type Env = ReturnType<typeof readServeEnv>;

async function start(env: Env, log: Logger, shutdown: Shutdown): Promise<void> {
  const tracing = await startTracing(tracingOf('rewards', env, log));
  shutdown.add('traces', () => tracing.stop());
  const dataSource = rewardsDataSource({ url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE });
  await openDataSource(dataSource, log);
  shutdown.add('postgres', () => dataSource.destroy());
  const clock = await startDatabaseClock(dataSource, log);
  shutdown.add('clock', () => clock.stop());

  const bus = createBus({ ...busOf(env), clientId: 'rewards', log });
  shutdown.add('bus', () => bus.close());
  const relay = createOutboxRelay({ dataSource, bus, log });
  shutdown.add('relay', () => relay.stop());

  const sealer = createSealer(env.SEAL_KEYS);
  const services = createServices({ dataSource, sealer, now: clock.now });
  const ends = startCampaignEndWorker({ campaigns: services.campaigns, log });
  shutdown.add('ends of campaigns', () => ends.stop());
  tellSealKey('seal', sealer);
  const resealing = startResealing({ dataSource, log, tasks: resealTasks(sealer, faultsTo(log)) });
  shutdown.add('resealing', () => resealing.stop());
  const consumer = await startEventConsumer({
    bus, dataSource, log, group: CONSUMER_GROUP, topics: CONSUMED_TOPICS, handleBatch: createEventHandler(services),
    passOver: passesOver(services),
    batchSizeMax: BATCH_SIZE_MAX, inboxDays: env.INBOX_DAYS,
  });
  shutdown.add('consumer', () => consumer.stop());

  const checks = {
    bus: beside(() => bus.health()), relay: beside(relay.health), consumer: beside(consumer.health),
  };
  const app = await createApp({ dataSource, services, log, identityKeys: takenIdentityKeys(env.IDENTITY_KEYS, 'rewards'), real: clock.real, checks, serving: servingOf(env) });
  shutdown.add('http', () => app.close());
  await app.listen({ host: env.HOST, port: env.PORT });
  log.info({ host: env.HOST, port: env.PORT, bus: bus.kind }, 'rewards serves');
}

const env = readServeEnv();
const log = createLogger({ service: 'rewards', level: env.LOG_LEVEL });
const shutdown = createShutdown({ log });
armFailpoints(env, log);
start(env, log, shutdown).catch(async (error: unknown) => {
  log.fatal({ error }, 'rewards cannot start');
  await shutdown.stop();
  process.exit(1);
});
