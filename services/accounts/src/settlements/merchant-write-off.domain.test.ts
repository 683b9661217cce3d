import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { mayWriteOffOwed, type OwingSums, writableOf } from './merchant-write-off.domain';
import { settle, settlementLegs, type Terms } from './settlement.domain';

describe('writableOf', () => {
  it.each([
    // owed by the last batch, written off since, what Tael holds less what is owed (with what is written off): writable
    [100n, 0n, -100n, 100n], [100n, 60n, -40n, 40n], [100n, 100n, 0n, 0n],
    // 30 came in since, is held back, or came back from the bank: it pays by itself.
    [100n, 0n, -70n, 70n], [100n, 60n, -10n, 10n], [100n, 0n, 0n, 0n], [100n, 0n, 500n, 0n],
    // 30 went back since: it is owed with the next batch only.
    [100n, 0n, -130n, 100n], [100n, 60n, -70n, 40n], [0n, 0n, -30n, 0n], [0n, 0n, 0n, 0n],
  ])('%d owed, %d written off, funds %d: %d', (owed, writtenOff, funds, writable) => expect(writableOf({ owed, writtenOff, funds })).toBe(writable));
});

const amount = fc.bigInt(0n, 10_000n);
const terms: fc.Arbitrary<Terms> = fc.record({
  feeBasisPoints: fc.integer({ min: 0, max: 2_000 }), feeFixed: fc.constant(0n), reserveBasisPoints: fc.integer({ min: 0, max: 10_000 }), reserveDays: fc.constant(7),
});
const sums = (gross: bigint, refunds: bigint, adjustments: bigint) => ({ gross, refunds, adjustments, paymentCount: 0, refundCount: 0, fixedFees: 0n });

describe('a write-off and the batch after it', () => {
  it('never makes anything payable of what was there when it was approved', () => {
    fc.assert(fc.property(fc.record({ gross: amount, refunds: amount, payable: amount, reserve: amount, due: amount, owed: amount }), amount, terms, (had, asked, given) => {
      const { gross, refunds, payable, reserve, owed } = had;
      const writable = writableOf({ owed, writtenOff: 0n, funds: gross - refunds + payable + reserve - owed });
      const written = asked < writable ? asked : writable;
      fc.pre(written > 0n);
      const releasable = had.due < reserve ? had.due : reserve;
      expect(settle(sums(gross, refunds, written), given, { payable, owed, releasable }).payable).toBe(0n);
    }));
  });

  it('of all that is owed leaves what comes after the approval as if nothing had ever been owed', () => {
    fc.assert(fc.property(fc.bigInt(1n, 10_000n), amount, amount, terms, (owed, gross, refunds, given) => {
      const forgiven = settle(sums(gross, refunds, owed), given, { payable: 0n, owed, releasable: 0n });
      const never = settle(sums(gross, refunds, 0n), given, { payable: 0n, owed: 0n, releasable: 0n });
      for (const name of ['fees', 'reserveHeld', 'payable', 'owed', 'closing'] as const) expect(forgiven[name]).toBe(never[name]);
    }));
  });

  it('takes what is receivable down by itself, where nothing else is settled', () => {
    fc.assert(fc.property(fc.bigInt(1n, 10_000n), fc.bigInt(1n, 10_000n), terms, (owed, asked, given) => {
      const written = asked < owed ? asked : owed;
      const standing = { payable: 0n, owed, releasable: 0n };
      const figures = settle(sums(0n, 0n, written), given, standing);
      expect([figures.owed, figures.payable]).toEqual([owed - written, 0n]);
      expect(settlementLegs(figures, standing)).toEqual([{ debit: 'MERCHANT_INFLOW', credit: 'MERCHANT_RECEIVABLE', amount: written }]);
    }));
  });

  it('is never more than what is owed, however many are asked for', () => {
    const start = fc.record({ owed: amount, funds: fc.bigInt(-20_000n, 10_000n) });
    fc.assert(fc.property(start, fc.array(fc.bigInt(1n, 10_000n), { maxLength: 8 }), ({ owed, funds }, asks) => {
      let state: OwingSums = { owed, writtenOff: 0n, funds };
      for (const asked of asks) {
        const allowed = mayWriteOffOwed({ ...state, people: { people: [] } }, { amount: asked, currency: currencyCode('USD') }, 'ada').ok;
        expect(allowed).toBe(asked <= writableOf(state));
        if (allowed) state = { ...state, writtenOff: state.writtenOff + asked, funds: state.funds + asked };
      }
      expect(state.writtenOff).toBeLessThanOrEqual(owed);
      expect(state.writtenOff === 0n || state.funds <= 0n).toBe(true);
    }));
  });
});

describe('mayWriteOffOwed', () => {
  const USD = currencyCode('USD');
  const shop = { people: { people: ['olga', 'carl'] }, owed: 10_000n, writtenOff: 6_000n, funds: -3_000n };
  // One that is wrong in several ways always hears the same: refusals in the order of this table.
  it.each<[string, Parameters<typeof mayWriteOffOwed>[0], bigint, string, string]>([
    ['none', undefined, 0n, 'olga', 'NOT_FOUND merchantId'],
    ['one\'s own', { ...shop, owed: 0n }, 0n, 'carl', 'NOT_ALLOWED merchantId OWN_MERCHANT'],
    ['nothing', { ...shop, owed: 0n }, 0n, 'bob', 'INVALID_INPUT amount.amount NOT_POSITIVE'],
    ['less than nothing', shop, -1n, 'bob', 'INVALID_INPUT amount.amount NOT_POSITIVE'],
    ['of what is not owed', { ...shop, owed: 0n, writtenOff: 0n }, 1n, 'bob', 'NOT_ALLOWED merchantId NOTHING_OWED'],
    ['of what is written off already', { ...shop, writtenOff: 10_000n, funds: 0n }, 1n, 'bob', 'NOT_ALLOWED merchantId NOTHING_OWED'],
    ['more than Tael does not hold', shop, 3_001n, 'bob', 'NOT_ALLOWED amount OWED_LESS 30.00 USD'],
    ['more than is left of it', { ...shop, funds: -9_000n }, 4_001n, 'bob', 'NOT_ALLOWED amount OWED_LESS 40.00 USD'],
    ['what is held all of', { ...shop, funds: 1n }, 1n, 'bob', 'NOT_ALLOWED amount OWED_LESS 0.00 USD'],
    ['all that can be', shop, 3_000n, 'bob', 'OK'],
    ['a part', shop, 1n, 'bob', 'OK'],
  ])('%s', (_what, merchant, minor, operatorId, expected) => {
    const decided = mayWriteOffOwed(merchant, { amount: minor, currency: USD }, operatorId);
    const [refusal] = decided.ok ? [] : decided.refusals;
    expect(refusal?.field?.[0] ?? 'input').toBe('input');
    const sum = refusal?.amounts?.map(({ amount, currency }) => `${amount} ${currency}`).join();
    expect(refusal ? [refusal.code, refusal.field?.slice(1).join('.'), refusal.reason, sum].filter(Boolean).join(' ') : 'OK').toBe(expected);
  });
});
