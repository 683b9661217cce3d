import type { LimitDefinition } from './limit.definitions.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/** A limit as it stands for a person under the lock of their counter row. */
export interface LimitState extends Pick<LimitDefinition, 'id' | 'measure' | 'window' | 'cap'> {
  /** Used in the present window; 0 for a limit on one transaction. */
  readonly used: bigint;
}

/** What a movement takes of a limit. */
export interface LimitUse {
  readonly limitId: string;
  readonly taken: bigint;
  readonly cap: bigint;
}

/** Says what a movement of `amount` takes of each limit, or which it would exceed. Limits on one transaction come first. */
export function takeLimits(limits: readonly LimitState[], amount: bigint): Outcome<{ uses: readonly LimitUse[] }> {
  const exceeded = limits.filter((limit) => limit.used + taken(limit, amount) > limit.cap);
  if (exceeded.some((limit) => limit.window === 'TRANSACTION')) {
    return refuse('LIMIT_EXCEEDED', ['input', 'amount', 'amount'], 'PER_TRANSACTION');
  }
  if (exceeded.length > 0) return refuse('LIMIT_EXCEEDED', ['input', 'amount', 'amount'], 'PER_DAY');
  const uses = limits
    .filter((limit) => limit.window === 'DAY')
    .map((limit) => ({ limitId: limit.id, taken: taken(limit, amount), cap: limit.cap }));
  return { ok: true, uses };
}

function taken(limit: LimitState, amount: bigint): bigint {
  return limit.measure === 'COUNT' ? 1n : amount;
}
