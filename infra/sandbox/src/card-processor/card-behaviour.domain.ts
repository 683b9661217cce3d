/** What a card does when it is charged. The token of a card carries this and nothing else of it. */
export type CardBehaviour =
  'accept' | 'decline' | 'slow' | 'silent-before' | 'silent-after' | 'fail-before' | 'fail-after';

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
