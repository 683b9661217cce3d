import { composeInThread, readOwnSchemas } from '@tael/partner-graph';
import type { KeyEntry } from '@tael/platform/env';
import type { Logger } from '@tael/platform/log';
import type { GatewayEnv } from '../env';
import type { GraphGuests } from '../graph/graph.source';
import { addressesOf, type SubgraphTransport } from '../subgraphs/subgraph.transport';
import { readSubgraphKeys } from './partner-subgraph.keys';
import { followPartnerSubgraphs, type PartnerSubgraph } from './partner-subgraph.list';
import { createPartnerTransports } from './partner-subgraph.transport';

export type PartnerSubgraphSettings = Pick<
  GatewayEnv, 'SUBGRAPH_SCHEMAS' | 'PARTNER_SUBGRAPH_KEYS' | 'PARTNER_SUBJECT_KEY' | 'PARTNER_SUBGRAPHS_ALLOW_HTTP'
>;

/** The subgraphs of banks, for the graph of people; the partners' own door has none of them. */
export interface PartnerSubgraphs {
  readonly guests: GraphGuests;
  /** The public keys that banks check our requests with, as a JWK Set. */
  readonly published: object;
  transportOver(own: SubgraphTransport, subgraphs: readonly PartnerSubgraph[]): SubgraphTransport;
  close(): void;
}

/** Puts together what takes subgraphs of banks in; null where there are none. Resolves when merchants was asked once. */
export async function createPartnerSubgraphs(options: {
  env: Partial<PartnerSubgraphSettings> & { MERCHANTS_URL: string; IDENTITY_KEYS: readonly [KeyEntry, ...KeyEntry[]] };
  log: Logger;
  now: () => number;
  pollMs?: number | undefined;
  answerMs?: number | undefined;
}): Promise<PartnerSubgraphs | null> {
  const { env, log, now, pollMs, answerMs } = options;
  const { SUBGRAPH_SCHEMAS: folder, PARTNER_SUBGRAPH_KEYS: ring, PARTNER_SUBJECT_KEY: subjectKey } = env;
  if (folder === undefined || ring === undefined || subjectKey === undefined) return null;
  const { signing, published } = readSubgraphKeys(ring);
  const list = followPartnerSubgraphs({ urls: addressesOf(env.MERCHANTS_URL), identityKeys: env.IDENTITY_KEYS, log, now, pollMs });
  const transports = createPartnerTransports({
    signing, subjectKey, allowHttp: env.PARTNER_SUBGRAPHS_ALLOW_HTTP ?? false, now, isLive: list.isLive, answerMs,
  });
  await list.asked;
  return {
    guests: {
      current: list.current,
      compose: (subgraphs) => composeInThread(readOwnSchemas(folder), subgraphs.map(({ slug, sdl }) => ({ slug, sdl }))),
      settled: transports.keep,
    },
    published,
    transportOver: transports.over,
    close() {
      list.close();
      transports.close();
    },
  };
}
