import type { Duplex } from 'node:stream';

/** How long a refused connection may take to read why. */
const LINGER_MS = 1_000;

export interface RawRefusal {
  readonly status: string;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
  /** Nobody has worked on it: it may be sent again as it is. */
  readonly retryable?: true;
}

const refused = new WeakSet<Duplex>();

/** Says whether a connection was refused: Node goes on reading requests from it, on which nobody may work. */
export const isRefused = (socket: Duplex): boolean => refused.has(socket);

/** Writes an answer on a connection that Node's HTTP server does not serve, and closes it. */
export function refuseConnection(socket: Duplex, { status, code, message, retryAfterSeconds, retryable }: RawRefusal): void {
  refused.add(socket);
  const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  const again = retryable ? { retryable } : {};
  const body = JSON.stringify({ errors: [{ message, extensions: { code, ...again, ...retry } }] });
  const lines = [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`]),
  ];
  socket.on('error', () => undefined);
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
