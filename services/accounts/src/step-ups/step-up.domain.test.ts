import { allCurrencies, currencyCode } from '@tael/money';
import fc from 'fast-check';
import { actionText, allows, isLarge, seededStepUpLimits, type StepUpAction, type StepUpRecord } from './step-up.domain';

const USD = currencyCode('USD');
const EUR = currencyCode('EUR');
const now = new Date('2026-11-22T12:00:00Z');
const pay: StepUpAction = { purpose: 'PAY_MERCHANT', walletId: 'w1', merchantId: 'm1', amount: { minor: 60_000n, currency: USD } };

describe('what a step-up allows', () => {
  const good: StepUpRecord = {
    personId: 'p1',
    sessionId: 's1',
    binding: 'b1',
    expiresAt: new Date(now.getTime() + 1),
    approvedAt: now,
    usedAt: null,
  };
  it.each<[string, Partial<StepUpRecord>, boolean]>([
    ['approved, in time, for this', {}, true],
    ['not approved', { approvedAt: null }, false],
    ['used', { usedAt: now }, false],
    ['at its end', { expiresAt: now }, false],
    ['of another person', { personId: 'p2' }, false],
    ['of another session', { sessionId: 's2' }, false],
    ['for something else', { binding: 'b2' }, false],
  ])('%s', (_what, change, expected) => {
    expect(allows({ ...good, ...change }, { personId: 'p1', sessionId: 's1', bindings: ['b0', 'b1'], now })).toBe(expected);
  });
});

describe('what a step-up is bound to', () => {
  it.each<[string, StepUpAction]>([
    ['another amount', { ...pay, amount: { minor: 60_001n, currency: USD } }],
    ['another currency', { ...pay, amount: { minor: 60_000n, currency: EUR } }],
    ['another merchant', { ...pay, merchantId: 'm2' }],
    ['another wallet', { ...pay, walletId: 'w2' }],
    ['a transfer', { purpose: 'SEND_MONEY', walletId: 'w1', recipientEmail: 'm1', amount: { minor: 60_000n, currency: USD } }],
    ['a new password', { purpose: 'CHANGE_PASSWORD' }],
  ])('is another text for %s', (_what, action) => expect(actionText(action)).not.toBe(actionText(pay)));

  it('names merchant and payout, in whatever case', () => {
    const resume = (merchantId: string, payoutId: string) => actionText({ purpose: 'RESUME_PAYOUTS', merchantId, payoutId });
    expect(resume('M1', 'P1')).toBe(resume('m1', 'p1'));
    expect(new Set([resume('m1', 'p1'), resume('m1', 'p2'), resume('m2', 'p1')]).size).toBe(3);
  });

  it('is another text for each purpose', () => {
    const purposes = ['CHANGE_PASSWORD', 'DISABLE_TOTP', 'REGENERATE_RECOVERY_CODES'] as const;
    expect(new Set(purposes.map((purpose) => actionText({ purpose }))).size).toBe(purposes.length);
  });

  it('is one text an action: no two payees or amounts run together', () => {
    const arbitrary = fc.record({
      purpose: fc.constant('SEND_MONEY' as const),
      walletId: fc.constantFrom('w1', 'w1","x'),
      recipientEmail: fc.string({ maxLength: 5 }),
      amount: fc.record({ minor: fc.bigInt({ min: 1n, max: 200n }), currency: fc.constantFrom(USD, EUR) }),
    });
    fc.assert(
      fc.property(arbitrary, arbitrary, (one, other) => {
        const same =
          one.walletId === other.walletId && one.recipientEmail === other.recipientEmail &&
          one.amount.minor === other.amount.minor && one.amount.currency === other.amount.currency;
        expect(actionText(one) === actionText(other)).toBe(same);
      }),
    );
  });
});

describe('large amounts', () => {
  const limits = new Map<string, bigint>(seededStepUpLimits().map(({ currency, amount }) => [currency, amount]));
  it.each([
    ['USD', 50_000n, false],
    ['USD', 50_001n, true],
    ['JPY', 50_000n, false],
    ['JPY', 50_001n, true],
    ['KWD', 500_000n, false],
    ['KWD', 500_001n, true],
  ])('%s %s: %s', (code, minor, expected) => expect(isLarge({ minor, currency: currencyCode(code) }, limits)).toBe(expected));

  it('have a limit in every currency, and none where there is no row', () => {
    expect(limits.size).toBe(allCurrencies().length);
    expect(isLarge({ minor: 10n ** 15n, currency: USD }, new Map())).toBe(false);
  });
});
