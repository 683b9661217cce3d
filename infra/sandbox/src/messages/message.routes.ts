import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SandboxClock } from '../clock/sandbox-clock';
import type { MessageStore } from './message.store';
import { messagesPage } from './message.page';

const query = z.object({
  channel: z.enum(['mail', 'push']).optional(),
  // Postgres holds no NUL in a text, so nothing can have been sent to such an address.
  to: z.string().max(2_000).regex(/^[^\0]*$/, 'must hold no NUL').optional(),
  since: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

const PAGE_SIZE = 50;

// The page shows what strangers sent: no script runs on it, and nothing is fetched for it.
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'";

/** `GET /messages` for programs, `GET /` for a person. */
export function messageRoutes(server: FastifyInstance, { store, clock }: { store: MessageStore; clock: SandboxClock }): void {
  server.get('/messages', async (request, reply) => {
    const parsed = query.safeParse(request.query);
    if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
    const messages = await store.list(parsed.data);
    return reply.send({
      messages: messages.map(({ recipient, sender, ...rest }) => ({ ...rest, to: recipient, from: sender })),
    });
  });
  server.get('/', async (_request, reply) => {
    const [messages, time] = await Promise.all([store.list({ limit: PAGE_SIZE }), clock.read()]);
    const page = messagesPage(messages, time);
    return reply
      .header('content-security-policy', POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(page);
  });
}
