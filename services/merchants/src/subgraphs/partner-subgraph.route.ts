import type { KeyEntry } from '@tael/platform/env';
import { IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { noteLeftOut, readFormer, readLive } from './partner-subgraph.list';

/** Where gateways learn which subgraphs of banks are in the graph. */
export const LIVE_SUBGRAPHS_PATH = '/.well-known/partner-subgraphs';

const LEFT_OUT = z.object({
  leftOut: z.array(z.object({ id: z.uuid(), instead: z.uuid().nullable(), reason: z.string().max(500) })).max(1_000),
});

/** Serves what is live to whoever signs as the gateway does, schemas only where the asker does not have them; and hears what does not fit. */
export function serveLiveSubgraphs(
  server: FastifyInstance, parts: { dataSource: DataSource; identityKeys: readonly KeyEntry[]; now: () => Date; real: () => Date },
): void {
  const { manager } = parts.dataSource;
  const isSigned = ({ headers }: FastifyRequest, body: string): boolean => {
    const header = headers[IDENTITY_HEADER];
    return verifyIdentity(typeof header === 'string' ? header : undefined, body, parts.identityKeys, parts.real().getTime()) !== null;
  };
  server.get(LIVE_SUBGRAPHS_PATH, async (request, reply) => {
    if (!isSigned(request, '')) return reply.code(401).send({ error: 'unauthorized' });
    void reply.header('cache-control', 'no-store');
    const { version, subgraphs } = await readLive(manager);
    if ((request.query as { known?: unknown }).known === version) return { version, subgraphs: null };
    const former = await readFormer(manager, subgraphs);
    return { version, subgraphs: subgraphs.map((one) => ({ ...one, former: former.get(one.id) ?? null })) };
  });
  server.post(`${LIVE_SUBGRAPHS_PATH}/left-out`, async (request, reply) => {
    // The server of the graph keeps the text that was signed.
    if (!isSigned(request, request.rawBody)) return reply.code(401).send({ error: 'unauthorized' });
    const read = LEFT_OUT.safeParse(request.body);
    if (!read.success) return reply.code(400).send({ error: 'invalid_request' });
    await noteLeftOut(manager, read.data.leftOut, parts.now());
    return reply.code(204).send();
  });
}
