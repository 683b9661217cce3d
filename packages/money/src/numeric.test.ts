import { allCurrencies, type CurrencyCode, currencyCode } from './currency';
import { currencyOfNumeric, numericCode } from './numeric';

describe('numeric codes', () => {
  it.each([['USD', '840'], ['EUR', '978'], ['JPY', '392'], ['CNY', '156'], ['ALL', '008'], ['KWD', '414'], ['XCG', '532']])(
    '%s is %s', (code, numeric) => {
      expect(numericCode(currencyCode(code))).toBe(numeric);
      expect(currencyOfNumeric(numeric)).toBe(code);
    },
  );
  it('has one of three digits for each currency, and none twice', () => {
    const numerics = allCurrencies().map(numericCode);
    expect(numerics.filter((numeric) => !/^\d{3}$/.test(numeric))).toEqual([]);
    expect(new Set(numerics).size).toBe(allCurrencies().length);
    expect(numerics.map(currencyOfNumeric)).toEqual(allCurrencies());
  });
  it.each(['999', '000', '84', '8400', '', 'USD', '__proto__'])('%j is no currency', (numeric) => {
    expect(currencyOfNumeric(numeric)).toBeUndefined();
  });
  it('refuses a currency that is none', () => {
    expect(() => numericCode('XXX' as CurrencyCode)).toThrow(new RangeError('not an active ISO 4217 currency: "XXX"'));
  });
});
