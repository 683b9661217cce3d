/** What a card does when it is charged. The token of a card carries this and nothing else of it. */
export type CardBehaviour =
  | 'accept' | 'decline' | 'slow' | 'silent-before' | 'silent-after' | 'fail-before' | 'fail-after'
  | 'late' | 'twice' | 'out-of-order' | 'disputed' | 'disputed-later' | 'refunded';

/**
 * Card numbers with a behaviour of their own. Any other number that passes the Luhn check is accepted.
 * The failing ones fail on the first call with an idempotency key and answer on the next, as after a broken connection.
 */
export const CARD_NUMBERS: Readonly<Record<string, CardBehaviour>> = {
  '4242424242424242': 'accept',
  '4000000000000002': 'decline',
  /** Takes three seconds to charge. */
  '4000000000000077': 'slow',
  /** Never answers, and has charged nothing. */
  '4000000000000127': 'silent-before',
  /** Charges, then never answers. */
  '4000000000000259': 'silent-after',
  /** Answers 500, and has charged nothing. */
  '4000000000000341': 'fail-before',
  /** Charges, then answers 500. */
  '4000000000000119': 'fail-after',
  /** Charges, and answers nobody, whether they order or ask, for six seconds: then a notice tells. */
  '4000000000000036': 'late',
  /** Each notice arrives twice, in the same moment. */
  '4000000000000044': 'twice',
  /** Taken back at once, and told out of order: that it is taken back before that it succeeded; questions hear either in turn. */
  '4000000000000051': 'out-of-order',
  /** The holder disputes it four seconds later ("three days"), and the money goes back. */
  '4000000000000069': 'disputed',
  /** The same three days later by the clock. */
  '4000000000000085': 'disputed-later',
  /** The processor gives it back four seconds later. */
  '4000000000000093': 'refunded',
};

/** Says whether the last digit of a card number fits the others (ISO/IEC 7812-1, the Luhn formula). */
export function passesLuhn(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false;
  const sum = [...number].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** Gives how a card behaves, or null where the number is none. */
export function behaviourOf(number: string): CardBehaviour | null {
  if (!passesLuhn(number)) return null;
  return CARD_NUMBERS[number] ?? 'accept';
}

/** Says whether a number is one of the list: everybody may use those, so that they say nothing of who uses them. */
export const isTestNumber = (number: string): boolean => Object.hasOwn(CARD_NUMBERS, number);

export interface ChargePlan {
  readonly delayMs: number;
  /** What is charged, or null where the call breaks before. */
  readonly status: 'succeeded' | 'declined' | null;
  readonly answer: 'result' | 'error' | 'none';
}

/** Decides one call: what happens to the money, and what the caller gets to see. `attempt` counts one key's calls. */
export function planCharge(behaviour: CardBehaviour, attempt: number): ChargePlan {
  const charged: ChargePlan = { delayMs: 0, status: 'succeeded', answer: 'result' };
  if (behaviour === 'decline') return { ...charged, status: 'declined' };
  if (behaviour === 'slow') return { ...charged, delayMs: 3_000 };
  if (behaviour === 'late') return { ...charged, answer: 'none' };
  if (attempt > 1) return charged;
  switch (behaviour) {
    case 'silent-before':
      return { ...charged, status: null, answer: 'none' };
    case 'silent-after':
      return { ...charged, answer: 'none' };
    case 'fail-before':
      return { ...charged, status: null, answer: 'error' };
    case 'fail-after':
      return { ...charged, answer: 'error' };
    default:
      return charged;
  }
}

/** Why money of a charge went back to the card: its holder said no to it, or the processor gave it back. */
export type Returned = 'disputed' | 'refunded';

/** What a notice is about. */
export type NoticeType = 'charge.succeeded' | 'charge.failed' | 'charge.disputed' | 'charge.refunded';

/** A notice of a charge: after how long, and how often it is sent at once. */
export interface ChargeNotice {
  readonly type: NoticeType;
  readonly afterMs: number;
  readonly deliveries: number;
}

/** So long a late card is silent. */
export const LATE_MS = 6_000;
/** Three days, as a few seconds. */
export const RETURN_MS = 4_000;
/** Three days by the sandbox's clock, which can be moved. */
export const RETURN_LATER_MS = 3 * 86_400_000;

const notice = (type: NoticeType, afterMs = 0, deliveries = 1): ChargeNotice => ({ type, afterMs, deliveries });

/** Gives the notices of a charge, in the order in which they are sent. */
export function noticesOf(behaviour: CardBehaviour, status: 'succeeded' | 'declined'): readonly ChargeNotice[] {
  if (status === 'declined') return [notice('charge.failed')];
  switch (behaviour) {
    case 'late':
      return [notice('charge.succeeded', LATE_MS)];
    case 'twice':
      return [notice('charge.succeeded', 0, 2)];
    case 'out-of-order':
      return [notice('charge.disputed', 500), notice('charge.succeeded', 500)];
    case 'disputed':
      return [notice('charge.succeeded'), notice('charge.disputed', RETURN_MS)];
    case 'disputed-later':
      return [notice('charge.succeeded'), notice('charge.disputed', RETURN_LATER_MS)];
    case 'refunded':
      return [notice('charge.succeeded'), notice('charge.refunded', RETURN_MS)];
    default:
      return [notice('charge.succeeded')];
  }
}

/** What became of the money by the time that a notice is sent; null where it stays. */
export function returnedBy(type: NoticeType): Returned | null {
  if (type === 'charge.disputed') return 'disputed';
  return type === 'charge.refunded' ? 'refunded' : null;
}

/** What a question hears of the money; a card that tells out of order goes back every other time. */
export function toldReturned(behaviour: CardBehaviour, returned: Returned | null, asked: number): Returned | null {
  return behaviour === 'out-of-order' && asked % 2 === 0 ? null : returned;
}
