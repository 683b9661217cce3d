/** Why an order failed, as far as the bank says. */
export type BankFailure = 'BANK_REFUSED' | 'ACCOUNT_CLOSED' | 'CANCELLED';

/** What the bank says of an order that it knows. ACCEPTED: it is under way. */
export type BankWord =
  | { readonly status: 'ACCEPTED' | 'SETTLED' | 'RETURNED'; readonly bankOrderId: string | null }
  | { readonly status: 'FAILED'; readonly reason: BankFailure; readonly bankOrderId: string | null };

/** `refused`: the bank does not take the order at all. `unknown`: it has none under the key. */
export type BankAnswer = BankWord | { readonly status: 'refused' | 'unknown' };
