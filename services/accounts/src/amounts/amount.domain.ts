import type { Money } from '@tael/money';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/** Refuses an amount that cannot be moved: it must be greater than zero. */
export function checkAmount(amount: Money): Outcome<object> {
  return amount.minor > 0n ? { ok: true } : refuse('INVALID_INPUT', ['input', 'amount', 'amount'], 'NOT_POSITIVE');
}
