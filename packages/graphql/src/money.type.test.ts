import { formatAmount, isCurrencyCode, MAX_MINOR } from '@tael/money';
import fc from 'fast-check';
import { fromMoneyInput } from './money.type';
import { Decimal } from './scalars';

const decimals = fc.tuple(fc.constantFrom('', '-'), fc.bigInt(0n, 10n ** 18n), fc.constantFrom('', '.1', '.01', '.001')).map((parts) => parts.join(''));
const amounts = fc.oneof(decimals, fc.string({ unit: 'binary', maxLength: 70 }), fc.double().map(String));
const currencies = fc.oneof(fc.constantFrom('USD', 'JPY', 'KWD', 'usd', 'XXX', '__proto__', 'constructor'), fc.string({ unit: 'binary', maxLength: 5 }));

describe('A6: an amount of the API', () => {
  it('is read as what it says, or refused by name at its own place, and never throws', () => {
    fc.assert(fc.property(amounts, currencies, (amount, currency) => {
      const read = fromMoneyInput({ amount, currency }, ['input', 'price']);
      if (read.ok) {
        expect(isCurrencyCode(currency)).toBe(true);
        expect(read.money.currency).toBe(currency);
        expect(read.money.minor >= -MAX_MINOR && read.money.minor <= MAX_MINOR).toBe(true);
        expect(Number(formatAmount(read.money.minor, read.money.currency))).toBe(Number(amount) + 0);
        return;
      }
      const at = isCurrencyCode(currency) ? 'amount' : 'currency';
      expect(read.refusals).toEqual([{ code: 'INVALID_INPUT', reason: expect.stringMatching(/^[A-Z_]+$/), field: ['input', 'price', at] }]);
    }), { numRuns: 1_000 });
  });

  it('comes as a text of at most 64 signs: all else that JSON has is no Decimal', () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.string({ minLength: 60, maxLength: 70 })), (value) => {
      if (typeof value === 'string' && value.length <= 64) expect(Decimal.parseValue(value)).toBe(value);
      else expect(() => Decimal.parseValue(value)).toThrow('Decimal');
    }));
  });
});
