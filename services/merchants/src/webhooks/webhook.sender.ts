import * as http from 'node:http';
import * as https from 'node:https';
import { egressTarget, HTTPS_PORTS, PrivateAddress, publicLookup } from '@tael/platform/egress';
import { type Attempt, excerptOf, retryAfterMs } from './webhook.domain';

export interface SenderSettings {
  /** Plain http on loopback: for what the embedded stack runs on its own machine. */
  readonly allowHttp: boolean;
  /** How long an attempt may take in all, 15 seconds unless told. */
  readonly timeLimitMs?: number;
  /** Resolves names; the machine's own resolver, checked, unless told. */
  readonly lookup?: typeof publicLookup;
  /** The authorities whose certificates are believed; those that the machine believes unless told. */
  readonly ca?: string;
}

const TIME_LIMIT_MS = 15_000;
const ANSWER_BYTES_MAX = 1_024;

/** Reads the address of an endpoint; null where it may not be called. */
export function webhookTarget(url: string, settings: Pick<SenderSettings, 'allowHttp'>): URL | null {
  return egressTarget(url, { allowHttp: settings.allowHttp, ports: HTTPS_PORTS });
}

/**
 * Posts a message once, and gives what came of it. A connection of its own each time, to the address that was checked for it:
 * one that was kept could lead to where the name led before. No redirect is followed, and little of the answer is read.
 * @param real - the time by which a receiver names a date to come back at: not that of this machine, which may be wrong
 */
export function post(
  url: string,
  message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  settings: SenderSettings,
  real: () => Date,
): Promise<Attempt> {
  const target = webhookTarget(url, settings);
  if (!target) return Promise.resolve({ kind: 'FAILED', reason: 'ADDRESS_REFUSED' });
  const plain = target.protocol === 'http:';
  const payload = Buffer.from(message.body);
  const options: https.RequestOptions = {
    method: 'POST',
    agent: false,
    headers: {
      ...message.headers, 'content-type': 'application/json', 'content-length': payload.length, 'user-agent': 'Tael-Webhooks/1.0',
    },
    ...(plain ? {} : { lookup: (settings.lookup ?? publicLookup) as never, ...(settings.ca === undefined ? {} : { ca: settings.ca }) }),
  };
  return new Promise((resolve) => {
    const request = (plain ? http : https).request(target, options, (response) => {
      void firstBytes(response).then((text) => {
        const { statusCode: status = 0, headers } = response;
        resolve({ kind: 'ANSWERED', status, retryAfterMs: retryAfterMs(headers['retry-after'], real()), excerpt: excerptOf(text) });
        request.destroy();
      });
    });
    const deadline = setTimeout(() => {
      resolve({ kind: 'FAILED', reason: 'TIMEOUT' });
      request.destroy();
    }, settings.timeLimitMs ?? TIME_LIMIT_MS);
    request.once('close', () => clearTimeout(deadline));
    request.on('error', (fault) => resolve({ kind: 'FAILED', reason: reasonOf(fault) }));
    request.end(payload);
  });
}

function reasonOf(fault: Error): string {
  if (fault instanceof PrivateAddress) return 'PRIVATE_ADDRESS';
  const code = (fault as NodeJS.ErrnoException).code ?? '';
  return /^[A-Z0-9_]{1,60}$/.test(code) ? `CONNECTION ${code}` : 'CONNECTION';
}

/** Gives the beginning of an answer; where it breaks off, what came. */
async function firstBytes(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= ANSWER_BYTES_MAX) break;
    }
  } catch {
    // The status line says what counts.
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString('utf8');
}
