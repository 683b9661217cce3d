import fc from 'fast-check';
import { allCurrencies, type CurrencyCode, currencyCode, fractionDigits, isCurrencyCode } from './currency';
import { formatAmount, isDecimal, MAX_MINOR, parseAmount } from './amount';
import { allocate, basisPointsOf, clamp, divideHalfEven, least, proportionOf } from './rounding';

const USD = currencyCode('USD');
const JPY = currencyCode('JPY');
const KWD = currencyCode('KWD');

describe('currencies', () => {
  it.each([['USD', 2], ['JPY', 0], ['KWD', 3], ['CNY', 2], ['CLP', 0]])('%s has %i fraction digits', (code, digits) => {
    expect(fractionDigits(currencyCode(code))).toBe(digits);
  });
  it.each(['usd', 'XXX', 'XAU', '', 'US', 'DEM', '__proto__', 'toString'])('%j is no currency', (code) => {
    expect(isCurrencyCode(code)).toBe(false);
    const refusal = new RangeError(`not an active ISO 4217 currency: ${JSON.stringify(code)}`);
    expect(() => currencyCode(code)).toThrow(refusal);
    expect(() => fractionDigits(code as CurrencyCode)).toThrow(refusal);
  });
  it('lists every code once', () => {
    expect(new Set(allCurrencies()).size).toBe(allCurrencies().length);
  });
});

describe('parseAmount', () => {
  it.each([
    ['12.50', USD, 1250n], ['12.5', USD, 1250n], ['0', USD, 0n], ['-0.01', USD, -1n], ['500', JPY, 500n],
    ['1.234', KWD, 1234n], ['10000000000000.00', USD, MAX_MINOR],
  ])('%s %s is %s minor units', (text, currency, minor) => {
    expect(parseAmount(text, currency)).toEqual({ ok: true, minor });
  });
  it.each([
    ['', 'NOT_A_DECIMAL'], [' 1', 'NOT_A_DECIMAL'], ['1e3', 'NOT_A_DECIMAL'], ['NaN', 'NOT_A_DECIMAL'],
    ['+1', 'NOT_A_DECIMAL'], ['01', 'NOT_A_DECIMAL'], ['.5', 'NOT_A_DECIMAL'], ['5.', 'NOT_A_DECIMAL'],
    ['١٢', 'NOT_A_DECIMAL'], ['1,000', 'NOT_A_DECIMAL'], ['0x10', 'NOT_A_DECIMAL'], ['1\n', 'NOT_A_DECIMAL'],
    ['1.001', 'TOO_MANY_FRACTION_DIGITS'], ['1.000', 'TOO_MANY_FRACTION_DIGITS'],
    ['10000000000000.01', 'TOO_LARGE'], ['12345678901234567890123456', 'TOO_LARGE'],
  ])('%j is refused as %s', (text, fault) => {
    expect(parseAmount(text, USD)).toEqual({ ok: false, fault });
  });
  it('reads back what formatAmount wrote, in every currency', () => {
    fc.assert(
      fc.property(fc.constantFrom(...allCurrencies()), fc.bigInt(-MAX_MINOR, MAX_MINOR), (currency, minor) => {
        expect(parseAmount(formatAmount(minor, currency), currency)).toEqual({ ok: true, minor });
      }),
    );
  });
});

