import type { Money } from '@tael/money';
import { type PaymentMethodStatus, usable } from '../bank-accounts/bank-account.domain';
import type { LockedAccount } from '../ledger/account.domain';
import { type LimitState, takeLimits } from '../limits/limit.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/** What a top-up depends on, read under the wallet's lock. */
export interface TopUpState {
  /** The person's own wallet; undefined where there is none of this id. */
  readonly wallet: LockedAccount | undefined;
  /** The payment method, where it is the person's own. */
  readonly method: { readonly kind: string; readonly status: PaymentMethodStatus } | undefined;
  readonly limits: readonly LimitState[];
}

/** Says whether a top-up may be asked of the processor. */
export function decideTopUp(state: TopUpState, amount: Money): Outcome<object> {
  const { wallet, method, limits } = state;
  if (!wallet) return refuse('NOT_FOUND', ['input', 'walletId']);
  const chargeable = usable(method);
  if (!chargeable.ok) return chargeable;
  if (amount.currency !== wallet.currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  return takeLimits(limits, amount.minor);
}
