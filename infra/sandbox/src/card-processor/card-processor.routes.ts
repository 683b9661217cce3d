import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Faults } from '../faults';
import { behaviourOf, isTestNumber, planCharge, toldReturned } from './card-behaviour.domain';
import type { CardProcessorStore, Charge, ChargeRequest } from './card-processor.store';

const tokenInput = z.object({
  number: z.string().max(32),
  expiryMonth: z.int().min(1).max(12),
  expiryYear: z.int().min(2000).max(2100),
  securityCode: z.string().regex(/^\d{3,4}$/),
  holderName: z.string().min(1).max(200),
});

const chargeInput = z.object({
  token: z.string().min(1).max(200),
  amount: z.string().regex(/^[1-9]\d{0,17}$/),
  currency: z.string().regex(/^[A-Z]{3}$/),
});

const KEY_MAX = 255;

/** How long a call that gets no answer is held before its connection is cut. */
const SILENCE_MS = 60_000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The card processor: tokens for cards, charges by idempotency key. Every call carries the bearer secret. */
export function cardProcessorRoutes(
  server: FastifyInstance,
  parts: { store: CardProcessorStore; secret: string; faults: Faults },
): void {
  const wanted = digest(`Bearer ${parts.secret}`);
  void server.register(async (routes) => {
    routes.addHook('onRequest', async (request, reply) => {
      const given = digest(request.headers.authorization ?? '');
      if (!timingSafeEqual(given, wanted)) return reply.code(401).send({ error: 'UNAUTHORISED' });
    });
    routes.post('/processor/tokens', (request, reply) => addToken(parts.store, request, reply));
    routes.post('/processor/charges', (request, reply) => charge(parts, request, reply));
    routes.get('/processor/charges', async (request, reply) => {
      const { key } = request.query as { key?: unknown };
      const found = typeof key === 'string' ? await parts.store.chargeByKey(key, true) : null;
      if (found && isSilent(found)) return cut(request, reply);
      return found ? reply.send(view(found)) : reply.code(404).send({ error: 'CHARGE_UNKNOWN' });
    });
  });
}

async function addToken(
  store: CardProcessorStore,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parsed = tokenInput.safeParse(request.body);
  const behaviour = parsed.success ? behaviourOf(parsed.data.number) : null;
  if (!behaviour) return reply.code(422).send({ error: 'CARD_INVALID' });
  return reply.code(201).send({ token: await store.addToken(behaviour), testNumber: isTestNumber(parsed.data!.number) });
}

async function charge(
  { store, faults }: { store: CardProcessorStore; faults: Faults },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const key = request.headers['idempotency-key'];
  const parsed = chargeInput.safeParse(request.body);
  if (typeof key !== 'string' || key.length < 1 || key.length > KEY_MAX || !parsed.success) {
    return reply.code(400).send({ error: 'BAD_REQUEST' });
  }
  const order: ChargeRequest = { key, ...parsed.data };
  const fault = await faults.take('card');
  if (fault === 'fail') return reply.code(503).send({ error: 'UNAVAILABLE' });
  const earlier = await store.chargeByKey(key);
  if (earlier) return isSilent(earlier) ? silence(request, reply) : answer(reply, order, earlier);

  const behaviour = await store.behaviourOf(order.token);
  if (!behaviour) return reply.code(422).send({ error: 'TOKEN_UNKNOWN' });
  const plan = planCharge(fault === 'reject' ? 'decline' : behaviour, await store.countAttempt(key));
  if (plan.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, plan.delayMs));
  const done = plan.status ? await store.charge(order, plan.status, behaviour) : null;
  if (plan.answer === 'none') return silence(request, reply);
  if (plan.answer === 'error' || !done) return reply.code(500).send({ error: 'INTERNAL' });
  return answer(reply, order, done);
}

function answer(reply: FastifyReply, order: ChargeRequest, done: Charge): FastifyReply {
  const same = done.token === order.token && done.amount === order.amount && done.currency === order.currency;
  return same ? reply.send(view(done)) : reply.code(409).send({ error: 'IDEMPOTENCY_KEY_REUSED' });
}

// A late card says nothing to anybody before its notice goes out.
const isSilent = ({ behaviour, untold }: Charge): boolean => behaviour === 'late' && untold;

const view = (done: Charge) => ({
  chargeId: done.chargeId,
  status: done.status,
  amount: done.amount,
  currency: done.currency,
  returned: toldReturned(done.behaviour, done.returned, done.asked),
});

// The caller sees an open connection and nothing on it, as with a processor that hangs.
function silence(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const timer = setTimeout(() => request.raw.socket.destroy(), SILENCE_MS);
  timer.unref();
  request.raw.socket.once('close', () => clearTimeout(timer));
  return reply.hijack();
}

function cut(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}
