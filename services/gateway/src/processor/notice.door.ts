import type { KeyEntry } from '@tael/platform/env';
import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Callers } from '../callers/caller.service';
import { createInstances } from '../callers/instances';
import { HttpRefusal, rateLimited } from '../http/http.errors';
import { JSON_TYPE } from '../http/media-type.domain';
import { writeRefusal } from '../http/refusal.writer';
import { readBody } from '../http/request.reader';
import { RATE_MESSAGE, retryAfterSeconds } from '../limits/admission.check';
import type { Rates } from '../limits/rate.service';

/** Where the card processor tells of its charges. */
export const NOTICES_PATH = '/processor/notices';
const BODY_BYTES_MAX = 16 * 1024;
const TIMEOUT_MS = 5_000;
const NOTICE_UNITS = 1;
/** What accounts has to hear of a notice. */
const PASSED_ON = ['content-type', 'webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

export interface NoticeDoorOptions {
  /** The graphs of all instances of accounts; its door for notices is beside them. */
  accountsUrls: readonly string[];
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  callers: Pick<Callers, 'originOf'>;
  rates: Rates;
  now: () => number;
  log: Logger;
}

/** Passes a notice on. */
export type NoticeDoor = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Makes the door of the card processor: bounded, and passed on to accounts byte by byte, which alone knows the keys that sign notices. One that may have
 * arrived is sent to the next instance, too: a notice counts once.
 */
export function createNoticeDoor({ accountsUrls, identityKeys, callers, rates, now, log }: NoticeDoorOptions): NoticeDoor {
  const accounts = createInstances(accountsUrls);

  async function pass(request: IncomingMessage, origin: ReturnType<Callers['originOf']>): Promise<number> {
    const body = await readBody(request, BODY_BYTES_MAX);
    const { reference, traceparent, address } = origin;
    const identity = { principal: null, locale: 'en', reference, traceparent, address };
    const headers: Record<string, string> = { traceparent, [IDENTITY_HEADER]: signIdentity(identity, body, identityKeys, now()) };
    for (const name of PASSED_ON) {
      const value = request.headers[name];
      if (value !== undefined) headers[name] = String(value);
    }
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await accounts.first((url) => fetch(new URL(NOTICES_PATH, url), { method: 'POST', headers, body, signal, redirect: 'manual' }));
    await answer.arrayBuffer();
    return answer.status;
  }

  return async (request, response) => {
    const origin = callers.originOf(request);
    response.setHeader('x-request-id', origin.reference);
    const asker = { principal: null, address: origin.address };
    try {
      if (request.method !== 'POST') throw new HttpRefusal(405, 'BAD_USER_INPUT', 'Notices come by POST.', { allow: 'POST' });
      // Nobody is known here yet: the network pays, and more where it is refused.
      const waitMs = rates.take(asker, NOTICE_UNITS);
      if (waitMs > 0) throw rateLimited(RATE_MESSAGE, retryAfterSeconds(waitMs));
      const status = await pass(request, origin).catch((error: unknown) => {
        if (error instanceof HttpRefusal) throw error;
        log.warn({ error, reference: origin.reference }, 'a notice of the card processor could not be passed on');
        throw new HttpRefusal(503, 'SERVICE_UNAVAILABLE', 'The notice was not taken. Send it again.', { 'retry-after': '2' });
      });
      if (status >= 400 && status < 500) rates.countRefused(asker);
      response.writeHead(status).end();
    } catch (error) {
      if (error instanceof HttpRefusal && error.status < 429) rates.countRefused(asker);
      writeRefusal(response, error, { reference: origin.reference, type: JSON_TYPE, log });
    }
  };
}
