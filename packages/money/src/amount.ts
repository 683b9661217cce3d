import { type CurrencyCode, fractionDigits } from './currency';
import { magnitude } from './rounding';

/** An amount in minor units (cents of USD, whole JPY) and its currency. */
export interface Money {
  readonly minor: bigint;
  readonly currency: CurrencyCode;
}

/** The largest amount that Tael takes in or books at once: 10^15 minor units, so that sums stay inside a bigint column. */
export const MAX_MINOR = 1_000_000_000_000_000n;

export type AmountFault = 'NOT_A_DECIMAL' | 'TOO_MANY_FRACTION_DIGITS' | 'TOO_LARGE';

export type ParsedAmount = { ok: true; minor: bigint } | { ok: false; fault: AmountFault };

const DECIMAL = /^(-?)(0|[1-9]\d{0,30})(?:\.(\d{1,30}))?$/;

/** Says whether `text` is a plain decimal: ASCII digits, an optional minus and fraction; no exponent, plus or blanks. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/**
 * Reads a decimal string as minor units of `currency`. Negative values are read too: whether they are allowed is the
 * caller's rule. More fraction digits than the currency has are a fault, also where they are zeros.
 */
export function parseAmount(text: string, currency: CurrencyCode): ParsedAmount {
  const match = DECIMAL.exec(text);
  if (!match) return { ok: false, fault: 'NOT_A_DECIMAL' };
  const [, sign, whole = '', fraction = ''] = match;
  const digits = fractionDigits(currency);
  if (fraction.length > digits) return { ok: false, fault: 'TOO_MANY_FRACTION_DIGITS' };
  const unsigned = BigInt(whole + fraction.padEnd(digits, '0'));
  if (unsigned > MAX_MINOR) return { ok: false, fault: 'TOO_LARGE' };
  return { ok: true, minor: sign ? -unsigned : unsigned };
}

/** Writes minor units as a decimal string with all the currency's fraction digits: 1250n USD is "12.50". */
export function formatAmount(minor: bigint, currency: CurrencyCode): string {
  const digits = fractionDigits(currency);
  const sign = minor < 0n ? '-' : '';
  const text = magnitude(minor).toString().padStart(digits + 1, '0');
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
