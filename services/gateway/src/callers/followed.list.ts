import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { createInstances } from './instances';

const POLL_MS = 2_000;
const FETCH_TIMEOUT_MS = 3_000;

/** A list of a service that is asked for again and again. */
export interface FollowedList {
  /** Resolves when it was asked for once, whatever came of it. */
  readonly asked: Promise<void>;
  close(): void;
}

/** Which services have a list, and who asks for it. */
export interface ListSource {
  /** The graphs of all instances of the service. */
  readonly urls: readonly string[];
  readonly identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  readonly log: Logger;
  readonly now: () => number;
  readonly pollMs?: number | undefined;
}

/**
 * Asks a service for a list every other second, signed as a gateway, and names the version that is known. While the service is away, what is known stays.
 * @param list.name - what it is a list of, for the log
 * @param list.take - takes an answer; what it throws counts as a failure
 */
export function followList({ urls, identityKeys, log, now, pollMs = POLL_MS }: ListSource, list: { path: string; name: string; known: () => string; take: (answer: unknown) => void }): FollowedList {
  const instances = createInstances(urls.map((url) => new URL(list.path, url).href));
  const gateway: Identity = { principal: null, locale: 'en', reference: list.path.split('/').at(-1)!, traceparent: '', address: '' };
  let failing = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const ask = (): Promise<unknown> => instances.first(async (url) => {
    const response = await fetch(`${url}?known=${encodeURIComponent(list.known())}`, {
      headers: { [IDENTITY_HEADER]: signIdentity(gateway, '', identityKeys, now()) },
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      redirect: 'error',
    });
    if (!response.ok) throw new Error(`${list.name} answered ${response.status}`);
    return response.json();
  });

  async function poll(): Promise<void> {
    try {
      list.take(await ask());
      failing = false;
    } catch (error) {
      // Said once, not at every attempt while the service is away.
      if (!failing) log.warn({ error }, `${list.name} could not be read`);
      failing = true;
    }
    if (closed) return;
    timer = setTimeout(() => void poll(), pollMs);
    timer.unref();
  }

  const asked = poll();
  return {
    asked,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
