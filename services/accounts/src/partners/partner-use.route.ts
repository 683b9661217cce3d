import type { KeyEntry } from '@tael/platform/env';
import { IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { PartnerUseService } from './partner-use.service';

/** Where gateways tell what partners have used, and hear what they used at the others. */
export const PARTNER_USE_PATH = '/.well-known/partner-use';

const USED = z.object({ used: z.array(z.object({ partnerId: z.uuid(), units: z.number().min(0).max(1e9) })).max(1_000) });

/** Adds up what gateways tell, for whoever signs as a gateway does. */
export function servePartnerUse(server: FastifyInstance, parts: { partnerUse: PartnerUseService; identityKeys: readonly KeyEntry[]; real: () => Date }): void {
  server.post(PARTNER_USE_PATH, async (request, reply) => {
    const header = request.headers[IDENTITY_HEADER];
    // The server of the graph keeps the text that was signed.
    const signed = verifyIdentity(typeof header === 'string' ? header : undefined, request.rawBody, parts.identityKeys, parts.real().getTime());
    if (!signed) return reply.code(401).send({ error: 'unauthorized' });
    const read = USED.safeParse(request.body);
    if (!read.success) return reply.code(400).send({ error: 'invalid_request' });
    return { levels: await parts.partnerUse.add(read.data.used) };
  });
}
