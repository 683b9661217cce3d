import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import type { Logger } from '@tael/platform/log';
import { z } from 'zod';
import { createInstances } from '../callers/instances';

const POLL_MS = 2_000;
const FETCH_TIMEOUT_MS = 3_000;
/** Where merchants says which subgraphs of banks operators have let into the graph. */
export const LIVE_SUBGRAPHS_PATH = '/.well-known/partner-subgraphs';

/** A publication of a bank's subgraph that an operator has let in: another schema or address is another id. */
export interface PartnerSubgraph {
  readonly id: string;
  readonly partnerId: string;
  readonly slug: string;
  readonly address: string;
  readonly sdl: string;
}

/** What of a bank is to be in the graph, and what was before: it stays where the newer one does not fit. */
export interface WishedSubgraph extends PartnerSubgraph {
  readonly former?: PartnerSubgraph | undefined;
}

/** All of them at one time. */
export interface PartnerSubgraphSet {
  readonly version: string;
  readonly subgraphs: readonly WishedSubgraph[];
}

export const NO_SUBGRAPHS: PartnerSubgraphSet = { version: '', subgraphs: [] };

export interface PartnerSubgraphList {
  current(): PartnerSubgraphSet;
  /** Says whether a bank may still be asked: who was taken out is not, though a graph with it runs for a moment. */
  isLive(subgraph: Pick<PartnerSubgraph, 'partnerId' | 'slug'>): boolean;
  /** Resolves when merchants was asked once, whatever came of it. */
  readonly asked: Promise<void>;
  close(): void;
}

const text = z.string().min(1);
const publication = z.object({ id: text, partnerId: text, slug: text, address: text, sdl: text });
/** Null where the set is the one that is known. */
const answerShape = z.object({
  version: text,
  subgraphs: z.array(publication.extend({ former: publication.nullish() })).nullable(),
});
const gateway: Identity = { principal: null, locale: 'en', reference: 'partner-subgraphs', traceparent: '', address: '' };

const nameOf = ({ partnerId, slug }: Pick<PartnerSubgraph, 'partnerId' | 'slug'>): string => `${partnerId}/${slug}`;

/** Keeps the banks' subgraphs as merchants tells them every other second. While merchants is away, what is known stays. */
export function followPartnerSubgraphs(options: {
  /** The graphs of all instances of merchants. */
  urls: readonly string[];
  identityKeys: readonly [KeyEntry, ...KeyEntry[]];
  log: Logger;
  now: () => number;
  pollMs?: number | undefined;
}): PartnerSubgraphList {
  const { urls, identityKeys, log, now, pollMs = POLL_MS } = options;
  const merchants = createInstances(urls.map((url) => new URL(LIVE_SUBGRAPHS_PATH, url).href));
  let set = NO_SUBGRAPHS;
  let live = new Set<string>();
  let failing = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  async function ask(): Promise<void> {
    const told = await merchants.first(async (url) => {
      const response = await fetch(`${url}?known=${encodeURIComponent(set.version)}`, {
        headers: { [IDENTITY_HEADER]: signIdentity(gateway, '', identityKeys, now()) },
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
        redirect: 'error',
      });
      if (!response.ok) throw new Error(`the subgraphs of banks answered ${response.status}`);
      return answerShape.parse(await response.json());
    });
    if (told.subgraphs === null || told.version === set.version) return;
    set = { version: told.version, subgraphs: told.subgraphs.map(({ former, ...one }) => ({ ...one, ...(former ? { former } : {}) })) };
    live = new Set(set.subgraphs.map(nameOf));
    log.info({ slugs: set.subgraphs.map(({ slug }) => slug) }, 'the subgraphs of banks have changed');
  }

  async function poll(): Promise<void> {
    try {
      await ask();
      failing = false;
    } catch (error) {
      // Said once, not at every attempt while merchants is away.
      if (!failing) log.warn({ error }, 'the subgraphs of banks could not be read');
      failing = true;
    }
    if (closed) return;
    timer = setTimeout(() => void poll(), pollMs);
    timer.unref();
  }

  const asked = poll();
  return {
    current: () => set,
    isLive: (subgraph) => live.has(nameOf(subgraph)),
    asked,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
