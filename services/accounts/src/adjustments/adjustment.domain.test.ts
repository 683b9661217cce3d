import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { decideAdjustment, postingOf } from './adjustment.domain';

const USD = currencyCode('USD');
const wallet = { id: 'w', personId: 'ada', currency: USD, posted: 1_000n, pending: 100n, frozen: false };

describe('decideAdjustment', () => {
  it.each([
    ['CREDIT', 'USD', 5_000n, 'OK'], ['DEBIT', 'USD', 900n, 'OK'], ['DEBIT', 'USD', 901n, 'INSUFFICIENT_FUNDS'],
    ['CREDIT', 'EUR', 1n, 'CURRENCY_MISMATCH'], ['DEBIT', 'EUR', 1n, 'CURRENCY_MISMATCH'],
  ] as const)('%s of %s %s: %s', (direction, currency, amount, expected) => {
    const done = decideAdjustment(wallet, { direction, currency: currencyCode(currency), amount }, 'op');
    expect(done.ok ? 'OK' : done.refusals[0]!.code).toBe(expected);
  });

  it('refuses a wallet that is not there, and one\'s own', () => {
    const adjustment = { direction: 'CREDIT', currency: USD, amount: 1n } as const;
    expect(decideAdjustment(undefined, adjustment, 'op')).toMatchObject({ refusals: [{ code: 'NOT_FOUND' }] });
    expect(decideAdjustment(wallet, adjustment, 'ada')).toMatchObject({ refusals: [{ code: 'NOT_ALLOWED', reason: 'OWN_WALLET' }] });
  });

  it('never leaves a wallet below zero', () => {
    fc.assert(fc.property(fc.bigInt(0n, 10_000n), fc.bigInt(1n, 10_000n), (posted, amount) => {
      const done = decideAdjustment({ ...wallet, posted, pending: 0n }, { direction: 'DEBIT', currency: USD, amount }, 'op');
      return done.ok === posted >= amount;
    }));
  });
});

describe('postingOf', () => {
  it('moves between the wallet and the account of adjustments', () => {
    expect(postingOf('CREDIT')).toEqual({ kind: 'ADJUSTMENT_CREDIT', debit: 'ADJUSTMENTS', credit: 'WALLET' });
    expect(postingOf('DEBIT')).toEqual({ kind: 'ADJUSTMENT_DEBIT', debit: 'WALLET', credit: 'ADJUSTMENTS' });
  });
});
