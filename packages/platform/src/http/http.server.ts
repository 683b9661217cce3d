import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log';
import { countProcess, METRICS_TYPE, metricsText } from '../metrics';
import { trackConnections } from './connection.tracker';
import { createReadiness, type HealthCheck, type Readiness } from './health';
import { type ManagementOptions, type ManagementServer, startManagementServer } from './management.server';

/** The most bytes of a request's body that a service reads. */
export const BODY_BYTES_MAX = 256 * 1024;
/** For so many times `drainMs` a kept connection is left to its client, who closes it once it has seen that the server drains. */
const LEAVE_FACTOR = 2;

export interface HttpServerOptions {
  log: Logger;
  checks: Readonly<Record<string, HealthCheck>>;
  /** A second door for operators; `/metrics` then answers only there. */
  management?: { readonly host: string; readonly port: number };
  /**
   * How long the server goes on taking requests after `close` was called, not ready any more: whoever sends them needs
   * that time to see it. None unless told.
   */
  drainMs?: number;
}

/**
 * Makes the HTTP server of a service: bodies up to 256 KiB, `/live` (the process answers), `/ready` (every part works,
 * else 503 with the causes) and `/metrics`. It does not listen yet.
 *
 * `close` first says on /ready that the server drains, and answers what still comes with `connection: close`; after
 * `drainMs` it takes no new connection, and waits for what is under way and, for a while, until clients have closed the
 * connections that they keep.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { log, checks, management, drainMs = 0 } = options;
  const server = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    logController: new LogController({ disableRequestLogging: true }),
    loggerInstance: log as never,
    // Nothing of a request is logged under Fastify's number for it: a log of its own for each would be made for nothing.
    childLoggerFactory: (logger) => logger,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  countProcess();
  let draining = false;
  const door: HealthCheck = () => (draining ? { ready: false, cause: 'draining' } : { ready: true });
  const readiness = createReadiness(checks);

  const ready = async (): Promise<Readiness> => {
    const { parts, ready: partsReady } = await readiness();
    const entrance = await door();
    return { ready: partsReady && entrance.ready, parts: { ...parts, door: entrance } };
  };

  server.get('/live', () => ({ live: true }));
  server.get('/ready', async (_request, reply) => {
    const state = await ready();
    return reply.code(state.ready ? 200 : 503).send(state);
  });
  if (management) openManagement(server as never, { ...management, ready });
  else server.get('/metrics', async (_request, reply) => reply.type(METRICS_TYPE).send(await metricsText()));

  // A kept connection that answers while the server drains would stay open, idle, until its time is over.
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (draining) void reply.header('connection', 'close');
    done(null, payload);
  });
  const connections = trackConnections(server.server);
  server.addHook('preClose', async () => {
    draining = true;
    if (drainMs === 0 || !server.server.listening) return;
    await sleep(drainMs);
    await connections.leave(LEAVE_FACTOR * drainMs);
  });
  return server as unknown as FastifyInstance;
}

// Opened with the first door and closed after it: operators watch the end too.
function openManagement(server: FastifyInstance, options: ManagementOptions): void {
  let management: ManagementServer | undefined;
  server.addHook('onListen', async () => {
    management = await startManagementServer(options);
  });
  server.addHook('onClose', () => management?.close());
}
