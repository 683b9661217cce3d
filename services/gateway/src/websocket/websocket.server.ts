import type { Logger } from '@tael/platform/log';
import { type ExecutionArgs, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Callers } from '../callers/caller.service';
import type { Answer, Graph, PresentedResult } from '../graph/graph.runtime';
import type { CorsPolicy } from '../http/cors.policy';
import { GRAPHQL_PATH } from '../http/front.server';
import { BODY_BYTES_MAX } from '../http/request.reader';
import { requestUrl } from '../http/request.url';
import { createSocketSessions, type SessionState } from './socket.session';

const OPERATIONS_MAX = 20;
const GOING_AWAY = 1001;
// The library only wants to see that this is one operation whose results may be many; the graph parses the real one.
const ANY_SUBSCRIPTION = parse('subscription { any }');

export interface WebSocketOptions {
  server: Server;
  graph: () => Graph;
  callers: Callers;
  cors: CorsPolicy;
  log: Logger;
}

const resultsOf = (answer: Answer): PresentedResult | AsyncIterable<PresentedResult> =>
  answer.kind === 'stream' ? answer.events : answer.result;

/**
 * Serves GraphQL over WebSocket (graphql-ws) at the gateway's path. The token comes in connection_init and is checked
 * once; when it runs out the socket is closed with 4403, at which clients fetch a new token and connect again.
 */
export function serveWebSockets(options: WebSocketOptions): { close(): Promise<void> } {
  const { server, cors, log } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: BODY_BYTES_MAX });
  const sessions = createSocketSessions(options);

  const cleanup = useServer<Record<string, unknown>, SessionState>(
    {
      connectionInitWaitTimeout: 5_000,
      onConnect: (context) => sessions.connect(context.extra, context.connectionParams),
      onSubscribe: async (context, _id, payload) => {
        if (Object.keys(context.subscriptions).length > OPERATIONS_MAX) {
          return sessions.refuse(context.extra, `A socket carries at most ${OPERATIONS_MAX} operations at once.`);
        }
        const answer = await sessions.execute(context.extra, payload);
        if (!('kind' in answer)) return answer;
        return { document: ANY_SUBSCRIPTION, contextValue: answer } as unknown as ExecutionArgs;
      },
      // Results are presented already; the library would take their errors for its own.
      onNext: (_context, _id, _payload, _args, result) => result as never,
      subscribe: ((args: { contextValue: Answer }) => resultsOf(args.contextValue)) as never,
      onClose: (context) => clearTimeout(context.extra.expiry),
    },
    sockets,
  );

  // The library prints a socket's faults to stderr, the client's own among them; they belong in the log.
  sockets.on('connection', (socket) => {
    socket.removeAllListeners('error');
    socket.on('error', (error) => log.debug({ error }, 'a socket failed'));
  });

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const status =
      requestUrl(request.url)?.pathname !== GRAPHQL_PATH
        ? '404 Not Found'
        : cors.allows(request)
          ? undefined
          : '403 Forbidden';
    if (status) return void socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  }
  server.on('upgrade', upgrade);

  return {
    async close() {
      server.off('upgrade', upgrade);
      for (const client of sockets.clients) client.close(GOING_AWAY, 'The gateway stops');
      await cleanup.dispose();
    },
  };
}
