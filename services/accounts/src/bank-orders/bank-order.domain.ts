import type { BankAnswer, BankWord } from '../bank/bank-word.domain';

/** DEBIT pulls from a bank account into a wallet, CREDIT pays from a wallet to a bank account. */
export type OrderDirection = 'DEBIT' | 'CREDIT';

/** RETURNED: it was settled, and the money went back later. */
export type OrderStatus = 'PENDING' | 'SETTLED' | 'FAILED' | 'RETURNED';

/** What happens in the books. */
export type OrderStep = 'SETTLE' | 'FAIL' | 'RETURN';

export interface Transition {
  readonly steps: readonly OrderStep[];
  readonly to: OrderStatus;
  /** The bank takes back what it said for good: nothing is booked, and a person has to look at it. */
  readonly contradicts: boolean;
}

const stay = (status: OrderStatus): Transition => ({ steps: [], to: status, contradicts: false });

/**
 * What a word of the bank changes. Words may come twice and in any order; what was settled can only be returned. A return
 * that is heard of first books the settlement before it, so that the books are the same whichever came first.
 */
export function transition(status: OrderStatus, word: BankWord['status']): Transition {
  if (word === 'ACCEPTED') return stay(status);
  if (status === 'PENDING') {
    if (word === 'SETTLED') return { steps: ['SETTLE'], to: 'SETTLED', contradicts: false };
    if (word === 'FAILED') return { steps: ['FAIL'], to: 'FAILED', contradicts: false };
    return { steps: ['SETTLE', 'RETURN'], to: 'RETURNED', contradicts: false };
  }
  if (status === 'SETTLED' && word === 'RETURNED') return { steps: ['RETURN'], to: 'RETURNED', contradicts: false };
  const contradicts = (status === 'FAILED') !== (word === 'FAILED');
  return { ...stay(status), contradicts };
}

/** The accounts that orders move; the wallet is the person's. */
export type OrderAccount = 'WALLET' | 'FEES' | 'BANK_CLEARING' | 'BANK_SETTLEMENT' | 'BANK_RECEIVABLE';

export interface OrderPosting {
  readonly kind: 'TOP_UP' | 'TOP_UP_RETURN' | 'WITHDRAWAL' | 'WITHDRAWAL_REVERSAL' | 'BANK_SETTLEMENT' | 'BANK_RECEIVABLE';
  readonly amount: bigint;
  readonly fee: bigint;
  readonly legs: readonly { readonly debit: OrderAccount; readonly credit: OrderAccount; readonly amount: bigint }[];
}

export interface OrderedMoney {
  readonly direction: OrderDirection;
  readonly amount: bigint;
  /** Only of a CREDIT, on top of the amount. */
  readonly fee: bigint;
}

/** What leaves the wallet when a withdrawal is asked for: it is on its way, and nobody else's yet. */
export function openingOf({ amount, fee }: OrderedMoney): OrderPosting {
  const legs = [{ debit: 'WALLET', credit: 'BANK_CLEARING', amount } as const];
  return {
    kind: 'WITHDRAWAL', amount, fee, legs: fee > 0n ? [...legs, { debit: 'WALLET', credit: 'FEES', amount: fee }] : legs,
  };
}

/**
 * What a step books. `available` is what the wallet has: a top-up that is returned is taken back as far as there is, and
 * the rest is what the person owes.
 */
export function postingsOf(step: OrderStep, order: OrderedMoney, available: bigint): readonly OrderPosting[] {
  const { amount } = order;
  return order.direction === 'DEBIT' ? pulled(step, amount, available) : paid(step, order);
}

