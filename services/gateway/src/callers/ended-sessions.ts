import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { z } from 'zod';
import { createInstances } from './instances';

const POLL_MS = 2_000;
const FETCH_TIMEOUT_MS = 3_000;
/** Longer than any access token lives, with the skew of clocks: then the token's own end is enough. */
const KEPT_MS = 11 * 60_000;
/** A session may be seen a little after the time that stands in it: its transaction took so long to commit. */
const OVERLAP_MS = 10_000;

const list = z.array(z.object({ id: z.string(), endedAt: z.number() }));
const keyList = z.array(z.object({ clientId: z.string(), kid: z.string(), endedAt: z.number() }));
/** An accounts of before tells of no keys by themselves, but of the whole client where one ended; one of before partner banks of no clients. */
const answerShape = z.object({ sessions: list, clients: list.default([]), keys: keyList.default([]), movedMs: z.number().default(0) });

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
  close(): void;
}

const gateway: Identity = { principal: null, locale: 'en', reference: 'ended-sessions', traceparent: '', address: '' };

function forget(known: Map<string, number>, before: number): void {
  for (const [id, endedAt] of known) if (endedAt < before) known.delete(id);
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

/**
 * Keeps the sessions that have ended while their access tokens still live, as accounts tells them every other second. While
 * accounts is away what is known stays known, and a token is good to its end: the door does not close for all.
 */
export function createEndedSessions(options: {
  /** Of each instance of accounts; they all tell the same. */
  urls: readonly string[];
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  log: Logger;
  now?: () => number;
  /** Is told what the time is at accounts, at an instant of `performance.now()`. */
  onTime?: (at: number, monotonic: number) => void;
  pollMs?: number;
}): EndedSessions {
  const { urls, identityKeys, log, now = Date.now, onTime, pollMs = POLL_MS } = options;
  const accounts = createInstances(urls);
  const ended = new Map<string, number>();
  const partners = createEndedPartners();
  let newest = 0;
  let movedMs = 0;
  const keptSince = (): number => now() + movedMs - KEPT_MS;
  let failing = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function ask(): Promise<void> {
    const since = Math.max(newest - OVERLAP_MS, keptSince());
    const { sessions, ...told } = await accounts.first(async (url) => {
      const response = await fetch(`${url}?since=${since}&keys=1`, {
        headers: { [IDENTITY_HEADER]: signIdentity(gateway, '', identityKeys, now()) },
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
        redirect: 'error',
      });
      // Told with a refusal too: where our own time is the reason for it, the next attempt is good.
      const date = Date.parse(response.headers.get('date') ?? '');
      // The header has whole seconds: the truth lies half a second later, give or take as much.
      if (Number.isFinite(date)) onTime?.(date + 500, performance.now());
      if (!response.ok) throw new Error(`the ended sessions answered ${response.status}`);
      return answerShape.parse(await response.json());
    });
    movedMs = told.movedMs;
    for (const { id, endedAt } of sessions) {
      ended.set(id, endedAt);
      newest = Math.max(newest, endedAt);
    }
    partners.note(told);
  }

  async function poll(): Promise<void> {
    try {
      await ask();
      failing = false;
    } catch (error) {
      // Said once, not at every attempt while accounts is away.
      if (!failing) log.warn({ error }, 'the ended sessions could not be read');
      failing = true;
    }
    forget(ended, keptSince());
    partners.forget(keptSince());
    if (closed) return;
    timer = setTimeout(() => void poll(), pollMs).unref();
  }

  void poll();
  return {
    has: (sessionId) => ended.has(sessionId),
    refuses: partners.refuses,
    movedMs: () => movedMs,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
