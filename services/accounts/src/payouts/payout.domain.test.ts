import fc from 'fast-check';
import { byHandDenial, decidePayout, payableNow, type PayoutAccountStatus } from './payout.domain';

const NOW = new Date('2026-11-28T12:00:00Z');
const LATER = new Date('2026-11-29T12:00:00Z');
const state = (status: PayoutAccountStatus | undefined, more: object = {}) => ({
  payable: 1_000n, owed: 0n, underWay: false, account: status && { status, usableFrom: NOW }, now: NOW, ...more,
});

describe('decidePayout', () => {
  it.each([
    ['an account that is good', state('ACTIVE'), { do: 'PAY', amount: 1_000n }],
    ['no account', state(undefined), { do: 'NOTHING' }],
    ['one that waits for its deposits', state('PENDING_VERIFICATION'), { do: 'NOTHING' }],
    ['one that was closed', state('REJECTED'), { do: 'NOTHING' }],
    ['one that did not take a payout', state('HELD'), { do: 'NOTHING' }],
    ['one that was changed just now', state('ACTIVE', { account: { status: 'ACTIVE', usableFrom: LATER } }), { do: 'WAIT', until: LATER }],
    ['a payout under way', state('ACTIVE', { underWay: true }), { do: 'NOTHING' }],
    ['nothing payable', state('ACTIVE', { payable: 0n }), { do: 'NOTHING' }],
    ['a debt', state('ACTIVE', { owed: 400n }), { do: 'PAY', amount: 600n }],
    ['a debt as large', state('ACTIVE', { owed: 1_000n }), { do: 'NOTHING' }],
  ])('%s', (_what, given, expected) => expect(decidePayout(given)).toEqual(expected));

  it('never pays more than is payable, nor what is owed, nor nothing', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(fc.property(amount, amount, (payable, owed) => {
      const decided = decidePayout(state('ACTIVE', { payable, owed }));
      if (decided.do === 'PAY') expect(decided.amount > 0n && decided.amount === payable - owed).toBe(true);
      else expect(payable <= owed).toBe(true);
    }));
  });
});

describe('byHandDenial', () => {
  it.each([
    ['a good account', state('ACTIVE'), 1_000n, undefined], ['a held one', state('HELD'), 1n, undefined],
    ['one that was changed just now', state('ACTIVE', { account: { status: 'ACTIVE', usableFrom: LATER } }), 1n, undefined],
    ['one that nobody verified', state('PENDING_VERIFICATION'), 1n, 'NO_PAYOUT_ACCOUNT'], ['none', state(undefined), 1n, 'NO_PAYOUT_ACCOUNT'],
    ['one more than there is', state('ACTIVE'), 1_001n, 'INSUFFICIENT_FUNDS'], ['what is owed', state('ACTIVE', { owed: 1n }), 1_000n, 'INSUFFICIENT_FUNDS'],
    ['a payout under way', state('ACTIVE', { underWay: true }), 1n, 'PAYOUT_UNDER_WAY'],
  ])('%s', (_what, given, amount, expected) => expect(byHandDenial(given, amount)).toBe(expected));

  it('nothing is payable below zero', () => expect(payableNow({ payable: 1n, owed: 2n })).toBe(0n));
});