function pulled(step: OrderStep, amount: bigint, available: bigint): readonly OrderPosting[] {
  if (step === 'FAIL') return [];
  if (step === 'SETTLE') {
    return [{ kind: 'TOP_UP', amount, fee: 0n, legs: [{ debit: 'BANK_SETTLEMENT', credit: 'WALLET', amount }] }];
  }
  const taken = available < amount ? available : amount;
  const owed = amount - taken;
  return [
    ...one({ kind: 'TOP_UP_RETURN', amount: taken, fee: 0n, legs: [{ debit: 'WALLET', credit: 'BANK_SETTLEMENT', amount: taken }] }),
    ...one({ kind: 'BANK_RECEIVABLE', amount: owed, fee: 0n, legs: [{ debit: 'BANK_RECEIVABLE', credit: 'BANK_SETTLEMENT', amount: owed }] }),
  ];
}

const one = (posting: OrderPosting): OrderPosting[] => (posting.amount > 0n ? [posting] : []);

function paid(step: OrderStep, { amount, fee }: OrderedMoney): readonly OrderPosting[] {
  if (step === 'SETTLE') {
    return [{ kind: 'BANK_SETTLEMENT', amount, fee: 0n, legs: [{ debit: 'BANK_CLEARING', credit: 'BANK_SETTLEMENT', amount }] }];
  }
  const from = step === 'FAIL' ? 'BANK_CLEARING' : 'BANK_SETTLEMENT';
  const legs = [{ debit: from, credit: 'WALLET', amount } as const];
  return [{
    kind: 'WITHDRAWAL_REVERSAL', amount: amount + fee, fee: 0n,
    legs: fee > 0n ? [...legs, { debit: 'FEES', credit: 'WALLET', amount: fee }] : legs,
  }];
}

/** What to do next about an order that may or may not have reached the bank. */
export type NextStep =
  | { readonly do: 'SUBMIT' | 'ASK' | 'CANCEL' | 'WAIT' }
  | { readonly do: 'BOOK'; readonly word: BankWord };

export interface OrderProgress {
  /** Whether the bank was ever called for this order, by any worker. */
  readonly calledBefore: boolean;
  readonly ageMs: number;
  /** What this worker has asked so far, in order. */
  readonly calls: readonly { readonly call: 'SUBMIT' | 'ASK' | 'CANCEL'; readonly answer: BankAnswer | { readonly status: 'silent' } }[];
}

/** So long an order may be sent. Later it would come out of the blue: it is called off. */
export const SUBMIT_UNTIL_MS = 10 * 60 * 1000;

const SUBMITS_MAX = 2;

/**
 * Decides the next step. An order goes out under one key for ever, so sending it again never moves money twice; and nothing
 * is booked but what the bank has said. An order that the bank does not know is given up only once it has promised, by
 * calling it off, that it will never take it. Where the bank stays silent the order stays PENDING.
 */
export function nextStep({ calledBefore, ageMs, calls }: OrderProgress): NextStep {
  const last = calls.at(-1);
  const late = ageMs >= SUBMIT_UNTIL_MS;
  if (!last) return { do: calledBefore || late ? 'ASK' : 'SUBMIT' };
  const { answer, call } = last;
  switch (answer.status) {
    case 'ACCEPTED':
      return { do: 'WAIT' };
    case 'SETTLED':
    case 'FAILED':
    case 'RETURNED':
      return { do: 'BOOK', word: answer };
    case 'refused':
      // Only the first order ever says by its refusal that there is none: of a later one, an earlier may still stand.
      if (!calledBefore && calls.length === 1) {
        return { do: 'BOOK', word: { status: 'FAILED', reason: 'BANK_REFUSED', bankOrderId: null } };
      }
      return { do: call === 'SUBMIT' ? 'ASK' : 'WAIT' };
    case 'unknown':
      if (late) return { do: 'CANCEL' };
      return { do: calls.filter((made) => made.call === 'SUBMIT').length < SUBMITS_MAX ? 'SUBMIT' : 'WAIT' };
    case 'silent':
      return { do: call === 'SUBMIT' ? 'ASK' : 'WAIT' };
  }
}

const SECOND = 1_000;

/** How long until somebody looks at a pending order again: soon while it is young, in minutes once it is old. */
export function restMs(ageMs: number): number {
  return Math.min(300 * SECOND, Math.max(SECOND, Math.floor(ageMs / 4)));
}
