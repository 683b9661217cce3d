import type { CurrencyCode } from '@tael/money';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

export type BreakStatus = 'OPEN' | 'INVESTIGATING' | 'RESOLVED' | 'WRITTEN_OFF';

export type BreakClass = 'MISSING' | 'EXTRA' | 'DIFFERENT';

/** What of the bank's bookings and the books does not fit, and what became of it. */
export interface Break {
  readonly id: string;
  readonly currency: CurrencyCode;
  readonly class: BreakClass;
  readonly reason: string | null;
  readonly reference: string;
  readonly kind: 'BOOKED' | 'RETURNED';
  readonly bookingId: string | null;
  /** By how much the bank's account is above the books because of it. */
  readonly difference: bigint;
  readonly status: BreakStatus;
  readonly assigneeId: string | null;
  readonly reconciliationId: string | null;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly explainedBy: string | null;
  readonly transactionId: string | null;
}

/** Says whether somebody may still work on a break. */
export function isOpen({ status }: Pick<Break, 'status'>): boolean {
  return status === 'OPEN' || status === 'INVESTIGATING';
}

/** Decides whether a break may be worked on. */
export function mayWorkOn(found: Pick<Break, 'status'> | undefined): Outcome<object> {
  if (!found) return refuse('NOT_FOUND', ['input', 'breakId']);
  return isOpen(found) ? { ok: true } : refuse('NOT_ALLOWED', ['input', 'breakId'], 'BREAK_CLOSED');
}

/** Decides whether a break may be resolved by what explains it: where money is between bank and books, something has to. */
export function mayResolve(found: Pick<Break, 'status' | 'difference'>, explanation: { readonly given: boolean; readonly known: boolean }): Outcome<object> {
  const open = mayWorkOn(found);
  if (!open.ok) return open;
  if (explanation.given) return explanation.known ? { ok: true } : refuse('NOT_FOUND', ['input', 'explainedBy']);
  return found.difference === 0n ? { ok: true } : refuse('NOT_ALLOWED', ['input', 'explainedBy'], 'EXPLANATION_NEEDED');
}

/** Decides whether a difference of a break may be written off: all of it, the same way, once, while it is open and no order of it is under way. */
export function mayWriteOff(
  found: Pick<Break, 'status' | 'difference' | 'currency'> | undefined, asked: { readonly difference: bigint; readonly amount: bigint; readonly currency: CurrencyCode },
  orderPending: boolean,
): Outcome<object> {
  const open = mayWorkOn(found);
  if (!open.ok) return open;
  const { difference, currency } = found!;
  if (difference === 0n) return refuse('NOT_ALLOWED', ['input', 'breakId'], 'NOTHING_TO_WRITE_OFF');
  if (orderPending) return refuse('NOT_ALLOWED', ['input', 'breakId'], 'ORDER_UNDER_WAY');
  const isTheSame = asked.difference === difference && asked.amount === sizeOf(difference) && asked.currency === currency;
  return isTheSame ? { ok: true } : refuse('NOT_ALLOWED', ['input', 'breakId'], 'BREAK_CHANGED');
}

export const sizeOf = (difference: bigint): bigint => (difference < 0n ? -difference : difference);

/** Gives what a write-off books, so that books and bank agree: what the bank has more is debited to the mirror of its account. */
export function writeOffLeg(difference: bigint): { readonly debit: 'BANK_SETTLEMENT' | 'WRITE_OFFS'; readonly credit: 'BANK_SETTLEMENT' | 'WRITE_OFFS' } {
  return difference > 0n ? { debit: 'BANK_SETTLEMENT', credit: 'WRITE_OFFS' } : { debit: 'WRITE_OFFS', credit: 'BANK_SETTLEMENT' };
}
