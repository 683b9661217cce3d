import type { Logger } from '@tael/platform/log';
import type { AddressInfo } from 'node:net';
import { createCallers } from './callers/caller.service';
import { createTokenKeys } from './callers/token.keys';
import { createTokenVerifier } from './callers/token.verifier';
import type { GatewayEnv } from './env';
import { createGraph } from './graph/graph.runtime';
import { createGraphSource } from './graph/graph.source';
import { createGraphiQLPage } from './graphiql/graphiql.page';
import { trackConnections } from './http/connection.tracker';
import { createCorsPolicy } from './http/cors.policy';
import { createFrontServer, GRAPHQL_PATH, type Health } from './http/front.server';
import { createGraphQLHandler } from './http/graphql.handler';
import { createSubgraphTransport } from './subgraphs/subgraph.transport';
import { serveWebSockets } from './websocket/websocket.server';

/** How long requests in flight may take to end once the gateway stops. */
const DRAIN_MS = 10_000;

export interface App {
  /** Begins to answer; gives the port. */
  listen(host: string, port: number): Promise<number>;
  health(): Health;
  /** Takes nothing new, finishes what runs, closes every connection. */
  close(): Promise<void>;
}

export type AppSettings = Omit<GatewayEnv, 'HOST' | 'PORT' | 'LOG_LEVEL' | 'NODE_ENV'>;

/** Puts the gateway together. Rejects where the supergraph cannot be served. */
export async function createApp(
  env: AppSettings,
  log: Logger,
  times: { pollMs?: number; drainMs?: number } = {},
): Promise<App> {
  const transport = createSubgraphTransport({
    urls: {
      accounts: env.ACCOUNTS_URL,
      merchants: env.MERCHANTS_URL,
      rewards: env.REWARDS_URL,
      notifications: env.NOTIFICATIONS_URL,
    },
    identityKeys: env.IDENTITY_KEYS,
    patience: { queryMs: env.SUBGRAPH_QUERY_TIMEOUT_MS, mutationMs: env.SUBGRAPH_MUTATION_TIMEOUT_MS },
  });
  const source = await createGraphSource({
    file: env.SUPERGRAPH_FILE,
    build: (supergraph) => createGraph({ supergraph, transport, introspection: env.GRAPHIQL, log }),
    log,
    ...(times.pollMs ? { pollMs: times.pollMs } : {}),
  });
  const keys = createTokenKeys({ url: env.JWKS_URL, log });
  const verifier = createTokenVerifier({ keys, issuer: env.TOKEN_ISSUER, audience: env.TOKEN_AUDIENCE });
  const callers = createCallers({ verifier, trustedProxyHops: env.TRUSTED_PROXY_HOPS });
  const cors = createCorsPolicy(env.CORS_ORIGINS);
  const stopping = new AbortController();

  const health = (): Health => {
    const parts = { graph: { ready: true }, tokenKeys: keys.health(), door: { ready: !stopping.signal.aborted } };
    return { ready: Object.values(parts).every((part) => part.ready), parts };
  };
  const server = createFrontServer({
    graphql: createGraphQLHandler({ graph: source.current, callers, log, stopping: stopping.signal }),
    cors,
    page: env.GRAPHIQL ? createGraphiQLPage(GRAPHQL_PATH) : null,
    health,
  });
  const connections = trackConnections(server);
  const webSockets = serveWebSockets({ server, graph: source.current, callers, cors, log });

  return {
    health,
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
      }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      stopping.abort();
      const late = setTimeout(() => server.closeAllConnections(), times.drainMs ?? DRAIN_MS);
      // A kept connection becomes idle only when its last answer is out.
      connections.closeIdle();
      const idle = setInterval(() => connections.closeIdle(), 50);
      await webSockets.close();
      await closed;
      clearInterval(idle);
      clearTimeout(late);
      keys.close();
      await source.close();
      transport.close();
    },
  };
}
