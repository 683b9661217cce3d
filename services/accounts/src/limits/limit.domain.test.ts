import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { seededCashierDayLimits, seededCashierLimits, seededLimits, seededMerchantOwingLimits } from './limit.definitions.domain';
import { type LimitState, takeLimits } from './limit.domain';

const perTransaction = (cap: bigint): LimitState => ({ id: 't', measure: 'AMOUNT', window: 'TRANSACTION', cap, used: 0n });
const perDay = (cap: bigint, used: bigint): LimitState => ({ id: 'd', measure: 'AMOUNT', window: 'DAY', cap, used });
const count = (cap: bigint, used: bigint): LimitState => ({ id: 'c', measure: 'COUNT', window: 'DAY', cap, used });

describe('takeLimits', () => {
  it.each<[string, LimitState[], bigint, string]>([
    ['nothing is limited', [], 10n ** 15n, 'OK'],
    ['at the cap of one', [perTransaction(100n)], 100n, 'OK'],
    ['above the cap of one', [perTransaction(100n)], 101n, 'PER_TRANSACTION'],
    ['up to the day\'s cap', [perDay(100n, 60n)], 40n, 'OK'],
    ['above the day\'s cap', [perDay(100n, 60n)], 41n, 'PER_DAY'],
    ['the last of a count', [count(3n, 2n)], 10n ** 15n, 'OK'],
    ['one too many', [count(3n, 3n)], 1n, 'PER_DAY'],
    ['both: that of one is told', [perDay(100n, 100n), perTransaction(1n)], 2n, 'PER_TRANSACTION'],
  ])('%s', (_what, limits, amount, expected) => {
    const taken = takeLimits(limits, amount);
    const refusal = { code: 'LIMIT_EXCEEDED', reason: expected, field: ['input', 'amount', 'amount'] };
    expect(taken).toMatchObject(expected === 'OK' ? { ok: true } : { ok: false, refusals: [refusal] });
  });

  it('counts amounts and numbers of the day, and nothing of a limit on one', () => {
    const taken = takeLimits([perTransaction(100n), perDay(100n, 1n), count(3n, 0n)], 40n);
    expect(taken.ok && taken.uses).toEqual([{ limitId: 'd', taken: 40n, cap: 100n }, { limitId: 'c', taken: 1n, cap: 3n }]);
  });

  it('lets any sequence of movements sum to the cap at most', () => {
    fc.assert(fc.property(fc.array(fc.bigInt({ min: 1n, max: 300n }), { maxLength: 50 }), (amounts) => {
      let used = 0n;
      for (const amount of amounts) if (takeLimits([perDay(1_000n, used)], amount).ok) used += amount;
      expect(used <= 1_000n).toBe(true);
    }));
  });
});

describe('seededCashierLimits', () => {
  it.each([['USD', 20_000n], ['JPY', 20_000n], ['KWD', 200_000n]])('bounds what a cashier refunds in %s to %s', (code, cap) => {
    expect(seededCashierLimits().filter(({ currency }) => currency === currencyCode(code))).toEqual([
      { id: `cashier-refund-${code}`, currency: code, kinds: ['CASHIER_REFUND'], measure: 'AMOUNT', window: 'TRANSACTION', cap },
    ]);
  });
});

describe('seededCashierDayLimits', () => {
  it.each([['USD', 200_000n], ['JPY', 200_000n], ['KWD', 2_000_000n]])('bounds what a cashier refunds in a day in %s to %s', (code, cap) => {
    expect(seededCashierDayLimits().filter(({ currency }) => currency === currencyCode(code))).toEqual([
      { id: `cashier-refund-day-${code}`, currency: code, kinds: ['CASHIER_REFUND_DAY'], measure: 'AMOUNT', window: 'DAY', cap },
    ]);
  });
});

describe('seededMerchantOwingLimits', () => {
  it.each([['USD', 100_000n], ['JPY', 100_000n], ['KWD', 1_000_000n]])('bounds what a merchant may owe in %s to %s', (code, cap) => {
    expect(seededMerchantOwingLimits().filter(({ currency }) => currency === currencyCode(code))).toEqual([
      { id: `merchant-owing-${code}`, currency: code, kinds: ['MERCHANT_OWING'], measure: 'AMOUNT', window: 'TRANSACTION', cap },
    ]);
  });
});

describe('seededLimits', () => {
  it.each([['USD', 1_000_000n, 10_000_000n], ['JPY', 1_000_000n, 10_000_000n], ['KWD', 10_000_000n, 100_000_000n]])(
    'bounds %s to %s a payment and %s a day', (code, one, day) => {
      const both = ['PAYMENT', 'TRANSFER'];
      expect(seededLimits().filter((limit) => limit.currency === currencyCode(code))).toEqual([
        { id: `transaction-amount-${code}`, currency: code, kinds: both, measure: 'AMOUNT', window: 'TRANSACTION', cap: one },
        { id: `day-amount-${code}`, currency: code, kinds: both, measure: 'AMOUNT', window: 'DAY', cap: day },
        { id: `top-up-amount-${code}`, currency: code, kinds: ['TOP_UP'], measure: 'AMOUNT', window: 'TRANSACTION', cap: day },
      ]);
    });

  it('has one count over all currencies, and no id twice', () => {
    const limits = seededLimits();
    expect(limits.filter((limit) => limit.currency === null)).toEqual([
      { id: 'day-count', currency: null, kinds: ['PAYMENT', 'TRANSFER'], measure: 'COUNT', window: 'DAY', cap: 1_000n },
    ]);
    expect(new Set(limits.map((limit) => limit.id)).size).toBe(limits.length);
  });
});
