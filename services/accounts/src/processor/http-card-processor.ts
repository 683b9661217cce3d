import { z } from 'zod';
import { type CardProcessor, type ChargedAmount, type ChargeResult, ProcessorUnavailable } from './card-processor.port';

export interface HttpCardProcessorSettings {
  readonly url: string;
  readonly secret: string;
  /** How long an answer is waited for, 4 s unless told. */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const tokenised = z.object({ token: z.string().min(1).max(500) });
const charged = z.object({
  status: z.enum(['succeeded', 'declined']),
  chargeId: z.string().min(1).max(200),
  amount: z.string(),
  currency: z.string(),
});
const chargeUnknown = z.object({ error: z.literal('CHARGE_UNKNOWN') });

// Answers by which the processor says that it did not take the order; everything else that is not 200 says nothing.
const REFUSALS: ReadonlySet<number> = new Set([400, 422]);

/** Makes the adapter that speaks to a card processor over HTTP. */
export function createHttpCardProcessor(settings: HttpCardProcessorSettings): CardProcessor {
  const { url, secret, timeoutMs = 4_000 } = settings;

  async function call(path: string, init: { json?: unknown; key?: string }): Promise<Answer> {
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
      throw new ProcessorUnavailable(error);
    }
  }

  const unclear = (answer: Answer) => new ProcessorUnavailable(new Error(`HTTP ${answer.status}`));

  function resultOf(answer: Answer, wanted: ChargedAmount): Exclude<ChargeResult, { status: 'unknown' }> {
    const parsed = charged.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success) throw unclear(answer);
    const { status, chargeId, amount, currency } = parsed.data;
    // A charge of another amount is nobody's to guess about: it is not booked, and stays pending for a person to look at.
    if (amount !== wanted.amount.toString() || currency !== wanted.currency) throw unclear(answer);
    return { status, chargeId };
  }

  return {
    async tokenise(card) {
      const { number, expiryMonth, expiryYear, securityCode, holderName } = card;
      const answer = await call('/processor/tokens', {
        json: { number, expiryMonth, expiryYear, securityCode, holderName },
      });
      if (answer.status === 422) return null;
      const parsed = tokenised.safeParse(answer.body);
      if (answer.status !== 201 || !parsed.success) throw unclear(answer);
      return parsed.data.token;
    },
    async charge({ key, token, amount, currency }) {
      const answer = await call('/processor/charges', { key, json: { token, amount: amount.toString(), currency } });
      return REFUSALS.has(answer.status) ? { status: 'refused' } : resultOf(answer, { amount, currency });
    },
    async chargeByKey(key, wanted) {
      const answer = await call(`/processor/charges?key=${encodeURIComponent(key)}`, {});
      // Only the processor's own word counts: a 404 of a wrong path or of something in between knows of no charges.
      const unknown = answer.status === 404 && chargeUnknown.safeParse(answer.body).success;
      return unknown ? { status: 'unknown' } : resultOf(answer, wanted);
    },
  };
}
