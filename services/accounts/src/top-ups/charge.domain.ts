/** What the processor said of a charge; `silent` where it gave no clear answer. */
export type ChargeAnswer =
  | { readonly status: 'succeeded' | 'declined'; readonly chargeId: string }
  | { readonly status: 'refused' | 'unknown' | 'silent' };

/** How a top-up ends. */
export type ChargeVerdict =
  | { readonly end: 'SETTLED'; readonly chargeId: string }
  | { readonly end: 'FAILED'; readonly reason: 'CARD_DECLINED' | 'PROCESSOR_ERROR'; readonly chargeId: string | null };

/** What to do next about a top-up whose charge may or may not stand. */
export type ChargeStep =
  { readonly do: 'CHARGE' | 'ASK' | 'WAIT' } | { readonly do: 'BOOK'; readonly verdict: ChargeVerdict };

export interface ChargeProgress {
  /** Whether the processor was ever called for this top-up, by any worker. */
  readonly calledBefore: boolean;
  readonly ageMs: number;
  /** What this worker has asked so far, in order. */
  readonly calls: readonly { readonly call: 'CHARGE' | 'ASK'; readonly answer: ChargeAnswer }[];
}

/** So long a top-up may be charged. Later the person has long gone on: a charge would come out of the blue. */
export const CHARGE_UNTIL_MS = 5 * 60 * 1000;

/**
 * From then on a charge that the processor does not know was never made: no order went out for minutes, and one call
 * lasts seconds, so none can still be on its way.
 */
export const FORGOTTEN_AFTER_MS = 10 * 60 * 1000;

const CHARGES_MAX = 2;

/**
 * Decides the next step. An order goes out under one key for ever, so sending it again never charges twice; and nothing
 * is booked but what the processor has said. Where it stays silent the top-up stays PENDING for the next worker.
 */
export function nextStep({ calledBefore, ageMs, calls }: ChargeProgress): ChargeStep {
  const last = calls.at(-1);
  const late = ageMs >= CHARGE_UNTIL_MS;
  if (!last) return { do: calledBefore || late ? 'ASK' : 'CHARGE' };
  const { answer } = last;
  // Only the first order ever says by its refusal that nothing was charged: of a later one, an earlier may still stand.
  const refusedForGood = !calledBefore && calls.length === 1;
  switch (answer.status) {
    case 'succeeded':
      return { do: 'BOOK', verdict: { end: 'SETTLED', chargeId: answer.chargeId } };
    case 'declined':
      return { do: 'BOOK', verdict: { end: 'FAILED', reason: 'CARD_DECLINED', chargeId: answer.chargeId } };
    case 'refused':
      if (refusedForGood) return { do: 'BOOK', verdict: { end: 'FAILED', reason: 'PROCESSOR_ERROR', chargeId: null } };
      return { do: last.call === 'CHARGE' ? 'ASK' : 'WAIT' };
    case 'unknown':
      if (ageMs >= FORGOTTEN_AFTER_MS) {
        return { do: 'BOOK', verdict: { end: 'FAILED', reason: 'PROCESSOR_ERROR', chargeId: null } };
      }
      return { do: !late && calls.filter(({ call }) => call === 'CHARGE').length < CHARGES_MAX ? 'CHARGE' : 'WAIT' };
    case 'silent':
      return { do: last.call === 'CHARGE' ? 'ASK' : 'WAIT' };
  }
}
