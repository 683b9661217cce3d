import type { Logger } from '@tael/platform/log';
import { type ExecutionArgs, parse } from 'graphql';
import { CloseCode, type Context, type ServerOptions } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { Callers } from '../callers/caller.service';
import type { Answer, Graph, PresentedResult } from '../graph/graph.runtime';
import type { CorsPolicy } from '../http/cors.policy';
import { GRAPHQL_PATH } from '../http/front.server';
import { badRequest, HttpRefusal } from '../http/http.errors';
import { BODY_BYTES_MAX } from '../http/request.reader';
import { refuseConnection } from '../http/raw.refusal';
import { requestUrl } from '../http/request.url';
import { createLiveConnections, type LiveConnections } from '../limits/live.connections';
import type { Rates } from '../limits/rate.service';
import type { WorkPlaces } from '../limits/work.places';
import { limitMessages } from './socket.messages';
import { createSocketSessions, type SessionState, type Socket, type SocketSessions } from './socket.session';

const OPERATIONS_MAX = 20;
const NORMAL = 1000;
const GOING_AWAY = 1001;
/** How long a socket may stay open without an operation. */
const IDLE_MS = 10 * 60_000;
/** How often sockets are looked at: as often as event streams, for one of an ended session to which nothing comes. */
const IDLE_CHECK_MS = 2_000;
/** How often sockets are looked at while the gateway stops, and how long one that is closed may take to agree. */
const DRAIN_CHECK_MS = 20;
const LINGER_MS = 1_000;
/** What a client may leave unread before it is taken for gone. */
const UNREAD_BYTES_MAX = 1024 * 1024;
// The library only wants to see that this is one operation whose results may be many; the graph parses the real one.
const ANY_SUBSCRIPTION = parse('subscription { any }');

const NOTHING_HERE = { status: '404 Not Found', code: 'BAD_USER_INPUT', message: `Sockets are at ${GRAPHQL_PATH}.` };
const FOREIGN_PAGE = { status: '403 Forbidden', code: 'FORBIDDEN', message: 'Pages of this origin may not call.' };
const TOO_MANY_SOCKETS = {
  status: '429 Too Many Requests',
  code: 'RATE_LIMITED',
  message: 'Too many live connections from your network.',
  retryAfterSeconds: 5,
};

const stops = (): HttpRefusal =>
  new HttpRefusal(503, 'SERVICE_UNAVAILABLE', 'The gateway stops. Connect again and repeat the operation.', { 'retry-after': '1' });
const tooManyOperations = (): HttpRefusal => badRequest(`A socket carries at most ${OPERATIONS_MAX} operations at once.`);

export interface WebSocketOptions {
  server: Server;
  graph: () => Graph;
  callers: Callers;
  rates: Rates;
  live: LiveConnections;
  places: WorkPlaces;
  cors: CorsPolicy;
  log: Logger;
  /** Sockets from one network that are nobody's, or have not said yet whose they are. */
  perNetworkMax: number;
  times?: { readonly idleMs?: number; readonly idleCheckMs?: number };
}

export interface WebSockets {
  /** Takes no new socket and begins no operation; ends when all have closed, those that still work after `lateMs` at the latest. */
  close(lateMs: number): Promise<void>;
}

const resultsOf = (answer: Answer): PresentedResult | AsyncIterable<PresentedResult> =>
  answer.kind === 'stream' ? answer.events : answer.result;

type Connection = Context<Record<string, unknown>, Socket>;

interface Protocol {
  readonly sessions: SocketSessions;
  /** Says whether the session of a connection has ended. */
  readonly hasEnded: (connection: Connection) => boolean;
  /** Is kept to the connections that there are. */
  readonly open: Set<Connection>;
  /** Is told that a socket is a person's, and counts among that person's. */
  readonly onPerson: (request: IncomingMessage) => void;
  readonly isStopping: () => boolean;
}

/** Says what happens as clients speak the protocol. */
function protocolOf({ sessions, hasEnded, open, onPerson, isStopping }: Protocol): ServerOptions<Record<string, unknown>, Socket> {
  return {
    connectionInitWaitTimeout: 5_000,
    onConnect: async (context) => {
      context.extra.activeAt = performance.now();
      open.add(context);
      const isLetIn = await sessions.connect(context.extra, context.connectionParams);
      if (isLetIn && context.extra.caller!.identity.principal) onPerson(context.extra.request);
      return isLetIn;
    },
    onSubscribe: async (context, _id, payload) => {
      context.extra.activeAt = performance.now();
      if (isStopping()) return sessions.refuse(context.extra, stops());
      if (Object.keys(context.subscriptions).length > OPERATIONS_MAX) return sessions.refuse(context.extra, tooManyOperations());
      const answer = await sessions.execute(context.extra, payload);
      if (!('kind' in answer)) return answer;
      return { document: ANY_SUBSCRIPTION, contextValue: answer } as unknown as ExecutionArgs;
    },
    // Results are presented already; the library would take their errors for its own. It sends nothing on a socket that closes.
    onNext: (context, _id, _payload, _args, result) => {
      const { socket } = context.extra;
      if (hasEnded(context)) closeEnded(context);
      else if (socket.bufferedAmount > UNREAD_BYTES_MAX) socket.terminate();
      return result as never;
    },
    onComplete: (context) => void (context.extra.activeAt = performance.now()),
    subscribe: ((args: { contextValue: Answer }) => resultsOf(args.contextValue)) as never,
    onClose: (context) => {
      open.delete(context);
      clearTimeout(context.extra.expiry);
      context.extra.leave?.();
    },
  };
}

