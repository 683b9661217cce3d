import { signRequest } from '@tael/http-signature';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { createJsonCall, type JsonAnswer, REFUSALS } from '../outside/json-call';
import { type Bank, BankUnavailable, type OrderedAmount } from './bank.port';
import type { BankFailure, BankWord } from './bank-word.domain';

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

export interface HttpBankSettings {
  readonly url: string;
  /** Signs what is sent; the bank knows its public half by the id. */
  readonly key: { readonly id: string; readonly privateKey: KeyObject };
  /** The true time in milliseconds, which the bank has too: neither that of a sandbox whose clock was moved, nor that of a process whose clock is wrong. */
  readonly now: () => number;
}

/** Makes the adapter that speaks to a bank over HTTP. Each request is signed (RFC 9421): the two share no secret. */
export function createHttpBank({ url, key, now }: HttpBankSettings): Bank {
  const call = createJsonCall({ url, authorise: (request) => signRequest(request, key, now()) }, (cause) => new BankUnavailable(cause));

  function read<T>(schema: z.ZodType<T>, answer: JsonAnswer, status = 200): T {
    const parsed = schema.safeParse(answer.body);
    if (answer.status !== status || !parsed.success) throw new BankUnavailable(new Error(`HTTP ${answer.status}`));
    return parsed.data;
  }

  return {
    async openMandate({ iban, holderName }, key) {
      const answer = await call('/bank/mandates', { key, json: { iban, holderName } });
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
