import type { Money } from '@tael/money';
import type { LockedAccount } from '../ledger/account.domain';
import { type LimitState, takeLimits } from '../limits/limit.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/** What a top-up depends on, read under the wallet's lock. */
export interface TopUpState {
  /** The person's own wallet; undefined where there is none of this id. */
  readonly wallet: LockedAccount | undefined;
  readonly paymentMethodKnown: boolean;
  readonly limits: readonly LimitState[];
}

/** Says whether a top-up may be asked of the processor. */
export function decideTopUp(state: TopUpState, amount: Money): Outcome<object> {
  const { wallet, paymentMethodKnown, limits } = state;
  if (!wallet) return refuse('NOT_FOUND', ['input', 'walletId']);
  if (!paymentMethodKnown) return refuse('NOT_FOUND', ['input', 'paymentMethodId']);
  if (amount.currency !== wallet.currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  return takeLimits(limits, amount.minor);
}
