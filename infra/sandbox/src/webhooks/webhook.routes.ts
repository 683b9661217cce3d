import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type pg from 'pg';
import { z } from 'zod';
import { isGenuine } from './webhook.signature';

interface WebhookParts {
  readonly pool: pg.Pool;
  /** Where this server is reached, known once it listens. */
  readonly origin: () => string;
}

const BEHAVIOURS = ['accept', 'fail', 'slow', 'gone', 'redirect'] as const;
type Behaviour = (typeof BEHAVIOURS)[number];

const receiverInput = z.object({
  publicKeys: z.array(z.string().regex(/^whpk_[A-Za-z0-9+/]{43}=$/)).max(5).optional(),
  behaviour: z.enum(BEHAVIOURS).optional(),
  /** How many of the next are answered so; the others are accepted. */
  count: z.int().min(1).max(10_000).default(1),
});

const STATUS: Readonly<Record<Behaviour, number>> = { accept: 204, fail: 500, slow: 204, gone: 410, redirect: 302 };
const SLOW_MS = 20_000;

/**
 * Receivers of webhooks. `POST /webhooks` makes one and gives its `url`; `PUT` of it says by which keys its messages must be signed
 * and how the next are answered; `POST` of it is a message; `GET` of it shows what came.
 */
export function webhookRoutes(server: FastifyInstance, parts: WebhookParts): void {
  void server.register(async (routes) => {
    // The signature is over the bytes: nothing may read and write them anew.
    routes.removeContentTypeParser('application/json');
    routes.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: 262_144 }, (_request, body, done) => done(null, body));
    routes.post('/webhooks', async (_request, reply) => {
      const id = randomBytes(18).toString('base64url');
      await parts.pool.query('/* webhooks.receiver */ INSERT INTO webhook_receiver (id) VALUES ($1)', [id]);
      return reply.code(201).send({ id, url: `${parts.origin()}/webhooks/${id}` });
    });
    routes.put('/webhooks/:id', (request, reply) => change(parts, request, reply));
    routes.post('/webhooks/:id', (request, reply) => receive(parts, request, reply));
    routes.get('/webhooks/:id', (request, reply) => show(parts, request, reply));
  });
}

const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id;

async function change({ pool }: WebhookParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const parsed = receiverInput.safeParse(read(String(request.body)));
  if (!parsed.success) return reply.code(400).send({ error: z.prettifyError(parsed.error) });
  const { publicKeys, behaviour, count } = parsed.data;
  const done = await pool.query(
    `/* webhooks.change */ UPDATE webhook_receiver SET public_keys = coalesce($2, public_keys), behaviour = coalesce($3, behaviour),
       remaining = CASE WHEN $3::text IS NULL THEN remaining ELSE $4::integer END WHERE id = $1`,
    [idOf(request), publicKeys ?? null, behaviour ?? null, count],
  );
  return reply.code(done.rowCount ? 204 : 404).send();
}

async function receive({ pool, origin }: WebhookParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const id = idOf(request);
  const { rows } = await pool.query<{ publicKeys: string[]; behaviour: Behaviour }>(
    `/* webhooks.take */ UPDATE webhook_receiver r SET remaining = greatest(r.remaining - 1, 0)
     FROM (SELECT id, remaining FROM webhook_receiver WHERE id = $1 FOR UPDATE) b WHERE r.id = b.id
     RETURNING r.public_keys AS "publicKeys", CASE WHEN b.remaining > 0 THEN r.behaviour ELSE 'accept' END AS behaviour`,
    [id],
  );
  const receiver = rows[0];
  if (!receiver) return reply.code(404).send({ error: 'no such receiver' });
  const header = (name: string): string => String(request.headers[name] ?? '');
  const webhook = {
    id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature'), body: typeof request.body === 'string' ? request.body : '',
  };
  const verified = isGenuine(webhook, receiver.publicKeys, new Date());
  const status = receiver.publicKeys.length > 0 && !verified ? 401 : STATUS[receiver.behaviour];
  await pool.query(
    '/* webhooks.keep */ INSERT INTO webhook (receiver_id, webhook_id, verified, answered, body) VALUES ($1, $2, $3, $4, $5)',
    [id, webhook.id, verified, status, webhook.body.replaceAll('\0', '')],
  );
  if (receiver.behaviour === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  if (status === 302) return reply.code(302).header('location', `${origin()}/webhooks/elsewhere`).send();
  return reply.code(status).send();
}

async function show({ pool }: WebhookParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { rows } = await pool.query(
    `/* webhooks.show */ SELECT webhook_id AS id, verified, answered, body, received_at AS "receivedAt" FROM webhook
     WHERE receiver_id = $1 ORDER BY position DESC LIMIT 100`,
    [idOf(request)],
  );
  return reply.send({ webhooks: rows });
}

function read(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
