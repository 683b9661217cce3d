import { z } from 'zod';
import { createJsonCall, type JsonAnswer, REFUSALS } from '../outside/json-call';
import { type CardProcessor, type ChargedAmount, type ChargeResult, ProcessorUnavailable } from './card-processor.port';

const tokenised = z.object({ token: z.string().min(1).max(500), testNumber: z.boolean().nullish() });
const charged = z.object({
  status: z.enum(['succeeded', 'declined']),
  chargeId: z.string().min(1).max(200),
  amount: z.string(),
  currency: z.string(),
  // All of it: money that goes back in part is not known yet, and stays for a person to look at.
  returned: z.enum(['disputed', 'refunded']).nullish(),
});
const chargeUnknown = z.object({ error: z.literal('CHARGE_UNKNOWN') });

/** Makes the adapter that speaks to a card processor over HTTP, which knows us by the secret that it gave us. */
export function createHttpCardProcessor({ url, secret }: { readonly url: string; readonly secret: string }): CardProcessor {
  const call = createJsonCall({ url, authorise: () => ({ authorization: `Bearer ${secret}` }) }, (cause) => new ProcessorUnavailable(cause));

  const unclear = (answer: JsonAnswer) => new ProcessorUnavailable(new Error(`HTTP ${answer.status}`));

  function resultOf(answer: JsonAnswer, wanted: ChargedAmount): Exclude<ChargeResult, { status: 'unknown' }> {
    const parsed = charged.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success) throw unclear(answer);
    const { status, chargeId, amount, currency, returned } = parsed.data;
    // A charge of another amount is nobody's to guess about: it is not booked, and stays pending for a person to look at.
    if (amount !== wanted.amount.toString() || currency !== wanted.currency) throw unclear(answer);
    return { status, chargeId, returned: status === 'succeeded' ? (returned ?? null) : null };
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
      return { token: parsed.data.token, isTestNumber: parsed.data.testNumber === true };
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
