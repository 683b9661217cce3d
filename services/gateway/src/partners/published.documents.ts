import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { z } from 'zod';
import { createInstances } from '../callers/instances';
import { HttpRefusal } from '../http/http.errors';
import { isDocument } from './document.store';

/** About so many characters are remembered: a thousand of the longest documents. */
const CHARACTERS_MAX = 16 * 1024 * 1024;
const TIMEOUT_MS = 3_000;
/** So long a document runs before merchants is asked again whether it is there still: it may have been withdrawn. */
const AGE_MAX_MS = 60_000;
/** So long it runs on while merchants cannot say, and how long after a failure it is asked again. */
const UNCONFIRMED_MAX_MS = 15 * 60_000;
const RETRY_MS = 5_000;
const PATH = '/.well-known/partner-documents';
const ID = /^sha256:([0-9a-f]{64})$/;

const answerShape = z.object({ text: z.string().min(1).nullable() });

/** The documents that banks have published, each bank's for itself. */
export interface PublishedDocuments {
  /** Gives the text of a document of the bank that asks; undefined where it has none of this id. Rejects with a refusal. */
  find(id: string, identity: Identity): Promise<string | undefined>;
}

const unavailable = (): HttpRefusal =>
  new HttpRefusal(503, 'SERVICE_UNAVAILABLE', 'The document cannot be looked up right now. Try again in a moment.', { 'retry-after': '2' });

interface Remembered {
  readonly text: string;
  readonly confirmedAt: number;
  /** Merchants could not say: until then it is not asked again. */
  retryAt: number;
  /** The look-up under way. */
  asking: Promise<string | undefined> | undefined;
}

interface LookUp {
  readonly id: string;
  readonly sum: string;
  readonly key: string;
  readonly identity: Identity;
}

/** What runs while merchants cannot say. */
function unconfirmed({ text, confirmedAt }: Remembered, elapsed: number): string {
  if (elapsed < confirmedAt + UNCONFIRMED_MAX_MS) return text;
  throw unavailable();
}

/** Remembers what was found, and forgets what was not used for longest where it is too much. */
function createMemory(charactersMax: number) {
  // In the order of their last use.
  const known = new Map<string, Remembered>();
  let characters = 0;

  function forget(key: string): void {
    characters -= known.get(key)?.text.length ?? 0;
    known.delete(key);
  }

  return {
    forget,
    get(key: string): Remembered | undefined {
      const found = known.get(key);
      if (found === undefined) return undefined;
      known.delete(key);
      known.set(key, found);
      return found;
    },
    keep(key: string, text: string, confirmedAt: number): void {
      forget(key);
      known.set(key, { text, confirmedAt, retryAt: 0, asking: undefined });
      characters += text.length;
      for (const oldest of known.keys()) {
        if (characters <= charactersMax) return;
        forget(oldest);
      }
    },
  };
}

/**
 * Asks merchants for each document and bank once a minute while it is used. Its text never changes, but it may be withdrawn; while merchants is away
 * what was there runs for another quarter of an hour. What is not there is asked for again, since it may be published in the next moment; whoever asks pays for it as for any refusal.
 */
export function createPublishedDocuments(options: {
  /** The graphs of all instances of merchants; the documents are beside them. */
  merchantsUrls: readonly string[];
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  now: () => number;
  log: Logger;
  charactersMax?: number;
  /** Milliseconds by which ages are reckoned: a clock that nobody sets. */
  elapsed?: () => number;
}): PublishedDocuments {
  const { identityKeys, now, log, charactersMax = CHARACTERS_MAX, elapsed = () => performance.now() } = options;
  const merchants = createInstances(options.merchantsUrls);
  const memory = createMemory(charactersMax);

  async function ask(sum: string, identity: Identity): Promise<string | null> {
    return merchants.first(async (url) => {
      const response = await fetch(new URL(`${PATH}/${sum}`, url), {
        headers: { [IDENTITY_HEADER]: signIdentity(identity, '', identityKeys, now()) },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      });
      // A merchants of before has no documents.
      if (response.status === 404) return null;
      if (!response.ok) throw new Error(`the documents of banks answered ${response.status}`);
      return answerShape.parse(await response.json()).text;
    });
  }

  async function lookUp({ id, sum, key, identity }: LookUp, found: Remembered | undefined): Promise<string | undefined> {
    // Not when the answer comes: it may be withdrawn while that is on its way.
    const askedAt = elapsed();
    let text: string | null;
    try {
      text = await ask(sum, identity);
    } catch (error) {
      log.warn({ error, reference: identity.reference }, 'a document of a bank could not be looked up');
      if (found === undefined) throw unavailable();
      found.retryAt = elapsed() + RETRY_MS;
      return unconfirmed(found, elapsed());
    }
    if (text === null) {
      memory.forget(key);
      return undefined;
    }
    // Merchants keeps it by its sum too; a text that is another never runs, whatever went wrong there.
    if (!isDocument(id, text)) throw new Error(`the document under ${id} has another sum`);
    memory.keep(key, text, askedAt);
    return text;
  }

  return {
    async find(id, identity) {
      const [, sum] = ID.exec(id) ?? [];
      const { partner } = identity;
      if (sum === undefined || !partner) return undefined;
      const key = `${partner.partnerId}/${sum}`;
      const wanted = { id, sum, key, identity };
      const found = memory.get(key);
      if (found === undefined) return lookUp(wanted, undefined);
      if (elapsed() < found.confirmedAt + AGE_MAX_MS) return found.text;
      if (elapsed() < found.retryAt) return unconfirmed(found, elapsed());
      // Whoever comes while it is asked for waits for the same answer: it may be that the document is gone.
      found.asking ??= lookUp(wanted, found).finally(() => (found.asking = undefined));
      return found.asking;
    },
  };
}
