import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countProcess, METRICS_TYPE, metricsText } from '../metrics';
import type { Readiness } from './health';

/** A second door, for operators alone: `/live`, `/ready` and `/metrics` on a port that the public one does not lead to. */
export interface ManagementServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface ManagementOptions {
  host: string;
  port: number;
  ready: () => Promise<Readiness> | Readiness;
}

async function answer(path: string, options: ManagementOptions): Promise<{ status: number; type: string; body: string }> {
  const json = (status: number, body: unknown) => ({ status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) });
  switch (path) {
    case '/live':
      return json(200, { live: true });
    case '/ready': {
      const state = await options.ready();
      return json(state.ready ? 200 : 503, state);
    }
    case '/metrics':
      return { status: 200, type: METRICS_TYPE, body: await metricsText() };
    default:
      return json(404, { error: 'There is nothing here but /live, /ready and /metrics.' });
  }
}

/** Starts the door for operators. */
export async function startManagementServer(options: ManagementOptions): Promise<ManagementServer> {
  countProcess();
  const server: Server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const path = (request.url ?? '/').split('?')[0]!;
    answer(request.method === 'GET' ? path : '', options).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
