/** An active ISO 4217 alphabetic code, checked by {@link isCurrencyCode}. */
export type CurrencyCode = string & { readonly __currency: unique symbol };

// ISO 4217 active codes of circulating currencies, grouped by the number of fraction digits of the standard (list one;
// funds codes, metals, test and "no currency" codes are left out: nobody holds a wallet in them).
const ZERO = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF';
const THREE = 'BHD IQD JOD KWD LYD OMR TND';
const TWO = `
  AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
  CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
  KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
  NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
  TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG`;

const codes = (list: string): string[] => list.trim().split(/\s+/);

const DIGITS: ReadonlyMap<string, number> = new Map([
  ...codes(ZERO).map((code) => [code, 0] as const),
  ...codes(TWO).map((code) => [code, 2] as const),
  ...codes(THREE).map((code) => [code, 3] as const),
]);

/** Says whether `code` is an active ISO 4217 code, in capitals. */
export function isCurrencyCode(code: string): code is CurrencyCode {
  return DIGITS.has(code);
}

/** Gives `code` as a {@link CurrencyCode}; throws a RangeError where it is none. */
export function currencyCode(code: string): CurrencyCode {
  if (!isCurrencyCode(code)) throw new RangeError(`not an active ISO 4217 currency: ${JSON.stringify(code)}`);
  return code;
}

/** Gives the fraction digits of a currency (USD 2, JPY 0, KWD 3). */
export function fractionDigits(currency: CurrencyCode): number {
  const digits = DIGITS.get(currency);
  if (digits === undefined) throw new RangeError(`not an active ISO 4217 currency: ${JSON.stringify(currency)}`);
  return digits;
}

/** Gives all active codes, sorted. */
export function allCurrencies(): CurrencyCode[] {
  return [...DIGITS.keys()].sort() as CurrencyCode[];
}
