import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { z } from 'zod';
import type { Rates } from '../limits/rate.service';
import { createInstances } from './instances';
import { createQuestions } from './questions';

/** Between questions to an accounts that holds none (one of before), or that is away. */
const POLL_MS = 2_000;
/** So long accounts may hold a question until something ends. */
const WAIT_MS = 1_000;
/** From the beginning of one question to that of the next, however quickly the answer came: where many sessions end, they are told together. */
const PAUSE_MS = 200;
const FETCH_TIMEOUT_MS = 3_000;
/** Longer than any access token lives, with the skew of clocks: then the token's own end is enough. */
const KEPT_MS = 11 * 60_000;
/** A session may be seen a little after the time that stands in it: its transaction took so long to commit. */
const OVERLAP_MS = 10_000;

const list = z.array(z.object({ id: z.string(), endedAt: z.number() }));
const keyList = z.array(z.object({ clientId: z.string(), kid: z.string(), endedAt: z.number() }));
const rateList = z.array(z.object({ partnerId: z.string(), perSecond: z.number().positive(), burst: z.number().positive(), costMax: z.number().positive().optional(), changedAt: z.number() }));
/** An accounts of before tells of no rates; one before it gives no mark, and holds no question; one before it tells of no keys by themselves, but of the whole client where one ended; one of before partner banks of no clients. */
const answerShape = z.object({
  sessions: list, clients: list.default([]), keys: keyList.default([]), rates: rateList.default([]), movedMs: z.number().default(0), mark: z.string().optional(),
});

/** A token of a partner's client, as far as it matters to whether it has ended. */
export interface Got {
  readonly clientId: string;
  /** The key that it was got with. An accounts of before does not say it. */
  readonly kid: string | undefined;
  /** In milliseconds. */
  readonly issuedAt: number;
}

export interface EndedSessions {
  has(sessionId: string): boolean;
  /** Says whether a token of a partner's client is refused: its client was revoked since it was issued, or the key that it was got with. */
  refuses(token: Got): boolean;
  /** How far a sandbox's clock was moved: tokens are issued by the moved one. 0 elsewhere. */
  movedMs(): number;
  /** Asks accounts what is new now and not in its turn; resolves too where nobody answers. However many call, one question waits behind the one under way. */
  askAgain(): Promise<void>;
  close(): void;
}

const gateway: Identity = { principal: null, locale: 'en', reference: 'ended-sessions', traceparent: '', address: '' };

function forget(known: Map<string, number>, before: number): void {
  for (const [id, endedAt] of known) if (endedAt < before) known.delete(id);
}

/** Asks one instance of accounts. */
async function askOne(
  url: string, { signed, signal, onTime }: { signed: string; signal: AbortSignal; onTime: ((at: number, monotonic: number) => void) | undefined },
): Promise<z.infer<typeof answerShape>> {
  const response = await fetch(url, { headers: { [IDENTITY_HEADER]: signed }, signal, redirect: 'error' });
  // Told with a refusal too: where our own time is the reason for it, the next attempt is good.
  const date = Date.parse(response.headers.get('date') ?? '');
  // The header has whole seconds: the truth lies half a second later, give or take as much.
  if (Number.isFinite(date)) onTime?.(date + 500, performance.now());
  if (!response.ok) throw new Error(`the ended sessions answered ${response.status}`);
  return answerShape.parse(await response.json());
}

/** Does a piece of work anew for whoever calls. However many do, one run waits behind the one under way, which may know nothing of what they saw. */
function inTurns(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  return () => (next ??= (async () => {
    await running;
    next = undefined;
    await (running = work());
  })());
}

/** Notes when something ended last. */
function note(known: Map<string, number>, id: string, endedAt: number): void {
  known.set(id, Math.max(endedAt, known.get(id) ?? 0));
}

