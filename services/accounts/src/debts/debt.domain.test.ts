import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { decideCollection, openOf, refuseDebtor } from './debt.domain';

describe('decideCollection', () => {
  it.each([
    // owed, collected, written off, in the wallet: taken
    [2_000n, 0n, 0n, 0n, 0n], [2_000n, 0n, 0n, 500n, 500n], [2_000n, 0n, 0n, 2_000n, 2_000n], [2_000n, 0n, 0n, 2_001n, 2_000n],
    [2_000n, 1_500n, 0n, 900n, 500n], [2_000n, 0n, 1_999n, 900n, 1n], [2_000n, 500n, 1_500n, 900n, 0n], [2_000n, 0n, 0n, -1n, 0n], [0n, 0n, 0n, 900n, 0n],
  ])('%d owed, %d collected, %d written off, %d there: %d', (owed, collected, writtenOff, available, taken) => {
    expect(decideCollection({ owed, collected, writtenOff }, { available, frozen: false })).toBe(taken);
    expect(decideCollection({ owed, collected, writtenOff }, { available, frozen: true })).toBe(0n);
  });

  it('never takes more than is open or there, and always all it can', () => {
    const amount = fc.bigInt(0n, 10_000n);
    fc.assert(fc.property(amount, amount, amount, amount, (open, collected, writtenOff, available) => {
      const debt = { owed: open + collected + writtenOff, collected, writtenOff };
      const taken = decideCollection(debt, { available, frozen: false });
      expect(taken).toBeGreaterThanOrEqual(0n);
      expect(openOf({ ...debt, collected: collected + taken }) === 0n || taken === available).toBe(true);
      expect(taken).toBeLessThanOrEqual(openOf(debt));
    }));
  });
});

describe('refuseDebtor', () => {
  it('says what is owed, in the digits of each currency', () => {
    expect(refuseDebtor([{ minor: 1_250n, currency: currencyCode('EUR') }, { minor: 7n, currency: currencyCode('JPY') }], 'DEBT_OPEN')).toEqual({
      ok: false, refusals: [{
        code: 'NOT_ALLOWED', reason: 'DEBT_OPEN', field: ['input', 'walletId'],
        amounts: [{ amount: '12.50', currency: 'EUR' }, { amount: '7', currency: 'JPY' }],
      }],
    });
  });
});