const closeEnded = ({ extra }: Connection): void => extra.socket.close(CloseCode.Forbidden, 'The session has ended');

function closeIdle(open: ReadonlySet<Connection>, idleMs: number, hasEnded: Protocol['hasEnded']): void {
  const before = performance.now() - idleMs;
  for (const connection of open) {
    const { extra, subscriptions } = connection;
    if (hasEnded(connection)) closeEnded(connection);
    else if (extra.activeAt! < before && Object.keys(subscriptions).length === 0) extra.socket.close(NORMAL, 'Idle');
  }
}

/** Whether an operation runs whose one result is still to come: the library knows a subscription by its events. */
const isWorking = ({ subscriptions }: Connection): boolean => Object.values(subscriptions).includes(null);

/** Closes each socket once its single operations are answered, and all after `lateMs`. Its client then connects elsewhere. */
async function drain(sockets: WebSocketServer, open: ReadonlySet<Connection>, lateMs: number): Promise<void> {
  const late = performance.now() + lateMs;
  while (sockets.clients.size > 0) {
    const isLate = performance.now() >= late;
    const busy = new Set(isLate ? [] : [...open].filter(isWorking).map(({ extra }) => extra.socket));
    for (const client of sockets.clients) if (!busy.has(client)) client.close(GOING_AWAY, 'The gateway stops');
    if (performance.now() >= late + LINGER_MS) for (const client of sockets.clients) client.terminate();
    await sleep(DRAIN_CHECK_MS);
  }
}

/**
 * Serves GraphQL over WebSocket (graphql-ws) at the gateway's path. The token comes in connection_init and is checked
 * once; when it runs out the socket is closed with 4403, at which clients fetch a new token and connect again.
 */
export function serveWebSockets(options: WebSocketOptions): WebSockets {
  const { server, callers, cors, log } = options;
  const { idleMs = IDLE_MS, idleCheckMs = IDLE_CHECK_MS } = options.times ?? {};
  const sockets = new WebSocketServer({ noServer: true, maxPayload: BODY_BYTES_MAX });
  const sessions = createSocketSessions(options);
  const networks = createLiveConnections({ perPerson: 0, perNetwork: options.perNetworkMax });
  /** Gives the place back that a socket took before it said who it is for. */
  const leaving = new WeakMap<IncomingMessage, () => void>();
  const open = new Set<Connection>();
  let stopping = false;

  const hasEnded: Protocol['hasEnded'] = ({ extra: { caller } }) => caller !== undefined && callers.hasEnded(caller);
  const protocol = protocolOf({
    sessions, hasEnded, open, onPerson: (request) => leaving.get(request)?.(), isStopping: () => stopping,
  });
  const cleanup = useServer<Record<string, unknown>, SessionState>(protocol, sockets);

  // The library prints a socket's faults to stderr, the client's own among them; they belong in the log.
  sockets.on('connection', (socket) => {
    socket.removeAllListeners('error');
    socket.on('error', (error) => log.debug({ error }, 'a socket failed'));
    limitMessages(socket);
  });

  const idle = setInterval(() => closeIdle(open, idleMs, hasEnded), idleCheckMs);
  idle.unref();

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (requestUrl(request.url)?.pathname !== GRAPHQL_PATH) return refuseConnection(socket, NOTHING_HERE);
    if (!cors.allows(request)) return refuseConnection(socket, FOREIGN_PAGE);
    const leave = networks.open({ principal: null, address: callers.originOf(request).address });
    if (!leave) return refuseConnection(socket, TOO_MANY_SOCKETS);
    socket.once('close', leave);
    leaving.set(request, leave);
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  }
  server.on('upgrade', upgrade);

  return {
    async close(lateMs) {
      stopping = true;
      server.off('upgrade', upgrade);
      clearInterval(idle);
      await drain(sockets, open, lateMs);
      await cleanup.dispose();
    },
  };
}
