import { formatAmount, type Money } from '@tael/money';

export const LIFE_MIN_S = 60;
export const LIFE_MAX_S = 86_400;
export const LIFE_S = 900;
/** What the specification of the codes has room for. */
const AMOUNT_LENGTH_MAX = 13;
const REFERENCE = /^[\x20-\x7e]{1,25}$/;

export interface PaymentCodeCommand {
  readonly amount: Money;
  readonly reference: string | undefined;
  readonly expiresInSeconds: number;
}

/** What a code depends on. */
export interface CodeShop {
  readonly currency: string;
  readonly merchantStatus: 'PENDING' | 'ACTIVE' | 'SUSPENDED';
  readonly storeStatus: 'OPEN' | 'CLOSED';
}

export interface CodeRefusal {
  readonly code: 'INVALID_INPUT' | 'CURRENCY_MISMATCH' | 'MERCHANT_NOT_ACTIVE' | 'NOT_ALLOWED';
  readonly reason?: string;
  readonly field: readonly string[];
}

/** Gives all that stands against a code for one payment; nothing where it can be made. */
export function codeRefusals({ amount, reference, expiresInSeconds }: PaymentCodeCommand, shop: CodeShop): CodeRefusal[] {
  const field = (...path: string[]): string[] => ['input', ...path];
  const refusals: CodeRefusal[] = [];
  if (shop.merchantStatus !== 'ACTIVE') refusals.push({ code: 'MERCHANT_NOT_ACTIVE', field: field('storeId') });
  if (shop.storeStatus !== 'OPEN') refusals.push({ code: 'NOT_ALLOWED', reason: 'STORE_CLOSED', field: field('storeId') });
  if (amount.currency !== shop.currency) refusals.push({ code: 'CURRENCY_MISMATCH', reason: 'MERCHANT', field: field('amount', 'currency') });
  if (amount.minor <= 0n) refusals.push({ code: 'INVALID_INPUT', reason: 'NOT_POSITIVE', field: field('amount', 'amount') });
  if (formatAmount(amount.minor, amount.currency).length > AMOUNT_LENGTH_MAX) {
    refusals.push({ code: 'INVALID_INPUT', reason: 'TOO_LARGE', field: field('amount', 'amount') });
  }
  if (reference !== undefined && !REFERENCE.test(reference)) refusals.push({ code: 'INVALID_INPUT', reason: 'REFERENCE', field: field('reference') });
  if (expiresInSeconds < LIFE_MIN_S || expiresInSeconds > LIFE_MAX_S) {
    refusals.push({ code: 'INVALID_INPUT', reason: 'OUT_OF_RANGE', field: field('expiresInSeconds') });
  }
  return refusals;
}
