import { z } from 'zod';
import { type Bank, BankUnavailable, type OrderedAmount } from './bank.port';
import type { BankFailure, BankWord } from './bank-word.domain';

export interface HttpBankSettings {
  readonly url: string;
  readonly secret: string;
  /** How long an answer is waited for, 4 s unless told. */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const mandated = z.object({
  mandateId: z.string().min(1).max(200), bankName: z.string().min(1).max(100), verification: z.enum(['VERIFIED', 'DEPOSITS']),
});
const confirmed = z.object({ verified: z.boolean() });
const ordered = z.object({
  status: z.enum(['ACCEPTED', 'SETTLED', 'FAILED', 'RETURNED']), orderId: z.string().min(1).max(200), amount: z.string(),
  currency: z.string(), reason: z.string().nullable(),
});
const cancelled = z.object({ status: z.literal('CANCELLED'), orderId: z.string().max(200).nullable() });
const orderUnknown = z.object({ error: z.literal('ORDER_UNKNOWN') });
const integer = z.string().regex(/^-?\d{1,18}$/).transform(BigInt);
const lines = z.object({
  lines: z.array(z.object({
    position: integer, bookingId: z.string().min(1).max(200), key: z.string().max(255), kind: z.enum(['BOOKED', 'RETURNED']),
    amount: integer, currency: z.string().regex(/^[A-Z]{3}$/), bookedAt: z.iso.datetime().transform((text) => new Date(text)),
  })),
});

// Answers by which the bank says that it did not take the order; everything else that is not 200 says nothing.
const REFUSALS: ReadonlySet<number> = new Set([400, 422]);

/** Makes the adapter that speaks to a bank over HTTP. */
export function createHttpBank(settings: HttpBankSettings): Bank {
  const { url, secret, timeoutMs = 4_000 } = settings;

  async function call(path: string, init: { json?: unknown; key?: string } = {}): Promise<Answer> {
    try {
      const response = await fetch(new URL(path, url), {
        method: init.json === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${secret}`,
          ...(init.json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(init.key === undefined ? {} : { 'idempotency-key': init.key }),
        },
        ...(init.json === undefined ? {} : { body: JSON.stringify(init.json) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, body: await response.json() };
    } catch (error) {
      throw new BankUnavailable(error);
    }
  }

  function read<T>(schema: z.ZodType<T>, answer: Answer, status = 200): T {
    const parsed = schema.safeParse(answer.body);
    if (answer.status !== status || !parsed.success) throw new BankUnavailable(new Error(`HTTP ${answer.status}`));
    return parsed.data;
  }

  return {
    async openMandate({ iban, holderName }) {
      const answer = await call('/bank/mandates', { json: { iban, holderName } });
      return answer.status === 422 ? null : read(mandated, answer, 201);
    },
    async confirmMandate(mandateId, amounts, currency) {
      const json = { mandateId, amounts: amounts.map(String), currency };
      return read(confirmed, await call('/bank/mandates/confirm', { json })).verified;
    },
    async submit({ key, direction, mandateId, amount, currency }) {
      const json = { kind: direction, mandateId, amount: amount.toString(), currency };
      const answer = await call('/bank/orders', { key, json });
      return REFUSALS.has(answer.status) ? { status: 'refused' } : wordOf(read(z.union([ordered, cancelled]), answer), { amount, currency });
    },
    async status(key, wanted) {
      const answer = await call(`/bank/orders?key=${encodeURIComponent(key)}`);
      // Only the bank's own word counts: a 404 of a wrong path or of something in between knows of no orders.
      if (answer.status === 404 && orderUnknown.safeParse(answer.body).success) return { status: 'unknown' };
      return wordOf(read(z.union([ordered, cancelled]), answer), wanted);
    },
    async cancel(key, wanted) {
      return wordOf(read(z.union([ordered, cancelled]), await call('/bank/orders/cancel', { json: { key } })), wanted);
    },
    async statement(after, limit) {
      return read(lines, await call(`/bank/statement?after=${after}&limit=${limit}`)).lines;
    },
  };
}

const FAILURES: ReadonlySet<string> = new Set<BankFailure>(['ACCOUNT_CLOSED', 'CANCELLED']);

function wordOf(said: z.output<typeof ordered> | z.output<typeof cancelled>, wanted: OrderedAmount): BankWord {
  if (said.status === 'CANCELLED') return { status: 'FAILED', reason: 'CANCELLED', bankOrderId: said.orderId };
  const { status, orderId: bankOrderId, amount, currency, reason } = said;
  // An order of another amount is nobody's to guess about: it is not booked, and stays pending for a person to look at.
  if (amount !== wanted.amount.toString() || currency !== wanted.currency) {
    throw new BankUnavailable(new Error('the order under the key is of another amount'));
  }
  if (status !== 'FAILED') return { status, bankOrderId };
  return { status, reason: reason && FAILURES.has(reason) ? (reason as BankFailure) : 'BANK_REFUSED', bankOrderId };
}
