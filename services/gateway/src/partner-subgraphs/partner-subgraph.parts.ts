import { composeFitting, composeInThread, readOwnSchemas, type Versions } from '@tael/partner-graph';
import type { KeyEntry } from '@tael/platform/env';
import { identityKeysFor } from '@tael/platform/identity';
import { readSigningKeys } from '@tael/http-signature';
import type { Logger } from '@tael/platform/log';
import type { GatewayEnv } from '../env';
import type { GraphGuests } from '../graph/graph.source';
import { addressesOf, type SubgraphTransport } from '../subgraphs/subgraph.transport';
import { createLeftOutReport } from './left-out.report';
import { followPartnerSubgraphs, type PartnerSubgraph, type WishedSubgraph } from './partner-subgraph.list';
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

/** Ids are made in the order of time: who published first stays where two contradict each other. */
const inOrder = (wished: readonly WishedSubgraph[]): WishedSubgraph[] => [...wished].sort((one, other) => (one.id < other.id ? -1 : 1));

/** What a bank could be in the graph with: what is approved, else what was before, else what it is in with now. */
function versionsOf({ former, ...newest }: WishedSubgraph, running: readonly PartnerSubgraph[]): Versions<PartnerSubgraph> {
  const now = running.find(({ partnerId, slug }) => partnerId === newest.partnerId && slug === newest.slug);
  const others = [former, now].flatMap((one) => (one && one.id !== newest.id ? [one] : []));
  return [newest, ...others.filter(({ id }, index) => others.findIndex((one) => one.id === id) === index)];
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
  const { signing, published } = readSigningKeys(ring);
  const merchants = { urls: addressesOf(env.MERCHANTS_URL), identityKeys: identityKeysFor(env.IDENTITY_KEYS, 'merchants'), log, now };
  const list = followPartnerSubgraphs({ ...merchants, pollMs });
  const report = createLeftOutReport(merchants);
  const transports = createPartnerTransports({
    signing, subjectKey, allowHttp: env.PARTNER_SUBGRAPHS_ALLOW_HTTP ?? false, now, isLive: list.isLive, answerMs,
  });
  await list.asked;
  return {
    guests: {
      current: list.current,
      async compose(wished, running) {
        const own = readOwnSchemas(folder);
        return composeFitting(
          inOrder(wished).map((one) => versionsOf(one, running)),
          (chosen) => composeInThread(own, chosen.map(({ slug, sdl }) => ({ slug, sdl }))),
          ({ id }) => running.some((one) => one.id === id),
        );
      },
      settled: transports.keep,
      leftOut: report.tell,
    },
    published,
    transportOver: transports.over,
    close() {
      list.close();
      transports.close();
    },
  };
}
