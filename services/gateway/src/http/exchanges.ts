import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isRefused, type RawRefusal, refuseConnection } from './raw.refusal';

/** A request and its answer, until that is written. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What is asked and not yet answered on each connection. */
export interface Exchanges {
  add(request: IncomingMessage, response: ServerResponse): void;
  /** How many requests of a connection wait for their answers. */
  waiting(socket: Socket): number;
  /** Says whether a connection was refused: nothing more of it is served. */
  areOver(socket: Socket): boolean;
  /** Refuses what a connection brings next, once what came whole before has its answers: nobody gets that of another request. */
  refuse(socket: Socket, refusal: RawRefusal): void;
}

export function keepExchanges(): Exchanges {
  const open = new WeakMap<Socket, Set<Exchange>>();
  const refusals = new WeakMap<Socket, RawRefusal>();
  const of = (socket: Socket): ReadonlySet<Exchange> => open.get(socket) ?? new Set();
  const areOver = (socket: Socket): boolean => refusals.has(socket) || isRefused(socket);

  function refuseNext(socket: Socket, refusal: RawRefusal): void {
    const exchanges = [...of(socket)];
    if (exchanges.some(({ request }) => request.complete)) return;
    // Half an answer is out: another one behind it would be read as its end.
    if (exchanges.some(({ response }) => response.headersSent)) socket.destroy();
    else refuseConnection(socket, refusal);
  }

  return {
    areOver,
    waiting: (socket) => of(socket).size,
    add(request, response) {
      const { socket } = request;
      const exchange = { request, response };
      open.set(socket, (open.get(socket) ?? new Set()).add(exchange));
      response.once('close', () => {
        open.get(socket)?.delete(exchange);
        const refusal = refusals.get(socket);
        if (refusal && socket.writable && !isRefused(socket)) refuseNext(socket, refusal);
      });
    },
    refuse(socket, refusal) {
      if (areOver(socket)) return;
      refusals.set(socket, refusal);
      refuseNext(socket, refusal);
    },
  };
}
