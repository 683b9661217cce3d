import fc from 'fast-check';
import { paymentFee, seededFee } from './fee.domain';

// The fee of a payment: 1 %, half-even, between a minimum and a maximum. Each row can be checked with a pencil.
describe('paymentFee', () => {
  it.each([
    // digits, amount, fee
    [2, 1n, 10n], [2, 1_000n, 10n], [2, 1_049n, 10n], [2, 1_050n, 10n], [2, 1_051n, 11n], [2, 1_150n, 12n], [2, 1_250n, 12n],
    [2, 1_251n, 13n], [2, 5_000n, 50n], [2, 49_949n, 499n], [2, 49_950n, 500n], [2, 50_000n, 500n], [2, 1_000_000n, 500n],
    [0, 1n, 10n], [0, 1_050n, 10n], [0, 1_150n, 12n], [0, 3_000n, 30n], [0, 50_000n, 500n], [0, 60_000n, 500n],
    [3, 1n, 50n], [3, 5_000n, 50n], [3, 5_050n, 50n], [3, 5_150n, 52n], [3, 12_345n, 123n], [3, 200_000n, 2_000n], [3, 900_000n, 2_000n],
  ])('with %i fraction digits charges %s with %s', (digits, amount, fee) => {
    expect(paymentFee(amount, seededFee(digits))).toBe(fee);
  });

  it('stays between its bounds and never falls as the amount grows', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 15n });
    fc.assert(fc.property(amount, amount, fc.constantFrom(0, 2, 3), (a, b, digits) => {
      const schedule = seededFee(digits);
      const [low, high] = a < b ? [a, b] : [b, a];
      const fee = paymentFee(low, schedule);
      expect(fee >= schedule.minimum && fee <= schedule.maximum).toBe(true);
      expect(fee <= paymentFee(high, schedule)).toBe(true);
      // Off by half a unit at most from the exact rate, where neither bound holds.
      if (fee > schedule.minimum && fee < schedule.maximum) expect(abs(fee * 10_000n - low * 100n) <= 5_000n).toBe(true);
    }));
  });
});

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