/** Keeps the ends of partners' clients and keys. A token that does not say its key ends with any key of its client. */
function createEndedPartners(): { note(told: Pick<z.infer<typeof answerShape>, 'clients' | 'keys'>): void; forget(before: number): void; refuses(token: Got): boolean } {
  const [clients, keys, anyKey] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const nameOf = (clientId: string, kid: string): string => JSON.stringify([clientId, kid]);
  return {
    note(told) {
      for (const { id, endedAt } of told.clients) note(clients, id, endedAt);
      for (const { clientId, kid, endedAt } of told.keys) {
        note(keys, nameOf(clientId, kid), endedAt);
        note(anyKey, clientId, endedAt);
      }
    },
    forget: (before) => [clients, keys, anyKey].forEach((known) => forget(known, before)),
    refuses({ clientId, kid, issuedAt }) {
      const ofKey = kid === undefined ? anyKey.get(clientId) : keys.get(nameOf(clientId, kid));
      return issuedAt <= Math.max(clients.get(clientId) ?? -Infinity, ofKey ?? -Infinity);
    },
  };
}

export interface EndedSessionsOptions {
  /** Of each instance of accounts; they all tell the same. */
  urls: readonly string[];
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  log: Logger;
  now?: () => number;
  /** Is told what the time is at accounts, at an instant of `performance.now()`. */
  onTime?: (at: number, monotonic: number) => void;
  /** Is told which rate a partner has, whatever tokens say that were issued before; also again. */
  onRate?: Rates['changePartner'];
  pollMs?: number;
}

/**
 * Keeps the sessions that have ended while their access tokens still live, as accounts tells them: it holds the question until one ends. While
 * accounts is away what is known stays known, and a token is good to its end: the door does not close for all.
 */
export function createEndedSessions(options: EndedSessionsOptions): EndedSessions {
  const { urls, identityKeys, log, now = Date.now, onTime, onRate, pollMs = POLL_MS } = options;
  const accounts = createInstances(urls);
  const ended = new Map<string, number>();
  const partners = createEndedPartners();
  let newest = 0;
  let movedMs = 0;
  const keptSince = (): number => now() + movedMs - KEPT_MS;
  let failing = false;
  let timer: NodeJS.Timeout | undefined;
  const asking = createQuestions(FETCH_TIMEOUT_MS);

  /** Asks, and takes what it is told. With the mark of the answer before, accounts waits until there is more to tell. Gives the mark. */
  async function ask(known?: string): Promise<string | undefined> {
    const since = Math.max(newest - OVERLAP_MS, keptSince());
    const signed = signIdentity(gateway, '', identityKeys, now());
    const waiting = known === undefined ? '' : `&mark=${encodeURIComponent(known)}&waitMs=${WAIT_MS}`;
    const { sessions, mark, rates, ...told } = await accounts.first((url) =>
      asking.ask((signal) => askOne(`${url}?since=${since}&keys=1${waiting}`, { signed, signal, onTime })));
    movedMs = told.movedMs;
    for (const { id, endedAt } of sessions) {
      ended.set(id, endedAt);
      newest = Math.max(newest, endedAt);
    }
    partners.note(told);
    for (const { partnerId, changedAt, ...rate } of rates) onRate?.(partnerId, rate, changedAt);
    return mark;
  }

  async function tryToAsk(known?: string): Promise<string | undefined> {
    try {
      const mark = await ask(known);
      failing = false;
      return mark;
    } catch (error) {
      // Said once, not at every attempt while accounts is away.
      if (!failing && !asking.hasEnded()) log.warn({ error }, 'the ended sessions could not be read');
      failing = true;
      return undefined;
    }
  }

  // Not behind the question that accounts holds.
  const askAgain = inTurns(async () => void (await tryToAsk()));

  async function poll(known?: string): Promise<void> {
    const begun = performance.now();
    const mark = await tryToAsk(known);
    forget(ended, keptSince());
    partners.forget(keptSince());
    if (asking.hasEnded()) return;
    const pauseMs = mark === undefined ? pollMs : Math.max(begun + PAUSE_MS - performance.now(), 0);
    timer = setTimeout(() => void poll(mark), pauseMs).unref();
  }

  void poll();
  return {
    has: (sessionId) => ended.has(sessionId),
    refuses: partners.refuses,
    movedMs: () => movedMs,
    askAgain,
    close() {
      asking.end();
      clearTimeout(timer);
    },
  };
}
