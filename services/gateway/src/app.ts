import { createSteadyClock, measureClock, type SteadyClock } from '@tael/platform/clock';
import type { OperationEnv } from '@tael/platform/env';
import { type ConnectionTracker, trackConnections } from '@tael/platform/http';
import type { Logger } from '@tael/platform/log';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Callers, createCallers } from './callers/caller.service';
import { createEndedSessions } from './callers/ended-sessions';
import { createTokenKeys, type TokenKeys } from './callers/token.keys';
import { createTokenVerifier } from './callers/token.verifier';
import type { GatewayEnv } from './env';
import { createGraph } from './graph/graph.runtime';
import { createGraphSource, type GraphSource } from './graph/graph.source';
import { createGraphiQLPage } from './graphiql/graphiql.page';
import { createAdmission } from './limits/admission.check';
import { createLiveConnections, type LiveConnections } from './limits/live.connections';
import { createRates, type Rates } from './limits/rate.service';
import { createCorsPolicy } from './http/cors.policy';
import { createFrontServer, GRAPHQL_PATH, type Health, type ServerTimes } from './http/front.server';
import { createGraphQLHandler } from './http/graphql.handler';
import { observeGraph } from './observation/graph.observation';
import { observeServer, traceHandler } from './observation/server.observation';
import { createSubgraphTransport } from './subgraphs/subgraph.transport';
import { serveWebSockets, type WebSocketOptions } from './websocket/websocket.server';

/** How long requests in flight may take to end once the gateway takes no more. A mutation is given up sooner. */
const IN_FLIGHT_MS = 25_000;
/** For so many times the grace a kept connection is left to its client, who closes it with its next answer. */
const LEAVE_FACTOR = 2;
/** Accounts tells its time in whole seconds, every other second; our own is believed while it agrees with that. */
const CLOCK_TOLERANCE_MS = 3_000;

export interface App {
  /** Begins to answer; gives the port. */
  listen(host: string, port: number): Promise<number>;
  health(): Health;
  /** Is not ready any more, goes on for a while, then takes nothing new, finishes what runs, closes every connection. */
  close(): Promise<void>;
}

/** How long clients may take, in milliseconds; tests want it shorter. */
export interface AppTimes {
  pollMs?: number;
  /** How long the gateway goes on taking requests once it is to stop, so that whoever sends them sees it. */
  graceMs?: number;
  drainMs?: number;
  /** The clock of the machine; it may be wrong. */
  clock?: () => number;
  server?: ServerTimes;
  sockets?: WebSocketOptions['times'];
}

export type AppSettings = Omit<
  GatewayEnv,
  'HOST' | 'PORT' | 'LOG_LEVEL' | 'NODE_ENV' | 'SUBGRAPH_URLS' | keyof OperationEnv
> &
  Partial<Pick<GatewayEnv, 'SUBGRAPH_URLS'>>;

/** What each person and each network may ask for. */
function limitsOf(env: AppSettings): { rates: Rates; live: LiveConnections } {
  return {
    rates: createRates({
      person: env.PERSON_RATE,
      anonymous: env.ANONYMOUS_RATE,
      network: env.NETWORK_RATE,
      badTokens: env.BAD_TOKEN_RATE,
    }),
    live: createLiveConnections({ perPerson: env.LIVE_PER_PERSON_MAX, perNetwork: env.LIVE_PER_NETWORK_MAX }),
  };
}

/** Serves the graph of the supergraph file over its subgraphs. Rejects where it cannot be served. */
async function serveGraph(
  env: AppSettings,
  { rates, log, pollMs, clock }: { rates: Rates; log: Logger; pollMs: number | undefined; clock: SteadyClock },
): Promise<GraphSource> {
  const transport = createSubgraphTransport({
    urls: {
      accounts: env.ACCOUNTS_URL,
      merchants: env.MERCHANTS_URL,
      rewards: env.REWARDS_URL,
      notifications: env.NOTIFICATIONS_URL,
      ...env.SUBGRAPH_URLS,
    },
    identityKeys: env.IDENTITY_KEYS,
    patience: { queryMs: env.SUBGRAPH_QUERY_TIMEOUT_MS, mutationMs: env.SUBGRAPH_MUTATION_TIMEOUT_MS },
    now: clock.now,
    log,
  });
  const admission = createAdmission({ costMax: env.COST_MAX, rates });
  const source = await createGraphSource({
    file: env.SUPERGRAPH_FILE,
    build: (supergraph) => createGraph({ supergraph, transport, introspection: env.GRAPHIQL, admission, log }),
    log,
    ...(pollMs ? { pollMs } : {}),
  });
  return {
    current: source.current,
    async close() {
      await source.close();
      transport.close();
    },
  };
}

