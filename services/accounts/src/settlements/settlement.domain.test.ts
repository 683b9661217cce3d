import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { FEE_BASIS_POINTS_MAX, feeFixedMax, fixedFeeOf, isOwner, maySeeSettlements, ownMerchantDenial, settle, type SettlementAccount, settlementLegs, type Standing, type Terms } from './settlement.domain';

const sums = (gross: bigint, refunds: bigint, paymentCount = 1, adjustments = 0n, fixedFees = 0n) =>
  ({ gross, refunds, adjustments, paymentCount, refundCount: 0, fixedFees });
const terms = (feeBasisPoints: number, feeFixed = 0n, reserveBasisPoints = 0): Terms => ({ feeBasisPoints, feeFixed, reserveBasisPoints, reserveDays: 7 });
const standing = (payable = 0n, owed = 0n, releasable = 0n): Standing => ({ payable, owed, releasable });

describe('settle', () => {
  it.each([
    // gross, refunds, payments, terms, standing -> fees, held, net, closing, payable, owed
    ['a plain batch', sums(10_000n, 0n), terms(150), standing(), [150n, 0n, 9_850n, 9_850n, 9_850n, 0n]],
    ['half a unit down to even', sums(50n, 0n), terms(100), standing(), [0n, 0n, 50n, 50n, 50n, 0n]],
    ['half a unit up to even', sums(150n, 0n), terms(100), standing(), [2n, 0n, 148n, 148n, 148n, 0n]],
    ['fixed fees', sums(3_000n, 0n, 3, 0n, 75n), terms(100, 25n), standing(), [105n, 0n, 2_895n, 2_895n, 2_895n, 0n]],
    ['refunds give no fee back', sums(10_000n, 10_000n), terms(100), standing(), [100n, 0n, -100n, -100n, 0n, 100n]],
    ['a debt is paid first', sums(1_000n, 0n), terms(0), standing(0n, 400n), [0n, 0n, 1_000n, 600n, 600n, 0n]],
    ['a debt that stays', sums(300n, 0n), terms(0), standing(0n, 400n), [0n, 0n, 300n, -100n, 0n, 100n]],
    ['what was not paid out yet covers refunds', sums(0n, 300n, 0), terms(0), standing(1_000n), [0n, 0n, -300n, 700n, 700n, 0n]],
    ['a reserve', sums(10_000n, 0n), terms(100, 0n, 1_000), standing(), [100n, 1_000n, 8_900n, 8_900n, 8_900n, 0n]],
    ['a reserve no larger than what there is', sums(10_000n, 9_500n), terms(100, 0n, 1_000), standing(), [100n, 400n, 0n, 0n, 0n, 0n]],
    ['no reserve of a debt', sums(10_000n, 0n), terms(0, 0n, 1_000), standing(0n, 20_000n), [0n, 0n, 10_000n, -10_000n, 0n, 10_000n]],
    ['a release alone', sums(0n, 0n, 0), terms(100, 25n, 1_000), standing(0n, 0n, 500n), [0n, 0n, 500n, 500n, 500n, 0n]],
    ['an adjustment', sums(1_000n, 0n, 1, -200n), terms(0), standing(), [0n, 0n, 800n, 800n, 800n, 0n]],
  ])('%s', (_what, batch, by, from, expected) => {
    const { fees, reserveHeld, net, closing, payable, owed } = settle(batch, by, from);
    expect([fees, reserveHeld, net, closing, payable, owed]).toEqual(expected);
  });

  const amount = fc.bigInt({ min: 0n, max: 10n ** 14n });
  const some = fc.record({
    batch: fc.record({
      gross: amount, refunds: amount, adjustments: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), paymentCount: fc.nat({ max: 10_000 }),
      refundCount: fc.nat(), fixedFees: fc.bigInt({ min: 0n, max: 10n ** 8n }),
    }),
    by: fc.record({
      feeBasisPoints: fc.integer({ min: 0, max: 10_000 }), feeFixed: fc.bigInt({ min: 0n, max: 10_000n }),
      reserveBasisPoints: fc.integer({ min: 0, max: 10_000 }), reserveDays: fc.integer({ min: 1, max: 365 }),
    }),
    from: fc.record({ payable: amount, owed: amount, releasable: amount }),
  });

  it('never takes more of a payment than it is: no batch is below zero by the fees of its own gross', () => {
    const payments = fc.array(fc.bigInt({ min: 1n, max: 2_000n }), { maxLength: 50 });
    const rate = fc.integer({ min: 0, max: 10_000 });
    fc.assert(fc.property(payments, rate, fc.bigInt({ min: 0n, max: 2_000n }), (amounts, feeBasisPoints, feeFixed) => {
      const by = terms(feeBasisPoints, feeFixed);
      for (const one of amounts) {
        const fixed = fixedFeeOf(one, by);
        expect(fixed >= 0n && fixed <= feeFixed && fixed + settle(sums(one, 0n), by, standing()).fees <= one).toBe(true);
      }
      const fixedFees = amounts.reduce((sum, one) => sum + fixedFeeOf(one, by), 0n);
      const gross = amounts.reduce((sum, one) => sum + one, 0n);
      const done = settle(sums(gross, 0n, amounts.length, 0n, fixedFees), by, standing());
      expect(done.fees >= 0n && done.net >= 0n && done.owed === 0n).toBe(true);
    }));
  });

  it('loses no unit: what came is fees, reserve, and what is payable more, less what is owed more', () => {
    fc.assert(fc.property(some, ({ batch, by, from }) => {
      const done = settle(batch, by, from);
      expect(batch.gross - batch.refunds + batch.adjustments)
        .toBe(done.fees + done.reserveHeld - done.reserveReleased + (done.payable - from.payable) - (done.owed - from.owed));
      expect(done.payable >= 0n && done.owed >= 0n && (done.payable === 0n || done.owed === 0n)).toBe(true);
      expect(done.reserveHeld >= 0n && done.reserveHeld <= batch.gross).toBe(true);
      // Nothing is held back that would have to be owed for.
      if (done.reserveHeld > 0n) expect(done.owed).toBe(0n);
    }));
  });

  it('books exactly that: its legs bring each account to where it stands after', () => {
    fc.assert(fc.property(some, ({ batch, by, from }) => {
      const done = settle(batch, by, from);
      const books = new Map<SettlementAccount, bigint>();
      for (const { debit, credit, amount: moved } of settlementLegs(done, from)) {
        expect(moved > 0n && debit !== credit).toBe(true);
        books.set(debit, (books.get(debit) ?? 0n) - moved);
        books.set(credit, (books.get(credit) ?? 0n) + moved);
      }
      const of = (account: SettlementAccount): bigint => books.get(account) ?? 0n;
      expect(of('MERCHANT_INFLOW')).toBe(-(batch.gross - batch.refunds + batch.adjustments));
      expect(of('MERCHANT_FEES')).toBe(done.fees);
      expect(of('MERCHANT_RESERVE')).toBe(done.reserveHeld - done.reserveReleased);
      expect(from.payable + of('MERCHANT_PAYABLE')).toBe(done.payable);
      expect(of('MERCHANT_RECEIVABLE') - from.owed).toBe(-done.owed);
    }));
  });
});

