import type { KeyEntry } from '@tael/platform/env';
import { IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { FastifyInstance } from 'fastify';
import type { PartnerDocumentService } from './partner-document.service';

/** Where gateways learn the text of a document that a bank names by its sum. */
export const PARTNER_DOCUMENTS_PATH = '/.well-known/partner-documents';

/** Serves the documents of banks to whoever signs as the gateway does, for the bank that asks there. */
export function servePartnerDocuments(
  server: FastifyInstance, parts: { documents: PartnerDocumentService; identityKeys: readonly KeyEntry[]; now: () => Date },
): void {
  server.get(`${PARTNER_DOCUMENTS_PATH}/:sum`, async (request, reply) => {
    const header = request.headers[IDENTITY_HEADER];
    const signed = verifyIdentity(typeof header === 'string' ? header : undefined, '', parts.identityKeys, parts.now().getTime());
    void reply.header('cache-control', 'no-store');
    // Whose document it is says the signed identity, and nothing else of the request.
    if (!signed?.partner) return reply.code(401).send({ error: 'unauthorized' });
    return { text: (await parts.documents.textOf(signed.partner.partnerId, (request.params as { sum: string }).sum)) ?? null };
  });
}
