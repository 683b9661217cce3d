import { checkPartnerSubgraph, composeGraph, type PartnerSource, type SubgraphCheck, type SubgraphSource } from './subgraph.check';

/** What a thread is asked for. */
export type Work =
  | { readonly kind: 'check'; readonly check: SubgraphCheck }
  | { readonly kind: 'compose'; readonly own: readonly SubgraphSource[]; readonly partners: readonly PartnerSource[] };

export type Worked = { readonly value: unknown } | { readonly fault: string };

export function workOff(work: Work): Worked {
  try {
    return { value: work.kind === 'check' ? checkPartnerSubgraph(work.check) : composeGraph(work.own, work.partners) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}
