import { basisPointsOf, clamp } from '@tael/money';

/** How the fee of a payment is reckoned, from an instant until the next schedule of its currency begins. */
export interface FeeSchedule {
  readonly rateBasisPoints: number;
  readonly minimum: bigint;
  readonly maximum: bigint;
  /** When the next schedule begins, where one has been entered. */
  readonly nextFrom: Date | null;
}

/** How long a quote holds. A schedule is entered at least as long before it begins, so that a quote knows of it. */
export const QUOTE_VALIDITY_MS = 5 * 60_000;

/** How a fee is reckoned. */
export type FeeRate = Pick<FeeSchedule, 'rateBasisPoints' | 'minimum' | 'maximum'>;

/** Gives a fee: a rate, rounded half-even, kept between a minimum and a maximum. */
export function feeOf(amount: bigint, { rateBasisPoints, minimum, maximum }: FeeRate): bigint {
  return clamp(basisPointsOf(amount, rateBasisPoints), minimum, maximum);
}

/** Gives the fee of a payment before any waiver. */
export const paymentFee = feeOf;

/** The schedule that a currency starts with, by its fraction digits. */
export function seededFee(digits: number): { rateBasisPoints: number; minimum: bigint; maximum: bigint } {
  if (digits === 3) return { rateBasisPoints: 100, minimum: 50n, maximum: 2_000n };
  return { rateBasisPoints: 100, minimum: 10n, maximum: 500n };
}
