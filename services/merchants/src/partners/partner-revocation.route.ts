import type { KeyEntry } from '@tael/platform/env';
import { IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { readRevocations } from './partner-revocation.list';

/** Where gateways learn which keys and partners are shut out, without an event in between. */
export const REVOCATIONS_PATH = '/.well-known/partner-revocations';

/** Serves what is revoked to whoever signs as a gateway does; only where the asker does not have it. */
export function serveRevocations(
  server: FastifyInstance, parts: { dataSource: DataSource; identityKeys: readonly KeyEntry[]; now: () => Date; real: () => Date },
): void {
  server.get(REVOCATIONS_PATH, async (request, reply) => {
    const header = request.headers[IDENTITY_HEADER];
    const signed = verifyIdentity(typeof header === 'string' ? header : undefined, '', parts.identityKeys, parts.real().getTime());
    if (!signed) return reply.code(401).send({ error: 'unauthorized' });
    void reply.header('cache-control', 'no-store');
    const { version, ...revoked } = await readRevocations(parts.dataSource.manager, parts.now());
    return (request.query as { known?: unknown }).known === version ? { version, revoked: null } : { version, revoked };
  });
}
