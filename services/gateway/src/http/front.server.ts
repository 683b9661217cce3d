import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { GraphiQLPage } from '../graphiql/graphiql.page';
import { type ConnectionRules, limitConnections } from './connection.limits';
import type { CorsPolicy } from './cors.policy';
import type { GraphQLHandler } from './graphql.handler';
import { wantsPage } from './media-type.domain';
import { type RawRefusal, refuseConnection } from './raw.refusal';
import { announcesTooMuch } from './request.reader';
import { requestUrl } from './request.url';
import { setSecurityHeaders } from './security.headers';

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
  connections: ConnectionRules;
  /** For how long browsers may reach the door by TLS alone; 0 says nothing of it. */
  hstsSeconds: number;
  times?: ServerTimes;
}

/** How long a client may take, in milliseconds. */
export interface ServerTimes {
  readonly headersMs?: number;
  readonly requestMs?: number;
  /** Without a byte in either direction. */
  readonly silenceMs?: number;
}

/** The headers of a request, all in all. */
const HEADER_BYTES_MAX = 16 * 1024;
const HEADERS_MAX = 64;
/** How often connections are looked at that take too long. */
const CHECK_MS = 1_000;
const TOO_SLOW = new Set(['ERR_HTTP_REQUEST_TIMEOUT', 'ERR_HTTP_SOCKET_TIMEOUT']);

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

function forbidden(response: ServerResponse): void {
  const message = 'Pages of this origin may not call.';
  sendJson(response, 403, { errors: [{ message, extensions: { code: 'FORBIDDEN' } }] });
}

/** Makes the HTTP server of the gateway: GraphQL, the page for people, and what operators ask. It listens later. */
export function createFrontServer(options: FrontServerOptions): Server {
  const { graphql, cors, page, health, hstsSeconds } = options;

  async function serveGraphQL(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    cors.apply(request, response);
    if (cors.answerPreflight(request, response)) return;
    const asksPage = request.method === 'GET' && wantsPage(request.headers.accept) && !url.searchParams.has('query');
    if (asksPage && page) return page.send(request, response);
    if (!cors.allows(request)) return forbidden(response);
    return graphql(request, response, url);
  }

  function route(request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    setSecurityHeaders(response, hstsSeconds);
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

  function serve(request: IncomingMessage, response: ServerResponse): void {
    if (!limits.serves(request)) return;
    void Promise.resolve()
      .then(() => route(request, response))
      .catch(() => (response.headersSent ? response.destroy() : notFound(response)));
  }

  const { headersMs = 10_000, requestMs = 30_000, silenceMs = 120_000 } = options.times ?? {};
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: 65_000,
      maxHeaderSize: HEADER_BYTES_MAX,
      requireHostHeader: true,
    },
    serve,
  );
  const limits = limitConnections(server, options.connections);
  server.maxHeadersCount = HEADERS_MAX;
  // A client that asks before it sends is told at once where its body is too large.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!announcesTooMuch(request)) response.writeContinue();
    serve(request, response);
  });
  // Whoever does not read the answer, or does not send the rest of the question, makes room for others.
  server.setTimeout(silenceMs);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return void socket.destroy();
    refuseConnection(socket, malformed(error.code));
  });
  return server;
}

function malformed(cause: string | undefined): RawRefusal {
  if (cause !== undefined && TOO_SLOW.has(cause)) {
    return { status: '408 Request Timeout', code: 'BAD_USER_INPUT', message: 'The request took too long to arrive.' };
  }
  if (cause === 'HPE_HEADER_OVERFLOW') {
    const message = `The headers are larger than ${HEADER_BYTES_MAX} bytes.`;
    return { status: '431 Request Header Fields Too Large', code: 'PAYLOAD_TOO_LARGE', message };
  }
  return { status: '400 Bad Request', code: 'BAD_USER_INPUT', message: 'This is not a request of HTTP/1.1.' };
}
