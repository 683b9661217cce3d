import type { Logger } from '@tael/platform/log';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { createInstances } from './instances';

const FETCH_TIMEOUT_MS = 3_000;
/** An unknown key id asks accounts again at most this often, so that forged tokens cannot flood it. */
const COOLDOWN_MS = 30_000;
/** Known keys are looked up again this often: one that was withdrawn, because it leaked say, is good for no longer than this while accounts answers. */
const REFRESH_MS = 30_000;
const FIRST_RETRY_MS = 500;

/** No key set was ever read: whether a token is good cannot be said yet. */
export class KeysUnknown extends Error {
  constructor() {
    super('the key set of the token issuer is not known yet');
    this.name = 'KeysUnknown';
  }
}

export interface TokenKeys {
  readonly getKey: JWTVerifyGetKey;
  health(): { ready: boolean; cause?: string };
  /** Is called when the key set has changed. */
  onChange(listener: () => void): void;
  close(): void;
}

/** Soon again after a failure: accounts is away for a moment just when its keys turn. */
const pauseMs = (failures: number): number => (failures === 0 ? Infinity : FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));

async function fetchKeySet(url: string): Promise<JSONWebKeySet> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new Error(`the key set answered ${response.status}`);
  return (await response.json()) as JSONWebKeySet;
}

/**
 * Reads the issuer's public keys from the first of `urls` that answers and keeps what it knows while none does. Every
 * instance publishes the keys of all: a key is published before any signs with it.
 */
export function createTokenKeys(options: { urls: readonly string[]; log: Logger; now?: () => number; refreshMs?: number }): TokenKeys {
  const { urls, log, now = () => performance.now(), refreshMs = REFRESH_MS } = options;
  const issuers = createInstances(urls);
  const listeners = new Set<() => void>();
  let known: { text: string; getKey: ReturnType<typeof createLocalJWKSet> } | undefined;
  let cause = 'not read yet';
  let failures = 0;
  let askedAt = -Infinity;
  let asking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function read(): Promise<void> {
    try {
      const set = await issuers.first(fetchKeySet);
      const text = JSON.stringify(set);
      cause = '';
      failures = 0;
      if (text === known?.text) return;
      known = { text, getKey: createLocalJWKSet(set) };
      listeners.forEach((listener) => listener());
    } catch (error) {
      const found = `the key set could not be read: ${(error as Error).message}`;
      // Said once, not at every attempt while the issuer starts.
      if (found !== cause) log.warn({ error }, 'the key set of the token issuer could not be read');
      cause = found;
      failures += 1;
    } finally {
      asking = undefined;
      schedule();
    }
  }

  const refresh = (): Promise<void> => (asking ??= read());
  /** For a token; what the timer reads does not count against it, or a new key would wait for the timer. */
  const ask = (): Promise<void> => {
    askedAt = now();
    return refresh();
  };

  function schedule(): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => void refresh(), known ? Math.min(pauseMs(failures), refreshMs) : FIRST_RETRY_MS);
    timer.unref();
  }

  const getKey: JWTVerifyGetKey = async (header, token) => {
    if (!known) await ask();
    if (!known) throw new KeysUnknown();
    try {
      return await known.getKey(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || (!asking && now() - askedAt < COOLDOWN_MS)) throw error;
      await ask();
      return known.getKey(header, token);
    }
  };

  void ask();
  return {
    getKey,
    health: () => (known ? { ready: true } : { ready: false, cause }),
    onChange: (listener) => void listeners.add(listener),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
