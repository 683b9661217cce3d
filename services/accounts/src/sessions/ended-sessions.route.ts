import type { KeyEntry } from '@tael/platform/env';
import { IDENTITY_HEADER, verifyIdentity } from '@tael/platform/identity';
import type { FastifyInstance } from 'fastify';
import type { PartnerClientService } from '../partners/partner-client.service';
import type { ActiveSessionService } from './active-session.service';
import type { EndedWatchService } from './ended-watch.service';

/** Where gateways learn which sessions, which clients of partner banks and which rates of theirs have ended while access tokens still live. */
export const ENDED_SESSIONS_PATH = '/.well-known/ended-sessions';

/** The longest that a question is held: gateways give up after three seconds. */
const WAIT_MAX_MS = 2_000;

/**
 * Serves the ended sessions and clients, and the rates that partners have instead of those in their tokens, to whoever signs as the gateway does. With `mark`, of the answer before, and `waitMs` the answer
 * is held until something has ended: who asks again and again learns it at once.
 */
export function serveEndedSessions(
  server: FastifyInstance,
  parts: {
    activeSessions: ActiveSessionService; partnerClients: PartnerClientService; watch: EndedWatchService;
    identityKeys: readonly KeyEntry[]; now: () => Date; real: () => Date;
  },
): void {
  server.addHook('preClose', () => parts.watch.close());
  server.get(ENDED_SESSIONS_PATH, async (request, reply) => {
    const asking = parts.real();
    // Gateways have no database: this is where they learn its time, those too whose own is so wrong that they are refused.
    void reply.header('date', asking.toUTCString());
    const header = request.headers[IDENTITY_HEADER];
    const signed = verifyIdentity(typeof header === 'string' ? header : undefined, '', parts.identityKeys, asking.getTime());
    if (!signed) return reply.code(401).send({ error: 'unauthorized' });
    const query = request.query as { since?: unknown; keys?: unknown; mark?: unknown; waitMs?: unknown };
    const asked = Number(query.since);
    const since = Number.isSafeInteger(asked) ? asked : 0;
    const waitMs = Math.min(Number(query.waitMs) || 0, WAIT_MAX_MS);
    void reply.header('cache-control', 'no-store');
    // The mark before the lists: what ends in between is told now, and once more.
    const mark = await parts.watch.changed(typeof query.mark === 'string' ? query.mark : '', waitMs);
    const real = parts.real();
    void reply.header('date', real.toUTCString());
    // What a sandbox's clock was moved by: tokens are issued by it.
    const movedMs = parts.now().getTime() - real.getTime();
    // A gateway of before knows of no keys: to it the end of one is the end of its client.
    const apart = query.keys === '1';
    const [sessions, clients, keys, rates] = await Promise.all([
      parts.activeSessions.endedSince(since), parts.partnerClients.endedSince(since, apart), apart ? parts.partnerClients.keysEndedSince(since) : [],
      parts.partnerClients.ratesChangedSince(since),
    ]);
    return { sessions, clients, keys, rates, movedMs, mark };
  });
}
