import type { WebSocket } from 'ws';
import { drawn, type Rate, waitFor } from '../limits/rate.domain';
import { TOO_MANY } from './socket.session';

/** Messages and pings that a client may send. */
export const MESSAGE_RATE: Rate = { perSecond: 20, burst: 100 };
/** How long a socket that is closed for its flood may take to agree. */
const LINGER_MS = 1_000;

/** Closes a socket that sends more than {@link MESSAGE_RATE}; nothing that it sends then is read. */
export function limitMessages(socket: WebSocket): void {
  let fullAt: number | undefined;
  const count = (): void => {
    const now = performance.now();
    if (waitFor(MESSAGE_RATE, fullAt, { units: 1, now }) === 0) {
      fullAt = drawn(MESSAGE_RATE, fullAt, { units: 1, now });
      return;
    }
    for (const event of ['message', 'ping', 'pong']) socket.removeAllListeners(event);
    socket.close(TOO_MANY, 'Too many messages');
    setTimeout(() => socket.terminate(), LINGER_MS).unref();
  };
  socket.on('message', count);
  socket.on('ping', count);
  socket.on('pong', count);
}
