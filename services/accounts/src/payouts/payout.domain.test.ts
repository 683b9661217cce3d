import fc from 'fast-check';
import { byHandDenial, CHANGE_HOLD_MS, decidePayout, type MerchantStanding, payableNow, type PayoutAccountStatus, payoutHold, resumptionDenial, usableFrom } from './payout.domain';

const NOW = new Date('2026-11-28T12:00:00Z');
const LATER = new Date('2026-11-29T12:00:00Z');
const VERIFIED: MerchantStanding = { verified: true, status: 'ACTIVE' };
const UNVERIFIED: MerchantStanding = { verified: false, status: 'ACTIVE' };
const SUSPENDED: MerchantStanding = { verified: true, status: 'SUSPENDED' };
const state = (status: PayoutAccountStatus | undefined, more: object = {}) => ({
  merchant: VERIFIED, payable: 1_000n, owed: 0n, underWay: false, account: status && { status, usableFrom: NOW }, now: NOW, ...more,
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
    ['a merchant that nobody verified', state('ACTIVE', { merchant: UNVERIFIED }), { do: 'NOTHING' }],
    ['one that is suspended', state('ACTIVE', { merchant: SUSPENDED }), { do: 'NOTHING' }],
    ['one that is not active yet', state('ACTIVE', { merchant: { verified: true, status: 'PENDING' } }), { do: 'NOTHING' }],
    ['one of which accounts was never told', state('ACTIVE', { merchant: undefined }), { do: 'NOTHING' }],
    ['a debt as large', state('ACTIVE', { owed: 1_000n }), { do: 'NOTHING' }],
  ])('%s', (_what, given, expected) => expect(decidePayout(given)).toEqual(expected));

  it('pays nobody who is not verified and active, whatever else holds', () => {
    fc.assert(fc.property(
      fc.boolean(), fc.constantFrom<MerchantStanding['status']>('PENDING', 'ACTIVE', 'SUSPENDED'), fc.bigInt({ min: 0n, max: 10n ** 15n }),
      (verified, status, payable) => {
        const decided = decidePayout(state('ACTIVE', { merchant: { verified, status }, payable }));
        expect(decided.do === 'PAY').toBe(verified && status === 'ACTIVE' && payable > 0n);
      },
    ));
  });

  it('never pays more than is payable, nor what is owed, nor nothing', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(fc.property(amount, amount, (payable, owed) => {
      const decided = decidePayout(state('ACTIVE', { payable, owed }));
      if (decided.do === 'PAY') expect(decided.amount > 0n && decided.amount === payable - owed).toBe(true);
      else expect(payable <= owed).toBe(true);
    }));
  });
});

describe('payoutHold', () => {
  const later = { account: { status: 'ACTIVE', usableFrom: LATER } };
  it.each([
    ['nothing', state('ACTIVE'), undefined],
    ['nothing payable', state('ACTIVE', { payable: 0n }), undefined],
    ['a merchant that nobody verified', state('ACTIVE', { merchant: UNVERIFIED }), { reason: 'NOT_VERIFIED' }],
    ['one of which accounts was never told', state('ACTIVE', { merchant: undefined }), { reason: 'NOT_VERIFIED' }],
    ['one that is suspended', state('ACTIVE', { merchant: SUSPENDED }), { reason: 'SUSPENDED' }],
    ['no account', state(undefined), { reason: 'NO_ACCOUNT' }],
    ['an account that waits for its deposits', state('PENDING_VERIFICATION'), { reason: 'ACCOUNT_NOT_VERIFIED' }],
    ['one that was closed', state('REJECTED'), { reason: 'ACCOUNT_NOT_VERIFIED' }],
    ['one that did not take a payout', state('HELD'), { reason: 'ACCOUNT_HELD' }],
    ['one that was changed just now', state('ACTIVE', later), { reason: 'WAITING', until: LATER }],
    ['a debt', state('ACTIVE', { owed: 999n }), undefined],
    ['a debt as large', state('ACTIVE', { owed: 1_000n }), { reason: 'OWES' }],
    ['what comes first of several', state(undefined, { merchant: { verified: false, status: 'SUSPENDED' }, owed: 1_000n }), { reason: 'NOT_VERIFIED' }],
    ['a suspension before an account', state('HELD', { merchant: SUSPENDED, owed: 1_000n }), { reason: 'SUSPENDED' }],
    ['an account before a debt', state('ACTIVE', { ...later, owed: 1_000n }), { reason: 'WAITING', until: LATER }],
  ])('%s', (_what, given, expected) => expect(payoutHold(given)).toEqual(expected));
});

