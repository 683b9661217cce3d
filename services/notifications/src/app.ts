import { createSubgraphServer } from '@tael/graphql';
import type { KeyEntry, Serving } from '@tael/platform/env';
import type { HealthCheck } from '@tael/platform/http';
import type { Logger } from '@tael/platform/log';
import { onCommit, poolPressure, postgresHealth } from '@tael/platform/postgres';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { createLoaders, type NotificationsLoaders } from './loaders';
import { unsubscribeRoutes } from './preferences/unsubscribe.route';
import { notificationsSchema, resolverInstances } from './schema';
import { createServices, type NotificationsParts, type NotificationsServices } from './services';

export interface AppParts extends NotificationsParts {
  readonly identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  readonly serving?: Serving;
}

export interface App {
  readonly server: FastifyInstance;
  readonly services: NotificationsServices;
}

/**
 * Makes everything of notifications but listening, consuming and background work; `checks` may grow until it is
 * ready.
 */
export async function createApp(parts: AppParts, checks: Record<string, HealthCheck> = {}): Promise<App> {
  const services = createServices(parts);
  const { serving } = parts;
  const server = await createSubgraphServer<NotificationsLoaders>({
    schema: notificationsSchema(resolverInstances(services, parts.push.publicKey)).schema,
    log: parts.log,
    identityKeys: parts.identityKeys,
    now: () => (parts.real ?? parts.now)().getTime(),
    loaders: (identity) => createLoaders(services, identity),
    checks: Object.assign(checks, { postgres: postgresHealth(parts.dataSource) }),
    ...(serving ? { serving, pressure: poolPressure(parts.dataSource, serving.admission.poolWaitMaxMs) } : {}),
    subscriptions: true,
  });
  unsubscribeRoutes(server, { unsubscribe: services.unsubscribe, preferences: services.preferences });
  // No subscription outlives the server.
  server.addHook('preClose', () => services.live.stop());
  server.addHook('onClose', () => services.mail.close());
  return { server, services };
}

const BATCH = 50;
const DELIVERIES_AT_ONCE = 50;
const FEED_KEPT_MS = 3_600_000;
/** So late at most is what another instance has left behind, or what only its time makes due. */
const QUIET_MS = 1_000;

/** Starts the background work of one instance; any number of instances may do it at the same time. */
export function startWork({
  services,
  dataSource,
  log,
}: {
  services: NotificationsServices;
  dataSource: DataSource;
  log: Logger;
}): Record<string, WorkLoop> {
  const { messages, deliveries, offers, live, now } = services;
  const quiet = { maxMs: QUIET_MS, woken: (wake: () => void) => onCommit(dataSource, wake) };
  return {
    messages: startWorkLoop({ name: 'messages', work: () => messages.settleDue(BATCH), idleMs: 250, quiet, log }),
    deliveries: startWorkLoop({
      name: 'deliveries',
      // A full claim has more behind it; else a rest lets the next one gather, instead of claiming one by one.
      work: async () => Math.floor((await deliveries.deliverDue(DELIVERIES_AT_ONCE)) / DELIVERIES_AT_ONCE),
      idleMs: 100,
      quiet,
      log,
    }),
    reclaim: startWorkLoop({ name: 'reclaim', work: () => deliveries.reclaim(BATCH), idleMs: 5_000, log }),
    offers: startWorkLoop({ name: 'offers', work: () => offers.scanStep(), idleMs: 500, log }),
    forget: startWorkLoop({
      name: 'forget',
      work: async () => {
        const before = new Date(now().getTime() - FEED_KEPT_MS);
        return (await live.forget(before, 1_000)) + (await offers.forget(1_000));
      },
      idleMs: 300_000,
      log,
    }),
  };
}
