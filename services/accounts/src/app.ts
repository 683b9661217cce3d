import 'reflect-metadata';
import { createSubgraphServer } from '@tael/graphql';
import type { Serving } from '@tael/platform/env';
import { type HealthCheck } from '@tael/platform/http';
import { poolPressure, postgresHealth } from '@tael/platform/postgres';
import type { FastifyInstance } from 'fastify';
import { servePartnerTokens } from './authorization/partner-tokens.route';
import { serveChargeNotices } from './charge-notices/charge-notice.route';
import { createLoaders } from './loaders';
import { servePartnerUse } from './partners/partner-use.route';
import { accountsSchema, resolverInstances } from './schema';
import { serveEndedSessions } from './sessions/ended-sessions.route';
import { EndedWatchService } from './sessions/ended-watch.service';
import { type AccountsServices, createServices, type Parts } from './services';

export interface App {
  readonly server: FastifyInstance;
  readonly services: AccountsServices;
}

/** Makes everything of accounts but listening, consuming and relaying: tests use it through `server.inject`. */
export async function createApp(parts: Parts, checks: Record<string, HealthCheck> = {}, serving?: Serving): Promise<App> {
  const { now, real = now } = parts;
  const services = createServices(parts);
  const server = await createSubgraphServer({
    schema: accountsSchema(resolverInstances(services)).schema,
    log: parts.log,
    identityKeys: parts.settings.IDENTITY_KEYS,
    now: () => real().getTime(),
    loaders: (identity) => createLoaders(services, identity),
    checks: Object.assign(checks, { postgres: postgresHealth(parts.dataSource) }),
    ...(serving ? { serving, pressure: poolPressure(parts.dataSource, serving.admission.poolWaitMaxMs) } : {}),
  });
  // Where the gateway learns which keys sign access tokens; public by nature.
  server.get('/.well-known/jwks.json', (_request, reply) => {
    void reply.header('cache-control', 'public, max-age=300');
    return services.accessTokens.publicKeys();
  });
  await servePartnerTokens(server, { ...parts, real, ...services });
  const { IDENTITY_KEYS: identityKeys, CARD_PROCESSOR_NOTICE_KEYS: noticeKeys } = parts.settings;
  await serveChargeNotices(server, { ...services, identityKeys, noticeKeys, real });
  const { activeSessions, partnerClients } = services;
  const watch = new EndedWatchService(parts);
  servePartnerUse(server, { ...services, identityKeys, real });
  serveEndedSessions(server, { activeSessions, partnerClients, watch, identityKeys, now, real });
  return { server, services };
}
