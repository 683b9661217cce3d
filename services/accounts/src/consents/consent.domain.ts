import type { ConsentsEndCause } from './consent-order.domain';

/** The longest that a consent may stand, in days of 24 hours; and how long it does where the bank does not say. */
export const CONSENT_DAYS_MAX = 90;

const DAY_MS = 24 * 60 * 60 * 1_000;

export type ConsentStatus = 'ACTIVE' | 'WITHDRAWN' | 'EXPIRED';

/** Why an operator ends a consent. */
export type ConsentEndCause = 'PERSON_REQUEST' | 'BANK_COMPROMISED' | 'MISUSE' | 'OTHER';

/** Who ended a consent before its time: its person, its code that came back a second time, or an operator and why. */
export type ConsentEnding = { readonly who: 'PERSON' | 'CODE_REUSED' } | { readonly who: 'OPERATOR'; readonly cause: ConsentEndCause | ConsentsEndCause };

/** Reads for how many days a bank asks; undefined where that is none of 1 to 90. */
export function consentDays(given: string | undefined): number | undefined {
  if (given === undefined) return CONSENT_DAYS_MAX;
  if (!/^[1-9]\d?$/.test(given)) return undefined;
  const days = Number(given);
  return days <= CONSENT_DAYS_MAX ? days : undefined;
}

/** Gives when a consent ends by itself. */
export function consentEnd(givenAt: Date, days: number): Date {
  return new Date(givenAt.getTime() + days * DAY_MS);
}

/** Says how a consent stands. What was withdrawn stays so, also once its time is over. */
export function consentStatus({ expiresAt, withdrawnAt }: { expiresAt: Date; withdrawnAt: Date | null }, now: Date): ConsentStatus {
  if (withdrawnAt) return 'WITHDRAWN';
  return expiresAt <= now ? 'EXPIRED' : 'ACTIVE';
}
