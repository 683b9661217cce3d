import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { decideAdjustment, postingOf } from './adjustment.domain';

const USD = currencyCode('USD');
const wallet = { id: 'w', personId: 'ada', currency: USD, posted: 1_000n, pending: 100n, frozen: false };

describe('decideAdjustment', () => {
  // What is wrong in several ways hears the first of these.
  it.each([
    ['CREDIT', 'USD', 5_000n, 'op', wallet, 'OK'], ['DEBIT', 'USD', 900n, 'op', wallet, 'OK'],
    ['DEBIT', 'EUR', 901n, 'op', undefined, 'NOT_FOUND input.walletId'],
    ['DEBIT', 'EUR', 901n, 'ada', wallet, 'NOT_ALLOWED input.walletId OWN_WALLET'], ['CREDIT', 'USD', 1n, 'ada', wallet, 'NOT_ALLOWED input.walletId OWN_WALLET'],
    ['DEBIT', 'EUR', 901n, 'op', wallet, 'CURRENCY_MISMATCH input.amount.currency'], ['CREDIT', 'EUR', 1n, 'op', wallet, 'CURRENCY_MISMATCH input.amount.currency'],
    ['DEBIT', 'USD', 901n, 'op', wallet, 'INSUFFICIENT_FUNDS input.amount'],
  ] as const)('%s of %s %s by %s: %#', (direction, currency, amount, by, of, expected) => {
    const done = decideAdjustment(of, { direction, currency: currencyCode(currency), amount }, by);
    const told = done.ok ? 'OK' : done.refusals.map(({ code, field, reason }) => [code, field?.join('.'), reason].filter(Boolean).join(' ')).join();
    expect(told).toBe(expected);
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
