import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Faults } from '../faults';
import type { BankOrder, BankOrderRequest, BankStore } from './bank.store';
import { type BankClient, createClientCheck } from './bank-client';
import { bankBehaviourOf, LATE_MS, planOrder, toldStatus } from './bank-behaviour.domain';
import { depositsOf } from './bank-deposits';

const key = z.string().min(1).max(255);
const minor = z.string().regex(/^[1-9]\d{0,17}$/);
const mandateInput = z.object({ iban: z.string().max(34), holderName: z.string().min(1).max(200) });
const deposits = z.object({ mandateId: z.string(), currency: z.string(), amounts: z.array(minor).length(2) });
const orderInput = z.object({
  kind: z.enum(['DEBIT', 'CREDIT']), mandateId: z.string().min(1).max(200), amount: minor, currency: z.string().regex(/^[A-Z]{3}$/),
});
const page = z.object({
  after: z.string().regex(/^\d{1,18}$/).default('0'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

interface BankParts {
  readonly store: BankStore;
  readonly client: BankClient;
  readonly faults: Faults;
}

/** How long a call that gets no answer is held before its connection is cut. */
const SILENCE_MS = 60_000;
const BANK_NAME = 'Sandbox Bank';

/** A bank: mandates on accounts, orders that pull and pay by idempotency key, a statement. Every call is signed by its client. */
export function bankRoutes(server: FastifyInstance, parts: BankParts): void {
  const refusalOf = createClientCheck(parts.client);
  const { store } = parts;
  // What holders of accounts see: it is theirs, not the client's.
  server.get('/bank/deposits', async (_request, reply) => reply.send({ deposits: await store.deposits() }));
  void server.register(async (routes) => {
    // The signature is over the bytes: they are read as JSON only once it is known whose they are.
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    routes.addHook('preHandler', async (request, reply) => {
      const body = typeof request.body === 'string' ? request.body : undefined;
      const refusal = await refusalOf(request, body);
      if (refusal) return reply.code(401).send({ error: refusal });
      request.body = body === undefined ? undefined : readJson(body);
    });
    routes.post('/bank/mandates', (request, reply) => addMandate(store, request, reply));
    routes.post('/bank/mandates/confirm', (request, reply) => confirm(store, request, reply));
    routes.post('/bank/orders', (request, reply) => take(parts, request, reply));
    routes.get('/bank/orders', (request, reply) => tell(store, request, reply));
    routes.post('/bank/orders/cancel', (request, reply) => cancel(store, request, reply));
    routes.get('/bank/statement', async (request, reply) => {
      const parsed = page.safeParse(request.query);
      if (!parsed.success) return reply.code(400).send({ error: 'BAD_REQUEST' });
      return reply.send({ lines: await store.statement(parsed.data.after, parsed.data.limit) });
    });
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON fits no schema either.
    return undefined;
  }
}

async function addMandate(store: BankStore, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const parsed = mandateInput.safeParse(request.body);
  const behaviour = parsed.success ? bankBehaviourOf(parsed.data.iban) : null;
  if (!behaviour || behaviour === 'unknown-account') return reply.code(422).send({ error: 'ACCOUNT_INVALID' });
  const named = key.optional().safeParse(request.headers['idempotency-key']);
  if (!named.success) return reply.code(400).send({ error: 'BAD_REQUEST' });
  const mandate = await store.addMandate({ behaviour, verified: depositsOf(behaviour, '') === null, key: named.data });
  return reply.code(201).send({ mandateId: mandate.id, bankName: BANK_NAME, verification: mandate.verified ? 'VERIFIED' : 'DEPOSITS' });
}

async function confirm(store: BankStore, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const parsed = deposits.safeParse(request.body);
  if (!parsed.success) return reply.code(400).send({ error: 'BAD_REQUEST' });
  const { mandateId, amounts, currency } = parsed.data;
  const mandate = await store.mandate(mandateId);
  if (!mandate) return reply.code(422).send({ error: 'MANDATE_UNKNOWN' });
  const made = depositsOf(mandate.behaviour, mandateId);
  const right = made !== null && currency === made.currency && [...amounts].sort().join() === [...made.amounts].sort().join();
  if (right) await store.verify(mandateId);
  return reply.send({ verified: right });
}

async function take({ store, faults }: BankParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const named = key.safeParse(request.headers['idempotency-key']);
  const parsed = orderInput.safeParse(request.body);
  if (!named.success || !parsed.success) return reply.code(400).send({ error: 'BAD_REQUEST' });
  const order: BankOrderRequest = { key: named.data, ...parsed.data };
  const fault = await faults.take('bank');
  if (fault === 'fail') return reply.code(503).send({ error: 'UNAVAILABLE' });
  if (fault === 'reject') return reply.code(422).send({ error: 'ORDER_REFUSED' });
  const mandate = await store.mandate(order.mandateId);
  if (!mandate?.verified) return reply.code(422).send({ error: mandate ? 'MANDATE_NOT_VERIFIED' : 'MANDATE_UNKNOWN' });
  const plan = planOrder(mandate.behaviour, await store.countAttempt(order.key, mandate.behaviour));
  const taken = plan.takes ? await store.take(order, mandate.behaviour) : undefined;
  if (plan.answer === 'none') return silence(request, reply);
  if (plan.answer === 'cut') return cut(request, reply);
  if (plan.answer === 'late') await sleep(LATE_MS, undefined, { ref: false });
  if (!taken) return reply.send(CANCELLED);
  const same = taken.kind === order.kind && taken.mandateId === order.mandateId && taken.amount === order.amount
    && taken.currency === order.currency;
  if (!same) return reply.code(409).send({ error: 'IDEMPOTENCY_KEY_REUSED' });
  return reply.send(view(taken));
}

async function tell(store: BankStore, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const named = key.safeParse((request.query as { key?: unknown }).key);
  const found = named.success ? await store.order(named.data, true) : null;
  if (found === 'cancelled') return reply.send(CANCELLED);
  if (found && found.behaviour === 'statement-only') return silence(request, reply);
  if (!found && named.success && (await store.wasSilent(named.data))) return silence(request, reply);
  if (!found) return reply.code(404).send({ error: 'ORDER_UNKNOWN' });
  return reply.send(view({ ...found, status: toldStatus(found.behaviour, found.status, found.asked) }));
}

async function cancel(store: BankStore, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const parsed = z.object({ key }).safeParse(request.body);
  if (!parsed.success) return reply.code(400).send({ error: 'BAD_REQUEST' });
  const done = await store.cancel(parsed.data.key);
  return reply.send(done === 'cancelled' ? CANCELLED : view(done));
}

const CANCELLED = { status: 'CANCELLED', orderId: null, amount: null, currency: null, reason: null };

const view = ({ orderId, status, reason, amount, currency }: BankOrder) => ({ orderId, status, reason, amount, currency });

// The caller sees an open connection and nothing on it, as with a bank that hangs.
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