describe('resumptionDenial', () => {
  const held = { status: 'HELD' as const, failed: 'p1', resumptions: 0 };
  it.each([
    ['the payout that failed', held, undefined],
    ['the third time', { ...held, resumptions: 2 }, undefined],
    ['a fourth time', { ...held, resumptions: 3 }, 'RESUMED_TOO_OFTEN'],
    ['another payout', { ...held, failed: 'p2' }, 'OTHER_PAYOUT'],
    ['an account that nothing holds', { ...held, status: 'ACTIVE' as const }, 'NOT_HELD'],
    ['no account', { ...held, status: undefined }, 'NO_PAYOUT_ACCOUNT'],
  ])('%s', (_what, given, expected) => expect(resumptionDenial(given, 'p1')).toBe(expected));
});

describe('usableFrom', () => {
  const now = new Date('2026-11-29T12:00:00.000Z');
  const AT_ONCE = now.toISOString();
  const A_DAY_LATER = '2026-11-30T12:00:00.000Z';
  it.each([
    ['a first account, of owners who never changed', true, null, AT_ONCE],
    ['a first account, a day after the owners changed', true, '2026-11-28T12:00:00.000Z', AT_ONCE],
    ['a first account, a moment before that day is over', true, '2026-11-28T12:00:00.001Z', A_DAY_LATER],
    ['a first account, as the owners change', true, '2026-11-29T12:00:00.000Z', A_DAY_LATER],
    ['a first account, by a clock that is behind', true, '2026-11-29T12:00:05.000Z', A_DAY_LATER],
    ['an account in another\'s place, of owners who never changed', false, null, A_DAY_LATER],
    ['an account in another\'s place, long after they changed', false, '2025-01-01T00:00:00.000Z', A_DAY_LATER],
    ['an account in another\'s place, as they change', false, '2026-11-29T12:00:00.000Z', A_DAY_LATER],
  ])('%s', (_which, isFirst, changed, expected) => {
    expect(usableFrom({ now, isFirst, ownersChangedAt: changed === null ? null : new Date(changed) }).toISOString()).toBe(expected);
  });
  it('is a day later, no more', () => expect(CHANGE_HOLD_MS).toBe(86_400_000));
});

describe('byHandDenial', () => {
  it.each([
    ['a merchant that nobody verified', state('ACTIVE', { merchant: UNVERIFIED }), 1n, 'MERCHANT_NOT_VERIFIED'],
    ['one of which accounts was never told', state('ACTIVE', { merchant: undefined }), 1n, 'MERCHANT_NOT_VERIFIED'],
    ['one that is suspended, and leaves', state('ACTIVE', { merchant: SUSPENDED }), 1n, undefined],
    ['a good account', state('ACTIVE'), 1_000n, undefined], ['a held one', state('HELD'), 1n, undefined],
    ['one that was changed just now', state('ACTIVE', { account: { status: 'ACTIVE', usableFrom: LATER } }), 1n, undefined],
    ['one that nobody verified', state('PENDING_VERIFICATION'), 1n, 'NO_PAYOUT_ACCOUNT'], ['none', state(undefined), 1n, 'NO_PAYOUT_ACCOUNT'],
    ['one more than there is', state('ACTIVE'), 1_001n, 'INSUFFICIENT_FUNDS'], ['what is owed', state('ACTIVE', { owed: 1n }), 1_000n, 'INSUFFICIENT_FUNDS'],
    ['a payout under way', state('ACTIVE', { underWay: true }), 1n, 'PAYOUT_UNDER_WAY'],
  ])('%s', (_what, given, amount, expected) => expect(byHandDenial(given, amount)).toBe(expected));

  it('nothing is payable below zero', () => expect(payableNow({ payable: 1n, owed: 2n })).toBe(0n));
});
