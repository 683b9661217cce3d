import { createSteadyClock, measureClock, type SteadyClock } from '@tael/platform/clock';
import type { OperationEnv } from '@tael/platform/env';
import { type ConnectionTracker, trackConnections } from '@tael/platform/http';
import { identityKeysFor } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Callers, createCallers } from './callers/caller.service';
import { visitOf } from './callers/device.visit';
import { createEndedSessions, type EndedSessions } from './callers/ended-sessions';
import { createTokenKeys, type TokenKeys } from './callers/token.keys';
import { createTokenVerifier } from './callers/token.verifier';
import type { GatewayEnv } from './env';
import { createGraph, type Screen } from './graph/graph.runtime';
import { createGraphSource, type GraphSource } from './graph/graph.source';
import { createGraphiQLPage } from './graphiql/graphiql.page';
import { createAdmission } from './limits/admission.check';
import { createLiveConnections, type LiveConnections } from './limits/live.connections';
import { createRates, type Rates } from './limits/rate.service';
import { createWorkPlaces } from './limits/work.places';
import { createCorsPolicy } from './http/cors.policy';
import { createFrontServer, GRAPHQL_PATH, type Health } from './http/front.server';
import { createGraphQLHandler } from './http/graphql.handler';
import type { ServerTimes } from './http/guarded.server';
import { observeGraph } from './observation/graph.observation';
import { observeServers, traceHandler } from './observation/server.observation';
import { createPartnerParts, createPartnerServer, type PartnerSettings } from './partners/partner.parts';
import { createPartnerSubgraphs, type PartnerSubgraphs, type PartnerSubgraphSettings } from './partner-subgraphs/partner-subgraph.parts';
import { createNoticeDoor, type NoticeDoor, type NoticeDoorOptions } from './processor/notice.door';
import { addressesOf, createSubgraphTransport, type SubgraphTransport } from './subgraphs/subgraph.transport';
import { serveWebSockets, type WebSocketOptions } from './websocket/websocket.server';

/** How long requests in flight may take to end once the gateway takes no more. A mutation is given up sooner. */
const IN_FLIGHT_MS = 25_000;
/** For so many times the grace a kept connection is left to its client, who closes it with its next answer. */
const LEAVE_FACTOR = 2;
/** Accounts tells its time in whole seconds, with each answer about what has ended; our own is believed while it agrees with that. */
const CLOCK_TOLERANCE_MS = 3_000;

export interface App {
  /** Begins to answer; gives the port. */
  listen(host: string, port: number): Promise<number>;
  /** The same for the partners' listener with TLS; null where there is none. */
  listenWithTls(host: string): Promise<number | null>;
  health(): Health;
  /** Is not ready any more, goes on for a while, then takes nothing new, finishes what runs, closes every connection. */
  close(): Promise<void>;
}

