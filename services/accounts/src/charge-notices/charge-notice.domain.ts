import type { ChargeBackReason } from '../charge-backs/charge-back.domain';

/** What a notice of the card processor says that happened to a charge. */
export type NoticeType = 'charge.succeeded' | 'charge.failed' | 'charge.disputed' | 'charge.refunded';

/** What the processor answered when it was asked about the charge; `silent` where it gave no clear answer. */
export type AskedCharge =
  | { readonly status: 'succeeded' | 'declined'; readonly returned: 'disputed' | 'refunded' | null }
  | { readonly status: 'refused' | 'unknown' | 'silent' };

/** What the processor says of a charge, by which books are changed. */
export type ChargeWord = 'SUCCEEDED' | 'DECLINED' | ChargeBackReason;

/** Where a top-up stands. DECLINED: the processor said no. GIVEN_UP: it failed, and no charge of it was known. RETURNED: it went back to its card. */
export type ChargeState = 'PENDING' | 'SETTLED' | 'DECLINED' | 'GIVEN_UP' | 'RETURNED';

/** How a notice ends. UNCONFIRMED, UNKNOWN_CHARGE and CONTRADICTS are for a person to look at. */
export type NoticeOutcome = 'BOOKED' | 'NOTHING_NEW' | 'UNCONFIRMED' | 'UNKNOWN_CHARGE' | 'CONTRADICTS';

/** Nothing is booked: it is looked at again, or has been for long enough. */
export type Unconfirmed = { readonly do: 'AGAIN' } | { readonly do: 'END'; readonly outcome: 'UNCONFIRMED' | 'UNKNOWN_CHARGE' };

export type NoticeStep = { readonly do: 'BOOK'; readonly word: ChargeWord } | Unconfirmed;

/** So long a notice is looked at again that nothing confirms, or whose charge nobody knows: longer than a processor is ever away. */
export const LOOKED_AT_MS = 7 * 24 * 60 * 60 * 1_000;

/** What a top-up's row says of its charge. */
export interface ChargedTopUp {
  readonly status: 'PENDING' | 'SETTLED' | 'FAILED';
  readonly chargeId: string | null;
  readonly returnedAt: Date | null;
}

/** Gives where a top-up stands by its row. */
export function stateOf({ status, chargeId, returnedAt }: ChargedTopUp): ChargeState {
  if (returnedAt) return 'RETURNED';
  if (status !== 'FAILED') return status;
  return chargeId === null ? 'GIVEN_UP' : 'DECLINED';
}

/** Whether the books have already what a notice says. Then nobody is asked: of most charges the answer to the order came first. */
export function isKnown(type: NoticeType, state: ChargeState): boolean {
  if (type === 'charge.succeeded') return state === 'SETTLED' || state === 'RETURNED';
  return state === (type === 'charge.failed' ? 'DECLINED' : 'RETURNED');
}

/**
 * Decides what comes of a notice by what the processor answers, which alone is booked. An answer that does not know yet what the notice says
 * is an old one, and asked for again.
 */
export function decideNotice(type: NoticeType, answer: AskedCharge, ageMs: number): NoticeStep {
  const word = wordOf(answer);
  if (word && rankOf(word) >= RANK[type]) return { do: 'BOOK', word };
  return again(ageMs, 'UNCONFIRMED');
}

/** What comes of a notice whose charge nobody knows: it may be ahead of us, as after a restore. */
export const decideUnknown = (ageMs: number): Unconfirmed => again(ageMs, 'UNKNOWN_CHARGE');

function again(ageMs: number, outcome: 'UNCONFIRMED' | 'UNKNOWN_CHARGE'): Unconfirmed {
  return ageMs < LOOKED_AT_MS ? { do: 'AGAIN' } : { do: 'END', outcome };
}

function wordOf(answer: AskedCharge): ChargeWord | undefined {
  if (answer.status === 'declined') return 'DECLINED';
  if (answer.status !== 'succeeded') return undefined;
  if (answer.returned === null) return 'SUCCEEDED';
  return answer.returned === 'disputed' ? 'DISPUTED' : 'REFUNDED';
}

const RANK: Readonly<Record<NoticeType, number>> = { 'charge.succeeded': 1, 'charge.failed': 1, 'charge.disputed': 2, 'charge.refunded': 2 };
const isReturn = (word: ChargeWord): word is ChargeBackReason => word === 'DISPUTED' || word === 'REFUNDED';
const rankOf = (word: ChargeWord): number => (isReturn(word) ? 2 : 1);

export interface ChargeTransition {
  readonly steps: readonly ('SETTLE' | 'FAIL' | 'RETURN')[];
  /** The processor takes back what it said for good: nothing is booked, and a person has to look at it. */
  readonly contradicts: boolean;
}

/**
 * What a word of the processor changes. Words come twice and in any order, and a later state is never undone: what was declined stays so, what
 * was settled can only go back, and what went back stays so. That it went back, heard of first, books the settlement before it. A charge that
 * shows after its top-up was given up is settled, for the money was taken.
 */
export function transition(state: ChargeState, word: ChargeWord): ChargeTransition {
  const open = state === 'PENDING' || state === 'GIVEN_UP';
  if (word === 'SUCCEEDED' && open) return { steps: ['SETTLE'], contradicts: false };
  if (isReturn(word) && open) return { steps: ['SETTLE', 'RETURN'], contradicts: false };
  if (isReturn(word) && state === 'SETTLED') return { steps: ['RETURN'], contradicts: false };
  if (word === 'DECLINED' && state === 'PENDING') return { steps: ['FAIL'], contradicts: false };
  const contradicts = !open && (word === 'DECLINED') !== (state === 'DECLINED');
  return { steps: [], contradicts };
}
