import { z } from 'zod';
import { followList, type ListSource } from '../callers/followed.list';

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

const nameOf = ({ partnerId, slug }: Pick<PartnerSubgraph, 'partnerId' | 'slug'>): string => `${partnerId}/${slug}`;

/** Keeps the banks' subgraphs as merchants tells them every other second. While merchants is away, what is known stays. */
export function followPartnerSubgraphs(source: ListSource): PartnerSubgraphList {
  let set = NO_SUBGRAPHS;
  let live = new Set<string>();
  const { asked, close } = followList(source, {
    path: LIVE_SUBGRAPHS_PATH,
    name: 'the subgraphs of banks',
    known: () => set.version,
    take(answer) {
      const told = answerShape.parse(answer);
      if (told.subgraphs === null || told.version === set.version) return;
      set = { version: told.version, subgraphs: told.subgraphs.map(({ former, ...one }) => ({ ...one, ...(former ? { former } : {}) })) };
      live = new Set(set.subgraphs.map(nameOf));
      source.log.info({ slugs: set.subgraphs.map(({ slug }) => slug) }, 'the subgraphs of banks have changed');
    },
  });
  return { current: () => set, isLive: (subgraph) => live.has(nameOf(subgraph)), asked, close };
}
