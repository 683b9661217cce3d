import fc from 'fast-check';
import { shownStatus, takeBack, takeBackForLink } from './benefit.domain';

const cashback = (amount: bigint, reversed = 0n) => ({ kind: 'CASHBACK' as const, amount, reversed });

describe('takeBack', () => {
  it.each([
    // grant, reversed, refunded, paid, due
    [100n, 0n, 0n, 1_000n, 0n],
    [100n, 0n, 500n, 1_000n, 50n],
    [100n, 50n, 1_000n, 1_000n, 50n],
    [100n, 100n, 1_000n, 1_000n, 0n],
    [5n, 0n, 100n, 1_000n, 0n], // 0.5 rounds to the even 0
    [15n, 0n, 100n, 1_000n, 2n], // 1.5 rounds to the even 2
    [333n, 111n, 6_667n, 10_001n, 111n],
    [100n, 80n, 500n, 1_000n, 0n], // an older, smaller total never gives anything back
    [100n, 0n, 2_000n, 1_000n, 100n], // more than the payment is the whole of it
  ])('of %s with %s back already, refunded %s of %s: %s', (amount, reversed, refunded, paid, due) => {
    expect(takeBack(cashback(amount, reversed), refunded, paid)).toBe(due);
  });

  it.each([
    ['REFERRAL_REWARD', 999n, 0n], ['REFERRAL_REWARD', 1_000n, 100n], ['FEE_WAIVER', 1_000n, 0n], ['FEE_REBATE', 1_000n, 0n],
  ] as const)('of a %s, refunded %s of 1000: %s', (kind, refunded, due) => {
    expect(takeBack({ kind, amount: 100n, reversed: 0n }, refunded, 1_000n)).toBe(due);
  });

  it.each([
    ['REFERRAL_REWARD', 0n, 100n], ['REFERRAL_REWARD', 100n, 0n], ['CASHBACK', 0n, 0n], ['FEE_WAIVER', 0n, 0n], ['FEE_REBATE', 0n, 0n],
  ] as const)('of a %s with %s of 100 back already, for a link: %s', (kind, reversed, due) => {
    expect(takeBackForLink({ kind, amount: 100n, reversed })).toBe(due);
  });

  it('depends on the total alone, not on how many refunds made it or in which order they were heard of', () => {
    const cases = fc.record({
      amount: fc.bigInt(1n, 10n ** 9n), paid: fc.bigInt(1n, 10n ** 9n), cuts: fc.array(fc.bigInt(0n, 10n ** 9n), { maxLength: 12 }),
    });
    fc.assert(fc.property(cases, ({ amount, paid, cuts }) => {
      const totals = cuts.filter((cut) => cut <= paid);
      const last = totals.reduce((a, b) => (a > b ? a : b), 0n);
      let reversed = 0n;
      for (const total of totals) {
        const due = takeBack(cashback(amount, reversed), total, paid);
        expect(due >= 0n).toBe(true);
        reversed += due;
      }
      expect(reversed).toBe(takeBack(cashback(amount), last, paid));
      expect(reversed <= amount).toBe(true);
      expect(reversed + takeBack(cashback(amount, reversed), paid, paid)).toBe(amount);
    }));
  });
});

describe('shownStatus', () => {
  it.each([
    ['PENDING', 0n, 'PENDING'], ['PAID', 0n, 'PAID'], ['PAID', 99n, 'PAID'], ['PAID', 100n, 'REVERSED'], ['PENDING', 100n, 'REVERSED'],
  ] as const)('%s with %s taken back is %s', (status, takenBack, shown) => {
    expect(shownStatus({ status, amount: 100n, takenBack })).toBe(shown);
  });
});