describe('A6: parseAmount, whatever it is given', () => {
  const currency = fc.constantFrom(...allCurrencies());
  const fromUnits = (unit: fc.Arbitrary<string>) => fc.array(unit, { maxLength: 40 }).map((units) => units.join(''));
  // Text of any kind, text of what numbers are written with, and numbers with something in them that no number has.
  const digitsAndMarks = fromUnits(fc.constantFrom(...'0123456789.-+eE,_ xn'.split(''), '\u0661', '\uff11', '\u2212', '\u00a0', '\n', '\0'));
  const decimal = fc.tuple(fc.constantFrom('', '-'), fc.bigInt(0n, 10n ** 20n), fc.option(fc.nat(9_999_999)))
    .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`);
  const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), digitsAndMarks, decimal, fc.double().map(String));

  it('reads it as the very number that it says, to the last digit, or refuses it', () => {
    fc.assert(fc.property(anyText, currency, (text, code) => {
      const parsed = parseAmount(text, code);
      if (!parsed.ok) {
        expect(['NOT_A_DECIMAL', 'TOO_MANY_FRACTION_DIGITS', 'TOO_LARGE']).toContain(parsed.fault);
        return;
      }
      expect(/^-?[0-9]+(\.[0-9]+)?$/.test(text)).toBe(true);
      expect(parsed.minor >= -MAX_MINOR && parsed.minor <= MAX_MINOR).toBe(true);
      const [whole, fraction = ''] = text.split('.');
      const digits = fractionDigits(code);
      const padded = digits === 0 ? whole! : `${whole}.${fraction.padEnd(digits, '0')}`;
      expect(formatAmount(parsed.minor, code)).toBe(parsed.minor === 0n ? padded.replace('-', '') : padded);
    }), { numRuns: 2_000 });
  });

  it('refuses a good number with one sign more that numbers do not have', () => {
    const stranger = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((unit) => !/^[0-9.-]$/.test(unit));
    fc.assert(fc.property(fc.bigInt(-MAX_MINOR, MAX_MINOR), stranger, fc.nat(), (minor, unit, place) => {
      const text = formatAmount(minor, USD);
      const at = place % (text.length + 1);
      expect(parseAmount(text.slice(0, at) + unit + text.slice(at), USD)).toEqual({ ok: false, fault: 'NOT_A_DECIMAL' });
    }));
  });

  it('refuses all that is larger than is booked at once', () => {
    fc.assert(fc.property(fc.bigInt(MAX_MINOR + 1n, 10n ** 30n), fc.boolean(), currency, (size, below, code) => {
      expect(parseAmount(formatAmount(below ? -size : size, code), code)).toEqual({ ok: false, fault: 'TOO_LARGE' });
    }));
  });
});

it.each([
  [0n, USD, '0.00'], [0n, JPY, '0'], [-0n, KWD, '0.000'], [-1n, USD, '-0.01'], [5n, KWD, '0.005'], [-1n, JPY, '-1'], [1250n, USD, '12.50'],
])('%s minor units of %s are written %s', (minor, currency, text) => {
  expect(formatAmount(minor, currency)).toBe(text);
});

it.each([['0', true], ['-12.50', true], ['1.', false], ['1e3', false], ['', false]])('%j is a decimal: %s', (text, is) => {
  expect(isDecimal(text)).toBe(is);
});

describe('rounding', () => {
  it.each([
    [5n, 10n, 0n], [15n, 10n, 2n], [25n, 10n, 2n], [-5n, 10n, 0n], [-15n, 10n, -2n], [7n, 2n, 4n], [1n, 3n, 0n],
    [2n, 3n, 1n], [15n, -10n, -2n],
  ])('%s / %s rounds half-even to %s', (a, b, expected) => {
    expect(divideHalfEven(a, b)).toBe(expected);
  });
  it('refuses to divide by zero', () => {
    expect(() => divideHalfEven(1n, 0n)).toThrow(new RangeError('division by zero'));
    expect(() => proportionOf(1n, 1n, 0n)).toThrow(new RangeError('division by zero'));
  });
  it('A7: is never further than half a unit from the exact quotient', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt().filter((d) => d !== 0n), (a, b) => {
        const off = a - divideHalfEven(a, b) * b;
        const size = off < 0n ? -off : off;
        expect(size * 2n <= (b < 0n ? -b : b)).toBe(true);
      }),
    );
  });
  it.each([[1001n, 250, 25n], [1000n, 250, 25n], [20n, 250, 0n], [60n, 250, 2n], [100n, 10_000, 100n]])(
    '%s at %i basis points is %s', (minor, bps, expected) => {
      expect(basisPointsOf(minor, bps)).toBe(expected);
    },
  );
  it('refuses basis points that are not whole', () => {
    for (const points of [1.5, Number.NaN, 2 ** 53])
      expect(() => basisPointsOf(1n, points)).toThrow(new RangeError('basis points are whole numbers'));
  });
  it('gives the whole for the whole', () => {
    fc.assert(fc.property(fc.bigInt(), fc.bigInt({ min: 1n }), (minor, whole) => {
      expect(proportionOf(minor, whole, whole)).toBe(minor);
    }));
  });
});

describe('allocate', () => {
  it('gives the rest to the largest remainders, earlier first', () => {
    expect(allocate(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
    expect(allocate(5n, [0n, 3n, 7n])).toEqual([0n, 2n, 3n]);
    expect(allocate(10n, [1n, 2n])).toEqual([3n, 7n]);
    expect(allocate(10n, [1n, 2n, 3n])).toEqual([2n, 3n, 5n]);
    expect(allocate(0n, [1n, 2n])).toEqual([0n, 0n]);
  });
  it('sums to the total and stays within one unit of the exact share', () => {
    const weights = fc.array(fc.bigInt(0n, 10n ** 9n), { minLength: 1, maxLength: 9 }).filter((w) => w.some((x) => x > 0n));
    fc.assert(fc.property(fc.bigInt(0n, MAX_MINOR), weights, (total, ws) => {
      const parts = allocate(total, ws);
      const sum = ws.reduce((a, b) => a + b, 0n);
      expect(parts.reduce((a, b) => a + b, 0n)).toBe(total);
      parts.forEach((part, i) => {
        const off = part * sum - total * ws[i]!;
        expect(off < sum && off > -sum).toBe(true);
      });
    }));
  });
  // The rest goes by remainder, not by place: in the second row the last has the largest, in the third the first two are equal.
  it.each<[bigint, bigint[], bigint[]]>([
    [7n, [5n, 3n, 2n], [4n, 2n, 1n]],
    [1n, [1n, 1n, 2n], [0n, 0n, 1n]],
    [2n, [3n, 3n, 1n], [1n, 1n, 0n]],
    [3n, [1n, 1n, 1n, 1n], [1n, 1n, 1n, 0n]],
    [1_000n, [333n, 333n, 334n], [333n, 333n, 334n]],
    [5n, [0n, 0n, 1n], [0n, 0n, 5n]],
  ])('splits %s by %j into %j', (total, weights, parts) => {
    expect(allocate(total, weights)).toEqual(parts);
  });
  it.each([[-1n, [1n]], [1n, []], [1n, [0n]], [1n, [2n, -1n]]] as [bigint, bigint[]][])('refuses %s over %j', (total, w) => {
    const needs = 'allocate needs a total of at least 0 and weights of at least 0 with a positive sum';
    expect(() => allocate(total, w)).toThrow(new RangeError(needs));
  });
});

it('least and clamp keep to their bounds', () => {
  expect([least(1n, 2n), least(2n, 1n), clamp(5n, 1n, 3n), clamp(0n, 1n, 3n), clamp(2n, 1n, 3n)]).toEqual([1n, 1n, 3n, 1n, 2n]);
});
