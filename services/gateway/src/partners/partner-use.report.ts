import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { z } from 'zod';
import { createInstances } from '../callers/instances';
import { createQuestions } from '../callers/questions';
import type { PartnerRates, PartnerUse } from '../limits/partner.rates';

/** Between two reports, while partners use anything: so long a gateway knows nothing of the others. */
const PAUSE_MS = 200;
const TIMEOUT_MS = 3_000;
/** As many as accounts takes at once. */
const PARTNERS_MAX = 1_000;

const answerShape = z.object({ levels: z.array(z.object({ partnerId: z.string(), missing: z.number().min(0) })) });
const gateway: Identity = { principal: null, locale: 'en', reference: 'partner-use', traceparent: '', address: '' };

/** Accounts has said no: nothing was added up. */
class Refused extends Error {}

async function send(url: string, init: RequestInit): Promise<z.infer<typeof answerShape>['levels']> {
  const response = await fetch(url, init);
  if (response.ok) return answerShape.parse(await response.json()).levels;
  const Kind = [401, 404].includes(response.status) ? Refused : Error;
  throw new Kind(`the report of what partners used was answered ${response.status}`);
}

/** Only then another instance is asked: else a bank might pay twice for the same. */
const wasNotTaken = (error: unknown): boolean =>
  error instanceof Refused || ((error as { cause?: { code?: string } }).cause?.code === 'ECONNREFUSED');

export interface PartnerUseReport {
  close(): void;
}

/**
 * Tells accounts what partners use here, and hears what they have used at all gateways. A report that fails is not sent again, since accounts may have added it
 * up: while accounts is away each gateway counts by itself, and a partner has its rate at each.
 */
export function startPartnerUseReport(options: {
  /** Where each instance of accounts adds up what partners use. */
  urls: readonly string[];
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  use: Pick<PartnerRates, 'takeUses' | 'hear'>;
  now: () => number;
  log: Logger;
  pauseMs?: number;
}): PartnerUseReport {
  const { identityKeys, use, now, log, pauseMs = PAUSE_MS } = options;
  const accounts = createInstances(options.urls);
  const asking = createQuestions(TIMEOUT_MS);
  let failing = false;
  let timer: NodeJS.Timeout;

  async function tell(used: readonly PartnerUse[]): Promise<void> {
    const body = JSON.stringify({ used });
    const headers = { 'content-type': 'application/json', [IDENTITY_HEADER]: signIdentity(gateway, body, identityKeys, now()) };
    const sentAt = performance.now();
    const sent = await accounts.first(async (url) => {
      try {
        return { levels: await asking.ask((signal) => send(url, { method: 'POST', body, signal, redirect: 'error', headers })) };
      } catch (error) {
        if (wasNotTaken(error)) throw error;
        return { error: error as Error };
      }
    });
    if ('error' in sent) throw sent.error;
    for (const { partnerId, missing } of sent.levels) use.hear(partnerId, missing, performance.now() - sentAt);
  }

  async function round(): Promise<void> {
    const uses = use.takeUses();
    try {
      for (let at = 0; at < uses.length; at += PARTNERS_MAX) await tell(uses.slice(at, at + PARTNERS_MAX));
      if (uses.length > 0) failing = false;
    } catch (error) {
      // Said once, not at every attempt while accounts is away.
      if (!failing && !asking.hasEnded()) log.warn({ error }, 'accounts could not be told what partners have used');
      failing = true;
    }
    if (!asking.hasEnded()) timer = setTimeout(() => void round(), pauseMs).unref();
  }

  timer = setTimeout(() => void round(), pauseMs).unref();
  return {
    close() {
      asking.end();
      clearTimeout(timer);
    },
  };
}
