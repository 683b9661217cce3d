import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '../limits/rate.domain';
import { keepExchanges } from './exchanges';
import { type RawRefusal, refuseConnection } from './raw.refusal';

/** Requests that one connection may have waiting for their answers. */
const PIPELINED_MAX = 16;

export interface ConnectionRules {
  readonly total: number;
  /** From one network; 0 for no such bound: behind a proxy all come from it. */
  readonly perNetwork: number;
}

/** What the bounds say of requests and connections. */
export interface ConnectionLimits {
  /** Says whether the connection of a request may still be served. */
  serves(request: IncomingMessage): boolean;
  /** Refuses what a connection brings next, once the requests before it have their answers: each answer is that of its request. */
  refuse(socket: Socket, refusal: RawRefusal): void;
}

/** Bounds the connections of a server, in all and from one network, and what one of them may ask at once. */
export function limitConnections(server: Server, { total, perNetwork }: ConnectionRules): ConnectionLimits {
  const byNetwork = new Map<string, number>();
  const exchanges = keepExchanges();
  let open = 0;

  function leave(network: string): void {
    open--;
    const left = byNetwork.get(network)! - 1;
    if (left === 0) byNetwork.delete(network);
    else byNetwork.set(network, left);
  }

  server.on('connection', (socket) => {
    const network = networkOf((socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
    const count = (byNetwork.get(network) ?? 0) + 1;
    open++;
    byNetwork.set(network, count);
    socket.once('close', () => leave(network));
    if (open <= total && (perNetwork === 0 || count <= perNetwork)) return;
    if (open > total) {
      const message = 'The service has too many connections. Try again in a moment.';
      refuseConnection(socket, {
        status: '503 Service Unavailable',
        code: 'SERVICE_BUSY',
        message,
        retryAfterSeconds: 2,
      });
    } else {
      const message = 'Too many connections from your network.';
      refuseConnection(socket, {
        status: '429 Too Many Requests',
        code: 'RATE_LIMITED',
        message,
        retryAfterSeconds: 2,
      });
    }
  });

  server.prependListener('request', (request, response) => {
    const { socket } = request;
    if (exchanges.areOver(socket)) return;
    if (exchanges.waiting(socket) >= PIPELINED_MAX) {
      const message = `A connection may have ${PIPELINED_MAX} requests waiting.`;
      return exchanges.refuse(socket, { status: '429 Too Many Requests', code: 'RATE_LIMITED', message, retryAfterSeconds: 1 });
    }
    exchanges.add(request, response);
  });

  return { serves: ({ socket }) => !exchanges.areOver(socket), refuse: exchanges.refuse };
}
