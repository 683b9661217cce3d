/** What a notice of the card processor says that happened to a charge. */
export type NoticeType = 'charge.succeeded' | 'charge.failed' | 'charge.disputed' | 'charge.refunded';

/** What the processor answered when it was asked about the charge; `silent` where it gave no clear answer. */
export type AskedCharge = { readonly status: 'succeeded' | 'declined' | 'refused' | 'unknown' | 'silent' };

/** What the processor says of a charge, by which books are changed. */
export type ChargeWord = 'SUCCEEDED' | 'DECLINED';

/** Where a top-up stands. DECLINED: the processor said no. GIVEN_UP: it failed, and no charge of it was known. */
export type ChargeState = 'PENDING' | 'SETTLED' | 'DECLINED' | 'GIVEN_UP';

/** How a notice ends. UNCONFIRMED, UNKNOWN_CHARGE and CONTRADICTS are for a person to look at. */
export type NoticeOutcome = 'BOOKED' | 'NOTHING_NEW' | 'UNCONFIRMED' | 'UNKNOWN_CHARGE' | 'CONTRADICTS';

/** Nothing is booked: it is looked at again, or has been for long enough. */
export type Unconfirmed = { readonly do: 'AGAIN' } | { readonly do: 'END'; readonly outcome: 'UNCONFIRMED' | 'UNKNOWN_CHARGE' };

export type NoticeStep = { readonly do: 'BOOK'; readonly word: ChargeWord } | Unconfirmed;

/** So long a notice is looked at again that nothing confirms, or whose charge nobody knows: longer than a processor is ever away. */
export const LOOKED_AT_MS = 7 * 24 * 60 * 60 * 1_000;

/** Gives where a top-up stands by its row. */
export function stateOf({ status, chargeId }: { readonly status: 'PENDING' | 'SETTLED' | 'FAILED'; readonly chargeId: string | null }): ChargeState {
  if (status !== 'FAILED') return status;
  return chargeId === null ? 'GIVEN_UP' : 'DECLINED';
}

/** Whether the books have already what a notice says. Then nobody is asked: of most charges the answer to the order came first. */
export function isKnown(type: NoticeType, state: ChargeState): boolean {
  if (type === 'charge.succeeded') return state === 'SETTLED';
  return type === 'charge.failed' && state === 'DECLINED';
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
  return answer.status === 'succeeded' ? 'SUCCEEDED' : undefined;
}

const RANK: Readonly<Record<NoticeType, number>> = { 'charge.succeeded': 1, 'charge.failed': 1, 'charge.disputed': 2, 'charge.refunded': 2 };
const rankOf = (_word: ChargeWord): number => 1;

export interface ChargeTransition {
  readonly steps: readonly ('SETTLE' | 'FAIL')[];
  /** The processor takes back what it said for good: nothing is booked, and a person has to look at it. */
  readonly contradicts: boolean;
}

/**
 * What a word of the processor changes. Words come twice and in any order, and a later state is never undone: what was declined stays so, and
 * what was settled. But a charge that shows after its top-up was given up is settled, for the money was taken.
 */
export function transition(state: ChargeState, word: ChargeWord): ChargeTransition {
  const open = state === 'PENDING' || state === 'GIVEN_UP';
  if (word === 'SUCCEEDED' && open) return { steps: ['SETTLE'], contradicts: false };
  if (word === 'DECLINED' && state === 'PENDING') return { steps: ['FAIL'], contradicts: false };
  const contradicts = !open && (word === 'DECLINED') !== (state === 'DECLINED');
  return { steps: [], contradicts };
}
