import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { GraphiQLPage } from '../graphiql/graphiql.page';
import type { CorsPolicy } from './cors.policy';
import type { GraphQLHandler } from './graphql.handler';
import { wantsPage } from './media-type.domain';
import { requestUrl } from './request.url';

export const GRAPHQL_PATH = '/graphql';

export interface Health {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, { ready: boolean; cause?: string }>>;
}

export interface FrontServerOptions {
  graphql: GraphQLHandler;
  cors: CorsPolicy;
  /** Served to browsers at /graphql; null where GraphiQL is off. */
  page: GraphiQLPage | null;
  health: () => Health;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function notFound(response: ServerResponse): void {
  const extensions = { code: 'BAD_USER_INPUT' };
  sendJson(response, 404, {
    errors: [{ message: `There is nothing here. GraphQL is at ${GRAPHQL_PATH}.`, extensions }],
  });
}

/** Makes the HTTP server of the gateway: GraphQL, the page for people, and what operators ask. It listens later. */
export function createFrontServer(options: FrontServerOptions): Server {
  const { graphql, cors, page, health } = options;

  async function serveGraphQL(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    cors.apply(request, response);
    if (cors.answerPreflight(request, response)) return;
    const asksPage = request.method === 'GET' && wantsPage(request.headers.accept) && !url.searchParams.has('query');
    if (asksPage && page) return page.send(request, response);
    return graphql(request, response, url);
  }

  function route(request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    response.setHeader('x-content-type-options', 'nosniff');
    const url = requestUrl(request.url);
    if (!url) return notFound(response);
    switch (url.pathname) {
      case GRAPHQL_PATH:
        return serveGraphQL(request, response, url);
      case '/':
        return void response.writeHead(302, { location: GRAPHQL_PATH }).end();
      case '/live':
        return sendJson(response, 200, { live: true });
      case '/ready': {
        const state = health();
        return sendJson(response, state.ready ? 200 : 503, state);
      }
      default:
        return notFound(response);
    }
  }

  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
    (request, response) => {
      void Promise.resolve()
        .then(() => route(request, response))
        .catch(() => (response.headersSent ? response.destroy() : notFound(response)));
    },
  );
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  return server;
}
