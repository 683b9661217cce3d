import { counter, countProcess, gauge, histogram } from '@tael/platform/metrics';
import { isTracing, traced, traceparent } from '@tael/platform/telemetry';
import type { Server } from 'node:http';
import type { GraphQLHandler } from '../http/graphql.handler';

const requests = counter({ name: 'tael_http_requests_total', help: 'HTTP requests that were answered, by status.', labels: ['status'] });
const seconds = histogram({ name: 'tael_http_request_seconds', help: 'From the head of a request to the end of its answer.' });

/** Counts what the doors do: requests, connections, and the sockets and event streams that stay open. */
export function observeServers(servers: readonly Server[], live: { size(): number }): void {
  countProcess();
  let connections = 0;
  for (const server of servers) {
    server.on('connection', (socket) => {
      connections += 1;
      socket.once('close', () => (connections -= 1));
    });
    server.on('request', (_request, response) => {
      const begun = performance.now();
      response.once('close', () => {
        requests.inc({ status: response.writableEnded ? response.statusCode : 'aborted' });
        seconds.observe((performance.now() - begun) / 1_000);
      });
    });
  }
  gauge({ name: 'tael_http_connections', help: 'Open connections at the door.', collect: (level) => level.set(connections) });
  gauge({
    name: 'tael_live_connections',
    help: 'WebSockets and event streams that are open.',
    collect: (level) => level.set(live.size()),
  });
}

const single = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);

/** Works on each HTTP request as a span of the trace that it brings, or of a new one. */
export function traceHandler(handler: GraphQLHandler): GraphQLHandler {
  return async (request, response, url) => {
    if (!isTracing()) return handler(request, response, url);
    // A parent that is none begins a new trace, which has no parent.
    const given = single(request.headers['traceparent']);
    const parent = given && traceparent(given).slice(3, 35) === given.slice(3, 35) ? given : undefined;
    return traced({ name: `${request.method} ${url.pathname}`, kind: 'server', parent }, async (span) => {
      if (span) request.headers['traceparent'] = span.traceparent;
      await handler(request, response, url);
      if (span) span.attributes = { 'http.response.status_code': response.statusCode };
    });
  };
}
