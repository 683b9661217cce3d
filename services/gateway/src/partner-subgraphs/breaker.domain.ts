/** So many failures in a row open the breaker. */
export const FAILURES_MAX = 5;
/** So long nobody is asked; then one request tries. */
export const OPEN_MS = 5_000;
/** A trial that nobody ended by then does not count any more. */
const TRIAL_MS = 10_000;

export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** What is known of somebody who may be away. Times are in milliseconds of one clock. */
export interface Breaker {
  readonly failures: number;
  /** Until when nobody asks; null while it is closed. */
  readonly openUntil: number | null;
  /** When the one trial began. */
  readonly trialAt: number | null;
}

export const CLOSED: Breaker = { failures: 0, openUntil: null, trialAt: null };

export function stateOf({ openUntil }: Breaker, now: number): BreakerState {
  if (openUntil === null) return 'CLOSED';
  return now < openUntil ? 'OPEN' : 'HALF_OPEN';
}

/** Says whether somebody may ask now, and what is known then: of those who come while it is half open, one. */
export function asked(breaker: Breaker, now: number): { readonly may: boolean; readonly next: Breaker } {
  const state = stateOf(breaker, now);
  if (state === 'CLOSED') return { may: true, next: breaker };
  const isTried = breaker.trialAt !== null && now - breaker.trialAt < TRIAL_MS;
  if (state === 'OPEN' || isTried) return { may: false, next: breaker };
  return { may: true, next: { ...breaker, trialAt: now } };
}

export const answered = (): Breaker => CLOSED;

/** What was asked before it opened and fails later does not make it wait longer. */
export function failed(breaker: Breaker, now: number): Breaker {
  const failures = breaker.failures + 1;
  if (breaker.openUntil === null) return failures < FAILURES_MAX ? { ...breaker, failures } : { failures, openUntil: now + OPEN_MS, trialAt: null };
  return breaker.trialAt === null ? breaker : { failures, openUntil: now + OPEN_MS, trialAt: null };
}
