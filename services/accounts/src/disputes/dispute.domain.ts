import type { CurrencyCode, Money } from '@tael/money';
import { type Outcome, refuse, type Refusal } from '../outcomes/outcome.domain';
import type { Viewer } from '../transactions/transaction.domain';

export const DISPUTE_STATUSES = ['OPEN', 'CONTESTED', 'ACCEPTED', 'DECIDED', 'WITHDRAWN'] as const;
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number];

export const DISPUTE_REASONS = [
  'NOT_RECEIVED', 'NOT_AS_DESCRIBED', 'PAID_TWICE', 'WRONG_AMOUNT', 'NOT_RECOGNISED', 'REFUND_NOT_RECEIVED', 'OTHER',
] as const;
export type DisputeReason = (typeof DISPUTE_REASONS)[number];

export type Decision = 'PERSON' | 'MERCHANT';
/** Who ended a dispute: the merchant who gave in, an operator, or nobody in time. */
export type DecidedBy = 'MERCHANT' | 'OPERATOR' | 'DEADLINE';

export const DISPUTE_STEPS = ['WITHDRAW', 'ACCEPT', 'CONTEST', 'DECIDE', 'EXPIRE'] as const;
export type DisputeStep = (typeof DISPUTE_STEPS)[number];

const NEXT: Readonly<Record<DisputeStatus, Partial<Readonly<Record<DisputeStep, DisputeStatus>>>>> = {
  OPEN: { WITHDRAW: 'WITHDRAWN', ACCEPT: 'ACCEPTED', CONTEST: 'CONTESTED', EXPIRE: 'DECIDED' },
  CONTESTED: { WITHDRAW: 'WITHDRAWN', ACCEPT: 'ACCEPTED', DECIDE: 'DECIDED' },
  ACCEPTED: {},
  DECIDED: {},
  WITHDRAWN: {},
};

/** Gives the state after a step, or undefined where it cannot be done from here. */
export function stepFrom(status: DisputeStatus, step: DisputeStep): DisputeStatus | undefined {
  return NEXT[status][step];
}

/** The state that each step leads to: who asks for a step again finds the dispute there. */
const DONE: Readonly<Record<DisputeStep, DisputeStatus>> = {
  WITHDRAW: 'WITHDRAWN', ACCEPT: 'ACCEPTED', CONTEST: 'CONTESTED', DECIDE: 'DECIDED', EXPIRE: 'DECIDED',
};

export const RESPOND_DAYS = 7;
export const DISPUTABLE_DAYS = 120;
/** How often a payment may be disputed: withdrawn ones count. */
export const DISPUTES_MAX = 3;
const DAY_MS = 86_400_000;

/** Until when the merchant answers. */
export const respondBy = (openedAt: Date): Date => new Date(openedAt.getTime() + RESPOND_DAYS * DAY_MS);

/** Who stands where in a payment. */
export interface PaymentParties {
  readonly personId: string;
  readonly counterpartyId: string | null;
  readonly merchantPeople: readonly string[];
  readonly cashiers: readonly string[];
}

/** The people who answer for the merchant: its owners and managers. */
export function answering({ merchantPeople, cashiers }: Pick<PaymentParties, 'merchantPeople' | 'cashiers'>): string[] {
  return merchantPeople.filter((personId) => !cashiers.includes(personId));
}

/** Says whether somebody knows of a payment, and of what is disputed of it. */
export const maySee = ({ personId, counterpartyId, merchantPeople }: Omit<PaymentParties, 'cashiers'>, viewer: Viewer): boolean =>
  viewer.operator || personId === viewer.personId || counterpartyId === viewer.personId || merchantPeople.includes(viewer.personId);

export interface DisputedPayment extends PaymentParties {
  readonly kind: string;
  readonly currency: CurrencyCode;
  readonly recordedAt: Date;
}

const TRANSACTION = ['input', 'transactionId'];

/** Says whether somebody may dispute a transaction: the payer alone, a payment, and for 120 days. */
export function mayDispute(payment: DisputedPayment | undefined, viewer: Viewer, now: Date): Outcome<object> {
  if (!payment || !maySee(payment, viewer)) return refuse('NOT_FOUND', TRANSACTION);
  if (payment.personId !== viewer.personId || payment.kind !== 'PAYMENT') return refuse('NOT_ALLOWED', TRANSACTION);
  const isLate = now.getTime() - payment.recordedAt.getTime() > DISPUTABLE_DAYS * DAY_MS;
  return isLate ? refuse('NOT_ALLOWED', TRANSACTION, 'DISPUTE_TOO_LATE') : { ok: true };
}

