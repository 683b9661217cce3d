import { createHash } from 'node:crypto';
import type { BankBehaviour } from './bank-behaviour.domain';

export interface Deposits {
  readonly currency: string;
  /** Minor units, as text. */
  readonly amounts: readonly [string, string];
}

/** The two small deposits of every account that is verified by known ones, in cents of a euro. */
export const DEPOSITS: Deposits = { currency: 'EUR', amounts: ['32', '45'] };

/** The two small deposits of a mandate; null where the bank knows of itself whose account it is. */
export function depositsOf(behaviour: BankBehaviour, mandateId: string): Deposits | null {
  if (behaviour === 'deposits') return DEPOSITS;
  if (behaviour !== 'drawn-deposits') return null;
  // As a real bank's they are others for each mandate; drawn from its name, they need no column.
  const drawn = createHash('sha256').update(mandateId).digest();
  return { currency: 'EUR', amounts: [String(1 + (drawn.readUInt16BE(0) % 99)), String(1 + (drawn.readUInt16BE(2) % 99))] };
}
