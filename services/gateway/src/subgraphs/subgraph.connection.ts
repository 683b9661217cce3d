import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const SOCKETS_MAX = 256;

export interface SubgraphAnswer {
  readonly status: number;
  readonly text: string;
}

/** How long an answer may take. */
export interface Patience {
  /** A query that one subgraph holds up keeps the rest of the answer from the client. */
  readonly queryMs: number;
  /** Money may take a while under load; to give up on it leaves the client in doubt. */
  readonly mutationMs: number;
}

/** Keep-alive connections to one subgraph. */
export interface SubgraphConnection {
  /**
   * Posts a GraphQL request. A query is sent again where a kept connection turned out to be closed; nothing else is
   * ever retried here.
   */
  post(body: string, headers: Readonly<Record<string, string>>, isQuery: boolean): Promise<SubgraphAnswer>;
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
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
    );
    response.on('error', reject);
  });
}

export function createSubgraphConnection(url: string, patience: Patience): SubgraphConnection {
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  const settings = { keepAlive: true, maxSockets: SOCKETS_MAX, maxFreeSockets: 64, scheduling: 'lifo' } as const;
  const agent = secure ? new SecureAgent(settings) : new Agent(settings);
  const send = secure ? httpsRequest : httpRequest;
  const place = {
    host: target.hostname,
    port: target.port || (secure ? 443 : 80),
    path: target.pathname + target.search,
  };

  function once(body: string, headers: Readonly<Record<string, string>>, timeoutMs: number): Promise<SubgraphAnswer> {
    return new Promise((resolve, reject) => {
      const sent = send({
        ...place,
        agent,
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          accept: 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      });
      const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      sent.on('response', (response) => read(response, sent).then(settle(resolve), settle(reject)));
      sent.on(
        'error',
        settle((error: Error) => reject(Object.assign(error, { kept: sent.reusedSocket }))),
      );
      sent.end(body);
    });
  }

  return {
    async post(body, headers, isQuery) {
      const timeoutMs = isQuery ? patience.queryMs : patience.mutationMs;
      try {
        return await once(body, headers, timeoutMs);
      } catch (error) {
        const { code, kept } = error as { code?: string; kept?: boolean };
        const stale = kept && (code === 'ECONNRESET' || code === 'EPIPE');
        if (!stale || !isQuery) throw error;
        return once(body, headers, timeoutMs);
      }
    },
    close: () => agent.destroy(),
  };
}
