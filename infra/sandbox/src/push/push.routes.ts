import { createECDH, randomBytes } from 'node:crypto';
import { decrypt } from './http-ece';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type pg from 'pg';
import { z } from 'zod';
import type { Faults } from '../faults';
import type { MessageStore } from '../messages/message.store';
import { checkVapid } from './vapid';

interface Subscription {
  readonly endpoint: string;
  readonly privateKey: string;
  readonly auth: string;
  readonly applicationServerKey: string | null;
  readonly gone: boolean;
}

interface PushParts {
  readonly pool: pg.Pool;
  readonly store: MessageStore;
  readonly faults: Faults;
  /** Where this server is reached, known once it listens. */
  readonly origin: () => string;
}

const subscriptionInput = z.object({
  applicationServerKey: z
    .string()
    .regex(/^[\w-]{80,100}$/)
    .optional(),
});

// The most that a push service must take (RFC 8030, 7.2).
const PUSH_BYTES_MAX = 4096;

/**
 * A web push service and the browser behind it in one. `POST /push/subscriptions` subscribes as a browser does and keeps
 * the private key; a push to the endpoint is checked, decrypted and kept; `DELETE` of the endpoint unsubscribes.
 */
export function pushRoutes(server: FastifyInstance, parts: PushParts): void {
  void server.register(async (routes) => {
    routes.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    routes.post('/push/subscriptions', (request, reply) => subscribe(parts, request, reply));
    routes.post('/push/:id', (request, reply) => receive(parts, request, reply));
    routes.delete('/push/:id', async (request, reply) => {
      const { id } = request.params as { id: string };
      await parts.pool.query('/* push.unsubscribe */ UPDATE push_subscription SET gone_at = now() WHERE id = $1', [id]);
      return reply.code(204).send();
    });
  });
}

async function subscribe(
  { pool, origin }: PushParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parsed = subscriptionInput.safeParse(request.body ?? {});
  if (!parsed.success) return reply.code(400).send({ error: 'applicationServerKey is no base64url key' });
  const browser = createECDH('prime256v1');
  const p256dh = browser.generateKeys('base64url');
  const auth = randomBytes(16).toString('base64url');
  const id = randomBytes(18).toString('base64url');
  const endpoint = `${origin()}/push/${id}`;
  await pool.query(
    `/* push.subscribe */ INSERT INTO push_subscription
       (id, endpoint, private_key, public_key, auth, application_server_key)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, endpoint, browser.getPrivateKey('base64url'), p256dh, auth, parsed.data.applicationServerKey ?? null],
  );
  return reply.code(201).send({ endpoint, expirationTime: null, keys: { p256dh, auth } });
}

async function receive(parts: PushParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const refuse = (status: number, error: string) => reply.code(status).send({ error });
  const subscription = await find(parts.pool, (request.params as { id: string }).id);
  if (!subscription) return refuse(404, 'no such subscription');
  const fault = await parts.faults.take('push');
  if (fault === 'fail') return reply.header('retry-after', '1').code(503).send({ error: 'try again later' });
  if (subscription.gone || fault === 'reject') return refuse(410, 'the subscription has ended');

  const sender = await checkVapid(request.headers.authorization, {
    origin: new URL(subscription.endpoint).origin,
    key: subscription.applicationServerKey,
    now: new Date(),
  });
  if (!sender.ok) return refuse(sender.status, sender.cause);
  const { ttl, urgency, topic, 'content-encoding': coding } = request.headers;
  if (typeof ttl !== 'string' || !/^\d{1,10}$/.test(ttl)) return refuse(400, 'the TTL header is missing');
  if (coding !== 'aes128gcm' || !Buffer.isBuffer(request.body)) return refuse(400, 'the body is not in aes128gcm');
  if (request.body.length > PUSH_BYTES_MAX) return refuse(413, `more than ${PUSH_BYTES_MAX} bytes`);
  const plain = open(request.body, subscription);
  if (plain === null) return refuse(400, 'the body does not open with the keys of the subscription');

  const headers = { ttl, ...(urgency ? { urgency: String(urgency) } : {}), ...(topic ? { topic: String(topic) } : {}) };
  await parts.store.add([
    {
      channel: 'push',
      recipient: subscription.endpoint,
      sender: sender.subject,
      body: plain,
      headers,
    },
  ]);
  return reply
    .code(201)
    .header('location', `${subscription.endpoint}/${randomBytes(9).toString('base64url')}`)
    .send();
}

async function find(pool: pg.Pool, id: string): Promise<Subscription | undefined> {
  const found = await pool.query<Subscription>(
    `/* push.subscription */ SELECT endpoint, private_key AS "privateKey", auth,
       application_server_key AS "applicationServerKey", gone_at IS NOT NULL AS gone
     FROM push_subscription WHERE id = $1`,
    [id],
  );
  return found.rows[0];
}

function open(body: Buffer, subscription: Subscription): string | null {
  const browser = createECDH('prime256v1');
  browser.setPrivateKey(subscription.privateKey, 'base64url');
  try {
    return decrypt(body, { version: 'aes128gcm', privateKey: browser, authSecret: subscription.auth }).toString('utf8');
  } catch {
    return null;
  }
}
