import { ANSWER_BYTES_MAX, ANSWER_MS_MAX, answerFault } from '@tael/partner-graph';
import { egressTarget, HTTPS_PORTS, PrivateAddress, publicLookup } from '@tael/platform/egress';
import { Agent, type IncomingMessage, type RequestOptions, request as httpRequest } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';
import { type FaultKind, PartnerFault } from './partner-subgraph.faults';

/** A connection that nothing ran on for so long is closed, so that a name which leads elsewhere is followed. */
const IDLE_MS = 10_000;

/** Connections to the address of one bank. */
export interface PartnerConnection {
  /**
   * Posts a body and gives the text of the answer. `sign` makes the headers: once more where a kept connection was closed just
   * then, since each signature is good once.
   * @throws PartnerFault
   */
  post(body: string, sign: () => Promise<Readonly<Record<string, string>>>): Promise<string>;
  close(): void;
}

/** A kept connection was closed by the bank just when it was used again: nothing was worked off. */
class Stale extends Error {}

interface Way {
  readonly slug: string;
  readonly target: URL;
  readonly options: RequestOptions;
  readonly send: typeof httpRequest;
}

const faultOf = ({ statusCode, headers }: IncomingMessage): FaultKind | undefined =>
  answerFault({ status: statusCode ?? 0, contentType: headers['content-type'], contentEncoding: headers['content-encoding'] });

function once({ slug, target, options, send }: Way, message: { body: Buffer; headers: Readonly<Record<string, string>>; leftMs: number }): Promise<string> {
  const { body, headers, leftMs } = message;
  return new Promise((resolve, reject) => {
    const fail = (kind: FaultKind): void => {
      reject(new PartnerFault(slug, kind));
      request.destroy();
    };
    const request = send(target, { ...options, method: 'POST', headers: { ...headers, accept: 'application/json', 'content-length': body.length } });
    const late = setTimeout(() => fail('LATE'), leftMs);
    request.once('close', () => clearTimeout(late));
    let begun = false;
    request.on('response', (response: IncomingMessage) => {
      begun = true;
      const fault = faultOf(response);
      if (fault) return fail(fault);
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > ANSWER_BYTES_MAX) fail('TOO_LARGE');
        else parts.push(part);
      });
      response.on('end', () => (response.complete ? resolve(Buffer.concat(parts).toString('utf8')) : fail('CONNECTION')));
      response.on('error', () => fail('CONNECTION'));
    });
    request.on('error', (error: Error & { code?: string }) => {
      if (error instanceof PrivateAddress) return reject(new PartnerFault(slug, 'ADDRESS_REFUSED'));
      const isStale = request.reusedSocket && !begun && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(isStale ? new Stale() : new PartnerFault(slug, 'CONNECTION'));
    });
    request.end(body);
  });
}

interface ConnectionSettings {
  readonly slug: string;
  readonly address: string;
  readonly allowHttp: boolean;
  readonly socketsMax: number;
  readonly answerMs?: number | undefined;
  readonly lookup?: typeof publicLookup;
  /** Whose certificates are believed, in PEM: the machine's own authorities unless told. */
  readonly ca?: string;
}

/**
 * Connects to a bank: to a public address that was looked at when the connection was made, for a second at most in all, without
 * redirects. Everything that the gateway knows and the bank need not stays out: no cookies, tokens, traces.
 */
export function createPartnerConnection(settings: ConnectionSettings): PartnerConnection {
  const { slug, address, allowHttp, socketsMax, answerMs = ANSWER_MS_MAX, lookup = publicLookup, ca } = settings;
  const target = egressTarget(address, { allowHttp, ports: HTTPS_PORTS });
  const isPlain = target?.protocol === 'http:';
  const kept = { keepAlive: true, maxSockets: socketsMax, maxFreeSockets: 4, timeout: IDLE_MS, scheduling: 'lifo' } as const;
  const agent = isPlain ? new Agent(kept) : new SecureAgent({ ...kept, ...(ca === undefined ? {} : { ca }) });
  const way = target && {
    slug, target, options: { agent, ...(isPlain ? {} : { lookup: lookup as never }) }, send: (isPlain ? httpRequest : httpsRequest) as typeof httpRequest,
  };
  return {
    async post(text, sign) {
      if (!way) throw new PartnerFault(slug, 'ADDRESS_REFUSED');
      const end = performance.now() + answerMs;
      const body = Buffer.from(text);
      for (let attempt = 0; ; attempt++) {
        const headers = await sign();
        try {
          return await once(way, { body, headers, leftMs: Math.max(1, end - performance.now()) });
        } catch (error) {
          if (!(error instanceof Stale)) throw error;
          if (attempt > 0) throw new PartnerFault(slug, 'CONNECTION');
        }
      }
    },
    close: () => agent.destroy(),
  };
}
