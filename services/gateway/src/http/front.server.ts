import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { GraphiQLPage } from '../graphiql/graphiql.page';
import { type NoticeDoor, NOTICES_PATH } from '../processor/notice.door';
import type { PartnerDoor } from '../partners/partner.door';
import type { ConnectionRules } from './connection.limits';
import type { CorsPolicy } from './cors.policy';
import type { GraphQLHandler } from './graphql.handler';
import { createGuardedServer, type ServerTimes } from './guarded.server';
import { wantsPage } from './media-type.domain';
import { requestUrl } from './request.url';
import { setSecurityHeaders } from './security.headers';

export const GRAPHQL_PATH = '/graphql';

export interface Health {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, { ready: boolean; cause?: string }>>;
}

export interface FrontServerOptions {
  graphql: GraphQLHandler;
  /** Where the card processor tells of its charges. */
  notices: NoticeDoor;
  /** What partner banks reach; null where there is no door of theirs. */
  partners: PartnerDoor | null;
  cors: CorsPolicy;
  /** Served to browsers at /graphql; null where GraphiQL is off. */
  page: GraphiQLPage | null;
  health: () => Health;
  connections: ConnectionRules;
  /** For how long browsers may reach the door by TLS alone; 0 says nothing of it. */
  hstsSeconds: number;
  times?: ServerTimes | undefined;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

export function notFound(response: ServerResponse): void {
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
  const { graphql, notices, partners, cors, page, health, hstsSeconds } = options;

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
      case NOTICES_PATH:
        return notices(request, response);
      case '/':
        return void response.writeHead(302, { location: GRAPHQL_PATH }).end();
      case '/live':
        return sendJson(response, 200, { live: true });
      case '/ready': {
        const state = health();
        return sendJson(response, state.ready ? 200 : 503, state);
      }
      default:
        return partners?.serves(url.pathname) ? partners.handle(request, response, url) : notFound(response);
    }
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    void Promise.resolve()
      .then(() => route(request, response))
      .catch(() => (response.headersSent ? response.destroy() : notFound(response)));
  }

  return createGuardedServer({ connections: options.connections, times: options.times, serve }) as Server;
}
