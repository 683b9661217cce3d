import type { KeyEntry } from '@tael/platform/env';
import { IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { readLive } from './partner-subgraph.list';

/** Where gateways learn which subgraphs of banks are in the graph. */
export const LIVE_SUBGRAPHS_PATH = '/.well-known/partner-subgraphs';

/** Serves what is live to whoever signs as the gateway does; schemas only where the asker does not have them. */
export function serveLiveSubgraphs(
  server: FastifyInstance, parts: { dataSource: DataSource; identityKeys: readonly KeyEntry[]; now: () => Date },
): void {
  server.get(LIVE_SUBGRAPHS_PATH, async (request, reply) => {
    const header = request.headers[IDENTITY_HEADER];
    const signed = verifyIdentity(typeof header === 'string' ? header : undefined, '', parts.identityKeys, parts.now().getTime());
    if (!signed) return reply.code(401).send({ error: 'unauthorized' });
    void reply.header('cache-control', 'no-store');
    const { version, subgraphs } = await readLive(parts.dataSource.manager);
    const isKnown = (request.query as { known?: unknown }).known === version;
    return { version, subgraphs: isKnown ? null : subgraphs };
  });
}