/** How long clients may take, in milliseconds; tests want it shorter. */
export interface AppTimes {
  pollMs?: number;
  /** How often merchants is asked for subgraphs of banks. */
  partnerPollMs?: number;
  /** How long a bank may take to answer. */
  partnerAnswerMs?: number;
  /** When a graph that failed, or a bank that does not fit, is tried again. */
  graphRetryMs?: number;
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
  'HOST' | 'PORT' | 'LOG_LEVEL' | 'NODE_ENV' | 'SUBGRAPH_URLS' | keyof PartnerSettings | keyof PartnerSubgraphSettings | keyof OperationEnv
> &
  Partial<Pick<GatewayEnv, 'SUBGRAPH_URLS' | keyof PartnerSettings | keyof PartnerSubgraphSettings>>;

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

/** Serves the graphs of supergraph files over their subgraphs. */
interface Graphs {
  /** Rejects where the graph of the file cannot be served. */
  serve(file: string, options: { introspection: boolean; screen?: Screen; banks?: PartnerSubgraphs | null }): Promise<GraphSource>;
  close(): void;
}

function createGraphs(
  env: AppSettings,
  { rates, log, pollMs, retryMs, clock }: { rates: Rates; log: Logger; pollMs: number | undefined; retryMs: number | undefined; clock: SteadyClock },
): Graphs {
  const transport: SubgraphTransport = createSubgraphTransport({
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
  return {
    serve: (file, { introspection, screen, banks }) =>
      createGraphSource({
        file,
        build: (supergraph, guests) =>
          createGraph({ supergraph, transport: banks?.transportOver(transport, guests) ?? transport, introspection, screen, admission, log }),
        guests: banks?.guests,
        log,
        retryMs,
        ...(pollMs ? { pollMs } : {}),
      }),
    close: transport.close,
  };
}

/** What is needed to know who calls; it follows accounts' keys and ended sessions until it is closed. */
interface Recognition {
  readonly callers: Callers;
  readonly keys: TokenKeys;
  readonly ended: EndedSessions;
  /** The time that tokens are issued by. */
  now(): number;
  close(): void;
}

function recogniseCallers(env: AppSettings, { rates, log, clock }: { rates: Rates; log: Logger; clock: SteadyClock }): Recognition {
  const keys = createTokenKeys({ urls: env.JWKS_URL, log });
  const endedSessions = createEndedSessions({
    // Accounts says beside its keys which of the sessions that they signed have ended.
    urls: env.JWKS_URL.map((url) => new URL('ended-sessions', url).href),
    identityKeys: identityKeysFor(env.IDENTITY_KEYS, 'accounts'),
    now: clock.now,
    onTime: clock.told,
    onRate: rates.changePartner,
    log,
  });
  const now = (): number => clock.now() + endedSessions.movedMs();
  const verifier = createTokenVerifier({ keys, issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE, now, catchUp: endedSessions.askAgain });
  return {
    callers: createCallers({ verifier, trustedProxyHops: env.TRUSTED_PROXY_HOPS, rates, endedSessions, now }),
    now,
    keys,
    ended: endedSessions,
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
  const parts = { graph: { ready: true }, tokenKeys: recognition.keys.health(), door };
  return { ready: Object.values(parts).every((part) => part.ready), parts };
}

/** What the listeners of the gateway have in common, with so many proxies of ours in front. */
function serverSettings(env: AppSettings, { server }: AppTimes, proxyHops: number) {
  // Behind a proxy every connection comes from it.
  const perNetwork = proxyHops > 0 ? 0 : env.CONNECTIONS_PER_NETWORK_MAX;
  return { connections: { total: env.CONNECTIONS_MAX, perNetwork }, hstsSeconds: env.HSTS_SECONDS, times: server };
}

/** Lets whoever keeps a connection learn from its next answer that the gateway stops. */
function tellOfTheEnd(servers: readonly Server[], isStopping: () => boolean): void {
  for (const server of servers) {
    server.prependListener('request', (_request, response) => isStopping() && response.setHeader('connection', 'close'));
  }
}

/** A clock that follows what accounts tells, where the machine's own (`own`) is wrong. */
function startClock(own: (() => number) | undefined): SteadyClock {
  const clock = createSteadyClock({ toleranceMs: CLOCK_TOLERANCE_MS, ...(own ? { own } : {}) });
  measureClock(clock);
  return clock;
}

/** The door of the card processor; accounts stands behind it. */
function noticeDoorOf({ ACCOUNTS_URL, IDENTITY_KEYS }: AppSettings, parts: Omit<NoticeDoorOptions, 'accountsUrls' | 'identityKeys'>): NoticeDoor {
  return createNoticeDoor({ ...parts, accountsUrls: addressesOf(ACCOUNTS_URL), identityKeys: identityKeysFor(IDENTITY_KEYS, 'accounts') });
}

/** Puts the gateway together. Rejects where a graph cannot be served. */
export async function createApp(
  env: AppSettings,
  log: Logger,
  times: AppTimes = {},
): Promise<App> {
  const { rates, live } = limitsOf(env);
  const clock = startClock(times.clock);
  const graphs = createGraphs(env, { rates, log, pollMs: times.pollMs, retryMs: times.graphRetryMs, clock });
  const banks = await createPartnerSubgraphs({ env, log, now: clock.now, pollMs: times.partnerPollMs, answerMs: times.partnerAnswerMs });
  const served = await graphs.serve(env.SUPERGRAPH_FILE, { introspection: env.GRAPHIQL, banks });
  const graph = observeGraph(served.current, log);
  const recognition = recogniseCallers(env, { rates, log, clock });
  const { callers, keys, ended, now } = recognition;
  const cors = createCorsPolicy(env.CORS_ORIGINS);
  const stopping = new AbortController();
  const shared = { rates, live, places: createWorkPlaces(env.RUNNING_MAX), log, stopping: stopping.signal };
  const partners = await createPartnerParts({
    env, serve: graphs.serve, callers, keys, ended, now, real: clock.now, subgraphKeys: banks?.published, pollMs: times.partnerPollMs, ...shared,
  });
  let draining = false;

  const health = (): Health => healthOf(recognition, draining);
  const server = createFrontServer({
    graphql: traceHandler(createGraphQLHandler({
      graph,
      callers,
      identify: (request, _response, origin) => callers.identify(request.headers.authorization, origin),
      visitOf: (request) => visitOf(request, !env.DEVICE_COOKIE_ALLOW_HTTP),
      streams: true,
      ...shared,
    })),
    notices: noticeDoorOf(env, { callers, rates, now: clock.now, log }),
    partners: partners?.door ?? null,
    cors,
    page: env.GRAPHIQL ? createGraphiQLPage(GRAPHQL_PATH) : null,
    health,
    ...serverSettings(env, times, env.TRUSTED_PROXY_HOPS),
  });
  const secure = partners && (await createPartnerServer(env, { door: partners.door, ...serverSettings(env, times, 0) }));
  const servers = secure ? [server, secure] : [server];
  observeServers(servers, live);
  const connections = servers.map(trackConnections);
  tellOfTheEnd(servers, () => draining);
  const webSockets = serveWebSockets({
    server, graph, callers, rates, live, places: shared.places, cors, log,
    perNetworkMax: env.LIVE_PER_NETWORK_MAX,
    ...(times.sockets ? { times: times.sockets } : {}),
  });

  return {
    health,
    listen: (host, port) => listen(server, host, port),
    listenWithTls: async (host) => (secure ? listen(secure, host, env.PARTNER_TLS_PORT!) : null),
    async close() {
      draining = true;
      const graceMs = times.graceMs ?? 0;
      if (graceMs > 0) await sleep(graceMs);
      const patience = { leaveMs: LEAVE_FACTOR * graceMs, lateMs: times.drainMs ?? IN_FLIGHT_MS };
      const drained = servers.map((one, index) => drain(one, connections[index]!, patience));
      stopping.abort();
      await webSockets.close(patience.lateMs);
      await Promise.all(drained);
      recognition.close();
      await Promise.all([served.close(), partners?.close()]);
      graphs.close();
      banks?.close();
    },
  };
}
