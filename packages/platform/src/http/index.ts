import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from '../log';

/** A part that can say whether it works: the cause is for operators, on /ready. */
export type HealthCheck = () => Promise<{ ready: boolean; cause?: string }> | { ready: boolean; cause?: string };

/** The most bytes of a request's body that a service reads. */
export const BODY_BYTES_MAX = 256 * 1024;

/**
 * Makes the HTTP server of a service: bodies up to 256 KiB, `/live` (the process answers) and `/ready` (every part
 * works, else 503 with the causes). It does not listen yet.
 */
export function createHttpServer(options: { log: Logger; checks: Readonly<Record<string, HealthCheck>> }): FastifyInstance {
  const server = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    logController: new LogController({ disableRequestLogging: true }),
    loggerInstance: options.log as never,
    forceCloseConnections: 'idle',
  });
  server.get('/live', () => ({ live: true }));
  server.get('/ready', async (_request, reply) => {
    const parts = await Promise.all(
      Object.entries(options.checks).map(async ([name, check]) => {
        try {
          return [name, await check()] as const;
        } catch (error) {
          return [name, { ready: false, cause: (error as Error).message }] as const;
        }
      }),
    );
    const ready = parts.every(([, part]) => part.ready);
    return reply.code(ready ? 200 : 503).send({ ready, parts: Object.fromEntries(parts) });
  });
  return server as unknown as FastifyInstance;
}
