/** What an account at the bank does with an order. A mandate carries this and nothing else of the account. */
export type BankBehaviour =
  | 'settle' | 'slow' | 'late-answer' | 'twice' | 'cut-before' | 'cut-after' | 'closed' | 'returned' | 'silent'
  | 'statement-only' | 'out-of-order' | 'deposits' | 'unknown-account' | 'returned-later' | 'drawn-deposits';

/** Behaviours by the last two digits of the IBAN; every other account settles at once. */
const BY_ENDING: Readonly<Record<string, BankBehaviour>> = {
  '01': 'slow', '02': 'late-answer', '03': 'twice', '04': 'cut-before', '05': 'cut-after', '06': 'closed', '07': 'returned',
  '08': 'silent', '09': 'statement-only', '10': 'out-of-order', '11': 'deposits', '12': 'unknown-account',
  '13': 'returned-later', '14': 'drawn-deposits',
};

/** Writes an account's number with its two check digits (ISO 13616). */
export function ibanOf(country: string, account: string): string {
  return `${country}${String(98n - remainder(`${account}${country}00`)).padStart(2, '0')}${account}`;
}

/** Says whether the check digits of an IBAN fit the rest of it. */
export function passesMod97(iban: string): boolean {
  return /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban) && remainder(`${iban.slice(4)}${iban.slice(0, 4)}`) === 1n;
}

const remainder = (text: string): bigint => BigInt([...text].map((sign) => String(parseInt(sign, 36))).join('')) % 97n;

/** An account for each behaviour, at a bank in Germany. */
export const BANK_IBANS = Object.fromEntries(
  [['00', 'settle'] as const, ...Object.entries(BY_ENDING)].map(([ending, behaviour]) => [
    behaviour, ibanOf('DE', `3704004405320130${ending}`),
  ]),
) as Readonly<Record<BankBehaviour, string>>;

/** Gives how an account behaves, or null where the number is none. */
export function bankBehaviourOf(iban: string): BankBehaviour | null {
  return passesMod97(iban) ? (BY_ENDING[iban.slice(-2)] ?? 'settle') : null;
}

/** How an order comes in: whether the bank takes it, and what the caller gets to see. */
export interface OrderPlan {
  readonly takes: boolean;
  readonly answer: 'status' | 'late' | 'cut' | 'none';
}

/** Longer than a caller waits. */
export const LATE_MS = 6_000;

/** Decides one call with an order. `attempt` counts one key's calls: a broken connection breaks once. */
export function planOrder(behaviour: BankBehaviour, attempt: number): OrderPlan {
  if (behaviour === 'silent') return { takes: false, answer: 'none' };
  if (behaviour === 'statement-only') return { takes: true, answer: 'none' };
  if (attempt > 1) return { takes: true, answer: 'status' };
  switch (behaviour) {
    case 'late-answer':
      return { takes: true, answer: 'late' };
    case 'cut-before':
      return { takes: false, answer: 'cut' };
    case 'cut-after':
      return { takes: true, answer: 'cut' };
    default:
      return { takes: true, answer: 'status' };
  }
}

/** What happens to an order that was taken, and how long after. */
export interface OrderEvent {
  readonly status: 'SETTLED' | 'FAILED' | 'RETURNED';
  readonly afterMs: number;
  /** How often the statement delivers the booking. */
  readonly deliveries: number;
}

const event = (status: OrderEvent['status'], afterMs = 0, deliveries = 1): OrderEvent => ({ status, afterMs, deliveries });

/** Three days, as a few seconds. */
export const RETURN_MS = 4_000;
/** Three days by the sandbox's clock, which can be moved. */
export const RETURN_LATER_MS = 3 * 86_400_000;

/** Gives the life of an order that was taken, in the order in which the bank tells it. */
export function lifeOf(behaviour: BankBehaviour): readonly OrderEvent[] {
  switch (behaviour) {
    case 'slow':
      return [event('SETTLED', 3_000)];
    case 'twice':
      return [event('SETTLED', 0, 2)];
    case 'closed':
      return [event('FAILED')];
    case 'returned':
      return [event('SETTLED'), event('RETURNED', RETURN_MS)];
    case 'returned-later':
      return [event('SETTLED'), event('RETURNED', RETURN_LATER_MS)];
    case 'statement-only':
      return [event('SETTLED', 500)];
    case 'out-of-order':
      return [event('RETURNED', 500), event('SETTLED', 500)];
    case 'silent':
      return [];
    default:
      return [event('SETTLED')];
  }
}

export type OrderStatus = 'ACCEPTED' | 'SETTLED' | 'FAILED' | 'RETURNED' | 'CANCELLED';

/** What a question hears of an order; an account that tells its statuses out of order goes backwards. */
export function toldStatus(behaviour: BankBehaviour, status: OrderStatus, asked: number): OrderStatus {
  if (behaviour !== 'out-of-order' || status !== 'RETURNED') return status;
  return (['RETURNED', 'SETTLED', 'ACCEPTED'] as const)[(asked - 1) % 3]!;
}
