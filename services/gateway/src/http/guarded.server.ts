import { watchStandstill } from '@tael/platform/http';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { type ConnectionRules, limitConnections } from './connection.limits';
import type { RawRefusal } from './raw.refusal';
import { announcesTooMuch } from './request.reader';
import { createTurns } from './turns';

/** How long a client may take, in milliseconds. */
export interface ServerTimes {
  readonly headersMs?: number;
  readonly requestMs?: number;
  /** Without a byte in either direction. */
  readonly silenceMs?: number;
}

export interface GuardedServerOptions {
  connections: ConnectionRules;
  times?: ServerTimes | undefined;
  /** Speaks TLS with these. */
  tls?: ServerOptions;
  serve: (request: IncomingMessage, response: ServerResponse) => void;
}

/** The headers of a request, all in all. */
const HEADER_BYTES_MAX = 16 * 1024;
const HEADERS_MAX = 64;
/** So many requests begin in one turn of the event loop: about as many milliseconds, after which a newcomer's connection is taken. */
const BEGIN_IN_A_TURN = 4;
/** How often connections are looked at that take too long. */
const CHECK_MS = 1_000;
const TOO_SLOW = 'ERR_HTTP_REQUEST_TIMEOUT';
/** A gateway that stood still for so much of the time that a client has, and so long at least, cannot say that the client was slow. */
const STOOD_STILL = { share: 0.75, leastMs: 1_500 };

/** Makes an HTTP server that anybody may knock at: connections, headers and times are bounded. It listens later. */
export function createGuardedServer(options: GuardedServerOptions): Server | SecureServer {
  const { headersMs = 10_000, requestMs = 30_000, silenceMs = 120_000 } = options.times ?? {};

  const turns = createTurns(BEGIN_IN_A_TURN);

  function serve(request: IncomingMessage, response: ServerResponse): void {
    // What is refused takes no place among those who wait: a connection has so many there as it may have exchanges.
    if (!limits.serves(request)) return;
    turns(() => {
      // Who has left meanwhile is not worked for. What a connection had asked before it was refused is answered.
      if (response.destroyed) return false;
      options.serve(request, response);
      return true;
    });
  }

  const settings = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: CHECK_MS,
    keepAliveTimeout: 65_000,
    maxHeaderSize: HEADER_BYTES_MAX,
    requireHostHeader: true,
  };
  const server = options.tls
    ? createSecureServer({ ...settings, handshakeTimeout: headersMs, ...options.tls }, serve)
    : createServer(settings, serve);
  const limits = limitConnections(server, options.connections);
  const standstill = watchStandstill();
  const stoodStill = (): boolean =>
    standstill.lately(requestMs + CHECK_MS) > Math.max(headersMs * STOOD_STILL.share, STOOD_STILL.leastMs);
  server.maxHeadersCount = HEADERS_MAX;
  // A client that asks before it sends is told at once where its body is too large.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!announcesTooMuch(request)) response.writeContinue();
    serve(request, response);
  });
  // Whoever does not read the answer, or does not send the rest of the question, makes room for others.
  server.setTimeout(silenceMs);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable) return void socket.destroy();
    limits.refuse(socket, error.code === TOO_SLOW ? tooLate(stoodStill()) : malformed(error.code));
  });
  return server;
}

/** Nobody has worked on the request, and nobody will: it may come again. */
function tooLate(isOurs: boolean): RawRefusal {
  if (isOurs) {
    // Node looks at the time before it reads what came meanwhile.
    const message = 'The service stood still for a while. Try again in a moment.';
    return { status: '503 Service Unavailable', code: 'SERVICE_BUSY', message, retryable: true, retryAfterSeconds: 1 };
  }
  return { status: '408 Request Timeout', code: 'BAD_USER_INPUT', message: 'The request took too long to arrive.', retryable: true };
}

function malformed(cause: string | undefined): RawRefusal {
  if (cause === 'HPE_HEADER_OVERFLOW') {
    const message = `The headers are larger than ${HEADER_BYTES_MAX} bytes.`;
    return { status: '431 Request Header Fields Too Large', code: 'PAYLOAD_TOO_LARGE', message };
  }
  return { status: '400 Bad Request', code: 'BAD_USER_INPUT', message: 'This is not a request of HTTP/1.1.' };
}