/** Decides what is disputed: the given amount, or all that was not given back yet. */
export function disputedAmount(
  { currency, amount, refunded }: { currency: CurrencyCode; amount: bigint; refunded: bigint }, asked: Money | undefined,
): Outcome<{ amount: bigint }> {
  if (asked && asked.currency !== currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  const remaining = amount - refunded;
  if (remaining === 0n) return refuse('REFUND_EXCEEDS_PAYMENT', TRANSACTION);
  const disputed = asked?.minor ?? remaining;
  return disputed > remaining ? refuse('REFUND_EXCEEDS_PAYMENT', ['input', 'amount', 'amount']) : { ok: true, amount: disputed };
}

/** What is disputed, and how much of the payment had been given back by then. */
export interface DisputedShare {
  readonly amount: bigint;
  readonly refundedBefore: bigint;
}

/**
 * What a person gets back who wins: what was disputed, less what was given back since it was opened. With that it is never more
 * than the payment.
 */
export function wonAmount({ amount, refundedBefore }: DisputedShare, payment: { amount: bigint; refunded: bigint }): bigint {
  const disputed = amount - (payment.refunded - refundedBefore);
  const remaining = payment.amount - payment.refunded;
  const won = disputed < remaining ? disputed : remaining;
  return won > 0n ? won : 0n;
}

/** A dispute as its rules look at it, under its lock. */
export interface DisputeState extends Omit<PaymentParties, 'counterpartyId'> {
  readonly status: DisputeStatus;
  readonly respondBy: Date;
}

const DISPUTE = ['input', 'disputeId'];

/**
 * Decides a step. The merchant answers before the deadline, and from its instant on it is too late: of an answer and the
 * deadline exactly one holds, whoever comes first. Nobody decides a dispute that they have a part in.
 */
export function decideStep(
  dispute: DisputeState | undefined, step: Exclude<DisputeStep, 'EXPIRE'>, viewer: Viewer, now: Date,
): Outcome<{ next: DisputeStatus; repeated: boolean }> {
  if (!dispute || !maySee({ ...dispute, counterpartyId: null }, viewer)) return refuse('NOT_FOUND', DISPUTE);
  const denied = stepDenied(dispute, step, viewer);
  if (denied) return refuse('NOT_ALLOWED', DISPUTE, denied === 'ROLE' ? undefined : denied);
  if (dispute.status === DONE[step]) return { ok: true, next: dispute.status, repeated: true };
  const next = stepFrom(dispute.status, step);
  if (next === undefined) return refuse('NOT_ALLOWED', DISPUTE, 'DISPUTE_STATUS');
  const answers = step === 'ACCEPT' || step === 'CONTEST';
  if (answers && isDue(dispute, now)) return refuse('NOT_ALLOWED', DISPUTE, 'DISPUTE_OVERDUE');
  return { ok: true, next, repeated: false };
}

function stepDenied(dispute: DisputeState, step: DisputeStep, viewer: Viewer): 'ROLE' | 'OWN_DISPUTE' | undefined {
  switch (step) {
    case 'WITHDRAW':
      return dispute.personId === viewer.personId ? undefined : 'ROLE';
    case 'ACCEPT':
    case 'CONTEST':
      return answering(dispute).includes(viewer.personId) ? undefined : 'ROLE';
    default: {
      if (!viewer.operator) return 'ROLE';
      const takesPart = dispute.personId === viewer.personId || dispute.merchantPeople.includes(viewer.personId);
      return takesPart ? 'OWN_DISPUTE' : undefined;
    }
  }
}

/** Says whether a dispute is open and its deadline has come. */
export function isDue({ status, respondBy: deadline }: Pick<DisputeState, 'status' | 'respondBy'>, now: Date): boolean {
  return status === 'OPEN' && now.getTime() >= deadline.getTime();
}

export const TEXT_MAX = 2_000;

/** Refuses a text that the other side will read: 1 to 2,000 characters, no controls but line breaks and tabs. */
export function textRefusals(text: string, field: 'description' | 'evidence' | 'reason'): Refusal[] {
  const at = ['input', field];
  if (/[^\P{Cc}\n\t]|[\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u.test(text)) return [{ code: 'INVALID_INPUT', reason: 'CHARACTERS', field: at }];
  if (!/[\p{L}\p{N}]/u.test(text)) return [{ code: 'INVALID_INPUT', reason: 'EMPTY', field: at }];
  return Array.from(text).length > TEXT_MAX ? [{ code: 'INVALID_INPUT', reason: 'TOO_LONG', field: at }] : [];
}