/** What is needed to know who calls; it follows accounts' keys and ended sessions until it is closed. */
interface Recognition {
  readonly callers: Callers;
  readonly keysHealth: TokenKeys['health'];
  close(): void;
}

function recogniseCallers(env: AppSettings, { rates, log, clock }: { rates: Rates; log: Logger; clock: SteadyClock }): Recognition {
  const keys = createTokenKeys({ urls: env.JWKS_URL, log });
  const verifier = createTokenVerifier({ keys, issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE, now: clock.now });
  const endedSessions = createEndedSessions({
    // Accounts says beside its keys which of the sessions that they signed have ended.
    urls: env.JWKS_URL.map((url) => new URL('ended-sessions', url).href),
    identityKeys: env.IDENTITY_KEYS,
    now: clock.now,
    onTime: clock.told,
    log,
  });
  return {
    callers: createCallers({ verifier, trustedProxyHops: env.TRUSTED_PROXY_HOPS, rates, endedSessions, now: clock.now }),
    keysHealth: keys.health,
    close() {
      keys.close();
      endedSessions.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Takes no new connection and waits until the last one has ended: those that are kept for `leaveMs` until their clients
 * have closed them, what is under way for `lateMs`.
 */
async function drain(
  server: Server,
  connections: ConnectionTracker,
  { leaveMs, lateMs }: { leaveMs: number; lateMs: number },
): Promise<void> {
  if (leaveMs > 0) await connections.leave(leaveMs);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const late = setTimeout(() => server.closeAllConnections(), lateMs);
  // A kept connection becomes idle only when its last answer is out.
  connections.closeIdle();
  const idle = setInterval(() => connections.closeIdle(), 50);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

function healthOf(recognition: Recognition, draining: boolean): Health {
  const door = { ready: !draining, ...(draining ? { cause: 'draining' } : {}) };
  const parts = { graph: { ready: true }, tokenKeys: recognition.keysHealth(), door };
  return { ready: Object.values(parts).every((part) => part.ready), parts };
}

/** A clock that follows what accounts tells, where the machine's own (`own`) is wrong. */
function startClock(own: (() => number) | undefined): SteadyClock {
  const clock = createSteadyClock({ toleranceMs: CLOCK_TOLERANCE_MS, ...(own ? { own } : {}) });
  measureClock(clock);
  return clock;
}

/** Puts the gateway together. Rejects where the supergraph cannot be served. */
export async function createApp(
  env: AppSettings,
  log: Logger,
  times: AppTimes = {},
): Promise<App> {
  const { rates, live } = limitsOf(env);
  const clock = startClock(times.clock);
  const served = await serveGraph(env, { rates, log, pollMs: times.pollMs, clock });
  const graph = observeGraph(served.current, log);
  const recognition = recogniseCallers(env, { rates, log, clock });
  const { callers } = recognition;
  const cors = createCorsPolicy(env.CORS_ORIGINS);
  const stopping = new AbortController();
  let draining = false;

  const health = (): Health => healthOf(recognition, draining);
  const server = createFrontServer({
    graphql: traceHandler(createGraphQLHandler({
      graph,
      callers,
      rates,
      live,
      runningMax: env.RUNNING_MAX,
      log,
      stopping: stopping.signal,
    })),
    cors,
    page: env.GRAPHIQL ? createGraphiQLPage(GRAPHQL_PATH) : null,
    health,
    connections: {
      total: env.CONNECTIONS_MAX,
      // Behind a proxy every connection comes from it.
      perNetwork: env.TRUSTED_PROXY_HOPS > 0 ? 0 : env.CONNECTIONS_PER_NETWORK_MAX,
    },
    hstsSeconds: env.HSTS_SECONDS,
    ...(times.server ? { times: times.server } : {}),
  });
  observeServer(server, live);
  const connections = trackConnections(server);
  // Whoever keeps a connection learns from its next answer that the gateway stops.
  server.prependListener('request', (_request, response) => draining && response.setHeader('connection', 'close'));
  const webSockets = serveWebSockets({
    server,
    graph,
    callers,
    rates,
    live,
    cors,
    log,
    perNetworkMax: env.LIVE_PER_NETWORK_MAX,
    ...(times.sockets ? { times: times.sockets } : {}),
  });

  return {
    health,
    listen: (host, port) => listen(server, host, port),
    async close() {
      draining = true;
      const graceMs = times.graceMs ?? 0;
      if (graceMs > 0) await sleep(graceMs);
      const drained = drain(server, connections, { leaveMs: LEAVE_FACTOR * graceMs, lateMs: times.drainMs ?? IN_FLIGHT_MS });
      stopping.abort();
      await webSockets.close();
      await drained;
      recognition.close();
      await served.close();
    },
  };
}
