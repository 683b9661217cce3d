import { allCurrencies, type CurrencyCode, fractionDigits } from '@tael/money';

/** What limits count. A top-up is bounded by itself alone: what comes in is bounded again when it goes out. */
export type LimitedKind = 'PAYMENT' | 'TRANSFER' | 'TOP_UP' | 'WITHDRAWAL';

/** A bound on what one person may move. Days are those of UTC, so that a move to another time zone opens no second day. */
export interface LimitDefinition {
  readonly id: string;
  /** Null: over all currencies. */
  readonly currency: CurrencyCode | null;
  readonly kinds: readonly LimitedKind[];
  readonly measure: 'AMOUNT' | 'COUNT';
  readonly window: 'TRANSACTION' | 'DAY';
  readonly cap: bigint;
}

const KINDS = ['PAYMENT', 'TRANSFER'] as const;

// 10,000.00 of a currency with two digits; as many smallest units where there are none (a yen is about a cent), and
// 10,000.000 where there are three.
function perTransaction(currency: CurrencyCode): bigint {
  return fractionDigits(currency) === 3 ? 10_000_000n : 1_000_000n;
}

/** What a cashier may give back of one payment, in all their refunds of it together: 200.00 of a currency with two digits. */
export function seededCashierLimits(): (Omit<LimitDefinition, 'kinds'> & { kinds: readonly ['CASHIER_REFUND'] })[] {
  return allCurrencies().map((currency) => ({
    id: `cashier-refund-${currency}`, currency, kinds: ['CASHIER_REFUND'], measure: 'AMOUNT', window: 'TRANSACTION',
    cap: perTransaction(currency) / 50n,
  }));
}

/** What a cashier may give back in a day, of whichever payments: 2,000.00 of a currency with two digits, ten times what they may of one. */
export function seededCashierDayLimits(): (Omit<LimitDefinition, 'kinds'> & { kinds: readonly ['CASHIER_REFUND_DAY'] })[] {
  return allCurrencies().map((currency) => ({
    id: `cashier-refund-day-${currency}`, currency, kinds: ['CASHIER_REFUND_DAY'], measure: 'AMOUNT', window: 'DAY', cap: perTransaction(currency) / 5n,
  }));
}

/**
 * What a merchant may owe after its people gave something back: 1,000.00 of a currency with two digits. Up to it a shop may give back what was paid
 * out already; beyond it an operator does.
 */
export function seededMerchantOwingLimits(): (Omit<LimitDefinition, 'kinds'> & { kinds: readonly ['MERCHANT_OWING'] })[] {
  return allCurrencies().map((currency) => ({
    id: `merchant-owing-${currency}`, currency, kinds: ['MERCHANT_OWING'], measure: 'AMOUNT', window: 'TRANSACTION', cap: perTransaction(currency) / 10n,
  }));
}

/** The limits that Tael starts with, as rows of data. */
export function seededLimits(): LimitDefinition[] {
  const amounts = allCurrencies().flatMap((currency): LimitDefinition[] => [
    { id: `transaction-amount-${currency}`, currency, kinds: KINDS, measure: 'AMOUNT', window: 'TRANSACTION', cap: perTransaction(currency) },
    { id: `day-amount-${currency}`, currency, kinds: KINDS, measure: 'AMOUNT', window: 'DAY', cap: 10n * perTransaction(currency) },
    {
      id: `top-up-amount-${currency}`, currency, kinds: ['TOP_UP'], measure: 'AMOUNT', window: 'TRANSACTION',
      cap: 10n * perTransaction(currency),
    },
  ]);
  return [...amounts, { id: 'day-count', currency: null, kinds: KINDS, measure: 'COUNT', window: 'DAY', cap: 1_000n }];
}
