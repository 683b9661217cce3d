import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { debtStatus, decideCollection, mayWriteOffDebt, openOf, refuseDebtor } from './debt.domain';

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

describe('debtStatus', () => {
  it.each([
    [2_000n, 0n, 0n, 'OPEN'], [2_000n, 1_000n, 999n, 'OPEN'], [2_000n, 2_000n, 0n, 'SETTLED'], [2_000n, 1_999n, 1n, 'WRITTEN_OFF'], [2_000n, 0n, 2_000n, 'WRITTEN_OFF'],
  ])('%d owed, %d collected, %d written off: %s', (owed, collected, writtenOff, status) => expect(debtStatus({ owed, collected, writtenOff })).toBe(status));
});

describe('mayWriteOffDebt', () => {
  const [USD, EUR] = [currencyCode('USD'), currencyCode('EUR')];
  const debt = { personId: 'ada', currency: USD, owed: 2_000n, collected: 500n, writtenOff: 300n, wallet: { available: 0n, frozen: false } };
  const paying = (available: bigint, frozen = false) => ({ ...debt, wallet: { available, frozen } });
  // One that is wrong in several ways always hears the same: refusals in the order of this table.
  it.each<[string, Parameters<typeof mayWriteOffDebt>[0], bigint, typeof USD, string, string]>([
    ['none', undefined, 1n, EUR, 'ada', 'NOT_FOUND debtId'],
    ['one\'s own', debt, 5_000n, EUR, 'ada', 'NOT_ALLOWED debtId OWN_DEBT'],
    ['another currency', { ...debt, collected: 1_700n }, 1n, EUR, 'bob', 'CURRENCY_MISMATCH amount.currency'],
    ['nothing is open', { ...debt, collected: 1_700n }, 1n, USD, 'bob', 'NOT_ALLOWED debtId DEBT_CLOSED'],
    ['more than is open', debt, 1_201n, USD, 'bob', 'NOT_ALLOWED amount DEBT_LESS'],
    ['all that is open', debt, 1_200n, USD, 'bob', 'OK'],
    ['a part', debt, 1n, USD, 'bob', 'OK'],
    ['what the wallet can pay', paying(200n), 1_001n, USD, 'bob', 'NOT_ALLOWED amount DEBT_LESS'],
    ['what the wallet cannot pay', paying(200n), 1_000n, USD, 'bob', 'OK'],
    ['what the wallet can pay, all of it', paying(9_000n), 1n, USD, 'bob', 'NOT_ALLOWED amount DEBT_LESS'],
    ['a frozen wallet pays nothing', paying(9_000n, true), 1_200n, USD, 'bob', 'OK'],
  ])('%s', (_what, found, amount, currency, operatorId, expected) => {
    const decided = mayWriteOffDebt(found, { amount, currency }, operatorId);
    const [refusal] = decided.ok ? [] : decided.refusals;
    expect(refusal?.field?.[0] ?? 'input').toBe('input');
    expect(refusal ? [refusal.code, refusal.field?.slice(1).join('.'), refusal.reason].filter(Boolean).join(' ') : 'OK').toBe(expected);
  });
});
