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
  askAt: number;
}

/** Remembers what was found, and forgets what was not used for longest where it is too much. */
function createMemory(charactersMax: number, elapsed: () => number) {
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
    keep(key: string, text: string): void {
      forget(key);
      known.set(key, { text, confirmedAt: elapsed(), askAt: elapsed() + AGE_MAX_MS });
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
  const memory = createMemory(charactersMax, elapsed);

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

  return {
    async find(id, identity) {
      const [, sum] = ID.exec(id) ?? [];
      const { partner } = identity;
      if (sum === undefined || !partner) return undefined;
      const key = `${partner.partnerId}/${sum}`;
      const found = memory.get(key);
      if (found !== undefined) {
        if (elapsed() < found.askAt) return found.text;
        // Whoever comes while it is asked for does not ask too.
        found.askAt = elapsed() + RETRY_MS;
      }
      let text: string | null;
      try {
        text = await ask(sum, identity);
      } catch (error) {
        log.warn({ error, reference: identity.reference }, 'a document of a bank could not be looked up');
        if (found !== undefined && elapsed() < found.confirmedAt + UNCONFIRMED_MAX_MS) return found.text;
        throw unavailable();
      }
      if (text === null) {
        memory.forget(key);
        return undefined;
      }
      // Merchants keeps it by its sum too; a text that is another never runs, whatever went wrong there.
      if (!isDocument(id, text)) throw new Error(`the document under ${id} has another sum`);
      memory.keep(key, text);
      return text;
    },
  };
}