it('books nothing on an account on which nothing moves', () => {
  const done = settle(sums(1_000n, 0n), terms(0), standing());
  expect(settlementLegs(done, standing())).toEqual([{ debit: 'MERCHANT_INFLOW', credit: 'MERCHANT_PAYABLE', amount: 1_000n }]);
});

describe('the fixed fee of a payment', () => {
  it.each([
    ['whole where there is room', 1_000n, 100, 30n, 30n], ['all that is left beside the rate, rounded up', 40n, 1_500, 500n, 34n],
    ['one of a unit, without a rate', 1n, 0, 30n, 1n], ['nothing where the rate is all', 40n, 10_000, 30n, 0n],
    ['nothing of a unit that the rate rounds up to', 1n, 1, 30n, 0n], ['none where there is none', 1_000n, 100, 0n, 0n],
  ])('is %s', (_what, amount, feeBasisPoints, feeFixed, expected) => expect(fixedFeeOf(amount, { feeBasisPoints, feeFixed })).toBe(expected));

  it('has a highest, by the digits of its currency', () => {
    expect([feeFixedMax(currencyCode('USD')), feeFixedMax(currencyCode('JPY')), feeFixedMax(currencyCode('KWD'))]).toEqual([500n, 500n, 2_000n]);
    expect(FEE_BASIS_POINTS_MAX).toBe(2_000);
  });
});

describe('who', () => {
  const merchant = { people: ['owner', 'manager', 'cashier'], cashiers: ['cashier'], owners: ['owner'] };
  it.each([
    ['owner', false, true, true], ['manager', false, true, false], ['cashier', false, false, false], ['stranger', false, false, false],
    ['stranger', true, true, false], ['cashier', true, true, false],
  ])('%s (operator: %s) sees settlements: %s, says where they are paid to: %s', (personId, operator, sees, owns) => {
    expect(maySeeSettlements(merchant, { personId, operator })).toBe(sees);
    expect(isOwner(merchant, { personId, operator })).toBe(owns);
  });

  it.each([
    ['its owner', 'owner', 'OWN_MERCHANT'], ['its manager', 'manager', 'OWN_MERCHANT'], ['its cashier', 'cashier', 'OWN_MERCHANT'], ['anybody else', 'x', undefined],
  ])('%s, as an operator, decides of its money: %s', (_who, personId, expected) => {
    expect(ownMerchantDenial(merchant, { personId })).toBe(expected);
    expect(ownMerchantDenial(undefined, { personId })).toBeUndefined();
  });

  it('of a merchant whose owners were never told, nobody is one; of no merchant, nobody sees anything', () => {
    expect(isOwner({ ...merchant, owners: null }, { personId: 'owner', operator: false })).toBe(false);
    expect(maySeeSettlements(undefined, { personId: 'owner', operator: true })).toBe(false);
    expect(isOwner(undefined, { personId: 'owner', operator: false })).toBe(false);
  });
});
