import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const SOCKETS_MAX = 256;
/** An address that is there takes a connection at once; one that is gone may swallow every packet. */
const CONNECT_MS = 1_000;
const PROBE_TIMEOUT_MS = 1_500;

export interface SubgraphAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** What Retry-After says, in seconds. */
  readonly retryAfter: number | undefined;
  /** It was the last answer on its connection. */
  readonly isLast: boolean;
}

/** A request that came to nothing. */
export class NoAnswer extends Error {
  constructor(
    message: string,
    /** No connection was made, so nothing can have happened. */
    readonly neverSent: boolean,
    /** A connection was lost, and nothing of an answer came. Whether the request was worked off nobody knows. */
    readonly lost: boolean,
  ) {
    super(message);
    this.name = 'NoAnswer';
  }
}

/** Keep-alive connections to one address of a subgraph. */
export interface SubgraphConnection {
  /** Posts a GraphQL request once. Rejects with {@link NoAnswer}. */
  post(body: string, headers: Readonly<Record<string, string>>, timeoutMs: number): Promise<SubgraphAnswer>;
  /** Asks whether the subgraph is ready; gives the status, and rejects with {@link NoAnswer}. */
  probe(): Promise<number>;
  /** Closes the connections that nothing runs on. */
  closeIdle(): void;
  close(): void;
}

function read(response: IncomingMessage, sent: ClientRequest): Promise<SubgraphAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    response.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > ANSWER_BYTES_MAX) sent.destroy(new Error('the answer is too large'));
      else parts.push(part);
    });
    response.on('end', () => {
      const { 'retry-after': retryAfter, connection } = response.headers;
      resolve({
        status: response.statusCode ?? 0,
        body: parts.length === 1 ? parts[0]! : Buffer.concat(parts),
        retryAfter: retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined,
        isLast: connection === 'close',
      });
    });
    response.on('error', reject);
  });
}

/** Sends the body of a request and waits for the answer. Rejects with {@link NoAnswer}. */
function exchange(
  sent: ClientRequest,
  { body, timeoutMs, connected }: { body: string | undefined; timeoutMs: number; connected: 'connect' | 'secureConnect' },
): Promise<SubgraphAnswer> {
  return new Promise((resolve, reject) => {
    let isConnected = false;
    let hasBegun = false;
    const giveUp = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    let connecting: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(giveUp);
      clearTimeout(connecting);
    };
    const fail = (error: Error & { code?: string }): void => {
      end();
      const lost = !hasBegun && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(new NoAnswer(error.message, !isConnected, lost));
    };
    sent.on('socket', (socket) => {
      isConnected = !socket.connecting;
      if (isConnected) return;
      connecting = setTimeout(() => sent.destroy(new Error(`no connection within ${CONNECT_MS} ms`)), CONNECT_MS);
      socket.once(connected, () => {
        isConnected = true;
        clearTimeout(connecting);
      });
    });
    sent.on('response', (response) => {
      hasBegun = true;
      read(response, sent).then((answer) => {
        end();
        resolve(answer);
      }, fail);
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string | number>;
  readonly agent?: false;
}

export function createSubgraphConnection(url: string): SubgraphConnection {
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  const settings = { keepAlive: true, maxSockets: SOCKETS_MAX, maxFreeSockets: 64, scheduling: 'lifo' } as const;
  const agent = secure ? new SecureAgent(settings) : new Agent(settings);
  const send = secure ? httpsRequest : httpRequest;
  const place = { host: target.hostname, port: target.port || (secure ? 443 : 80) };
  const path = target.pathname + target.search;

  async function once(asked: Asked, body: string | undefined, timeoutMs: number): Promise<SubgraphAnswer> {
    const connected = secure ? 'secureConnect' : 'connect';
    return exchange(send({ ...place, agent, ...asked }), { body, timeoutMs, connected });
  }

  return {
    post(body, headers, timeoutMs) {
      const all = {
        ...headers,
        'content-type': 'application/json',
        accept: 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      return once({ method: 'POST', path, headers: all }, body, timeoutMs);
    },
    async probe() {
      // On a connection of its own: it asks whether new ones are taken.
      const asked = { method: 'GET', path: '/ready', headers: { connection: 'close' }, agent: false } as const;
      return (await once(asked, undefined, PROBE_TIMEOUT_MS)).status;
    },
    closeIdle() {
      for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy());
    },
    close: () => agent.destroy(),
  };
}
