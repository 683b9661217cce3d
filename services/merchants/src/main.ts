import 'reflect-metadata';
import { readOwnSchemas } from '@tael/partner-graph';
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
import { createApp, createService, createWebhooks, startWebhookWork } from './app';
import { merchantsDataSource } from './data-source';
import { readServeEnv } from './env';
import { startWebhooksConsumer } from './events/event.consumer';
import { resealTasks } from './merchants/merchant.retell';
import { createOnboardingServices, startOnboardingForgetting } from './onboarding/onboarding.parts';
import { onboardingResealTasks } from './onboarding/onboarding.reseal';
import { startKeyExpiry } from './partners/key-expiry.service';
import { createPartnerServices } from './partners/partner.parts';
import { partnerResealTasks } from './partners/partner.retell';
import { webhookResealTasks } from './webhooks/webhook.reseal';

type Env = ReturnType<typeof readServeEnv>;

async function start(env: Env, log: Logger, shutdown: Shutdown): Promise<void> {
  const tracing = await startTracing(tracingOf('merchants', env, log));
  shutdown.add('traces', () => tracing.stop());
  const dataSource = merchantsDataSource({ url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE });
  await openDataSource(dataSource, log);
  shutdown.add('postgres', () => dataSource.destroy());
  const clock = await startDatabaseClock(dataSource, log);
  shutdown.add('clock', () => clock.stop());

  const bus = createBus({ ...busOf(env), clientId: 'merchants', log });
  shutdown.add('bus', () => bus.close());

  const relay = createOutboxRelay({ dataSource, bus, log });
  shutdown.add('relay', () => relay.stop());

  const sealer = createSealer(env.SEAL_KEYS);
  tellSealKey('seal', sealer);
  const { changes, keyExpiry } = createPartnerServices({ dataSource, sealer, now: clock.now });
  const tasks = [
    ...resealTasks(sealer, createService({ dataSource, sealKeys: env.SEAL_KEYS })),
    ...partnerResealTasks(sealer, changes),
    ...webhookResealTasks(sealer, faultsTo(log)),
    ...onboardingResealTasks(sealer, faultsTo(log)),
  ];
  const resealing = startResealing({ dataSource, log, tasks });
  shutdown.add('resealing', () => resealing.stop());
  const checks: Record<string, HealthCheck> = { bus: beside(() => bus.health()), relay: beside(relay.health) };
  const webhooks = createWebhooks({
    dataSource, log, sealKeys: env.SEAL_KEYS, sender: { allowHttp: env.WEBHOOKS_ALLOW_HTTP }, now: clock.now, real: clock.real,
  });
  for (const [name, loop] of Object.entries(startWebhookWork(webhooks, dataSource, log))) {
    checks[name] = beside(loop.health);
    shutdown.add(name, () => loop.stop());
  }
  const merchants = createService({ dataSource, sealKeys: env.SEAL_KEYS });
  const forgetting = startOnboardingForgetting(createOnboardingServices({ dataSource, sealer, merchants, now: clock.now }), log);
  checks['onboarding-forgetting'] = beside(forgetting.health);
  shutdown.add('onboarding-forgetting', () => forgetting.stop());
  const expiring = startKeyExpiry(keyExpiry, log);
  checks['key-expiry'] = beside(expiring.health);
  shutdown.add('key-expiry', () => expiring.stop());
  const consumer = await startWebhooksConsumer({ bus, dataSource, log, queue: webhooks.queue, inboxDays: env.INBOX_DAYS });
  checks['consumer'] = beside(consumer.health);
  shutdown.add('consumer', () => consumer.stop());
  const app = await createApp({
    dataSource,
    log,
    identityKeys: takenIdentityKeys(env.IDENTITY_KEYS, 'merchants'),
    sealKeys: env.SEAL_KEYS,
    now: clock.now,
    real: clock.real,
    serving: servingOf(env),
    checks,
    webhooks,
    sandboxPartners: env.SANDBOX_PARTNERS,
    subgraphs: { own: readOwnSchemas(env.SUBGRAPH_SCHEMAS), allowHttp: env.WEBHOOKS_ALLOW_HTTP },
  });
  shutdown.add('http', () => app.close());
  await app.listen({ host: env.HOST, port: env.PORT });
  log.info({ host: env.HOST, port: env.PORT, bus: bus.kind }, 'merchants serves');
}

const env = readServeEnv();
const log = createLogger({ service: 'merchants', level: env.LOG_LEVEL });
const shutdown = createShutdown({ log });
armFailpoints(env, log);
start(env, log, shutdown).catch(async (error: unknown) => {
  log.fatal({ error }, 'merchants cannot start');
  await shutdown.stop();
  process.exit(1);
});
