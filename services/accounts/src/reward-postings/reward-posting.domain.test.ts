import fc from 'fast-check';
import { decideCollection, decideRebate, decideReversal, type RebateState } from './reward-posting.domain';

const minor = fc.bigInt({ min: 0n, max: 1_000n });

describe('decideReversal', () => {
  it.each([
    // grant, reversed before, available, asked -> taken, owed
    [100n, 0n, 500n, 100n, 100n, 0n], [100n, 0n, 500n, 30n, 30n, 0n], [100n, 80n, 500n, 30n, 20n, 0n],
    [100n, 0n, 40n, 100n, 40n, 60n], [100n, 0n, 0n, 100n, 0n, 100n], [100n, 100n, 500n, 30n, 0n, 0n],
  ])('of %s less %s, with %s there, asked %s: takes %s, owes %s', (amount, reversed, available, asked, taken, owed) => {
    expect(decideReversal({ amount, reversed }, { available }, asked)).toEqual({ taken, owed });
  });

  it('A21: takes no more than there is and no more than was granted, in any order and split', () => {
    fc.assert(fc.property(minor, fc.array(fc.tuple(minor, minor)), (amount, asks) => {
      let reversed = 0n;
      for (const [asked, available] of asks) {
        const { taken, owed } = decideReversal({ amount, reversed }, { available }, asked);
        expect(taken >= 0n && owed >= 0n && taken <= available && taken + owed <= asked).toBe(true);
        reversed += taken + owed;
      }
      expect(reversed <= amount).toBe(true);
    }));
  });
});

describe('decideCollection', () => {
  it('keeps back of a reward what is owed, at most the reward and what is there', () => {
    fc.assert(fc.property(minor, minor, minor, (debt, reward, available) => {
      const kept = decideCollection(debt, reward, { available });
      expect(kept <= debt && kept <= reward && kept <= available).toBe(true);
      expect([debt, reward, available]).toContain(kept);
    }));
  });
});

describe('decideRebate', () => {
  const payment = { fee: 50n, feeWaived: 0n, rebated: false };
  const offer = { maximumRewardsPerUser: 2, uses: 0, budgetLeft: 100n };

  it.each<[string, RebateState, bigint, bigint | string]>([
    ['the fee', { payment, offer }, 50n, 50n], ['a part of the fee', { payment, offer }, 20n, 20n], ['never more than the fee', { payment, offer }, 90n, 50n],
    ['no such payment', { payment: undefined, offer }, 50n, 'UNKNOWN_PAYMENT'],
    ['a fee that was waived', { payment: { ...payment, feeWaived: 10n }, offer }, 50n, 'ALREADY_WAIVED'],
    ['a fee that was given back', { payment: { ...payment, rebated: true }, offer }, 50n, 'ALREADY_WAIVED'],
    ['no fee', { payment: { ...payment, fee: 0n }, offer }, 50n, 'ALREADY_WAIVED'],
    ['the last use', { payment, offer: { ...offer, uses: 1 } }, 50n, 50n],
    ['no use left', { payment, offer: { ...offer, uses: 2 } }, 50n, 'LIMIT_REACHED'],
    ['no bound of uses', { payment, offer: { ...offer, uses: 9, maximumRewardsPerUser: null } }, 50n, 50n],
    ['the last of the budget', { payment, offer: { ...offer, budgetLeft: 50n } }, 50n, 50n],
    ['one short', { payment, offer: { ...offer, budgetLeft: 49n } }, 50n, 'BUDGET_EXHAUSTED'],
  ])('%s', (_what, state, asked, expected) => {
    const decided = decideRebate(state, asked);
    expect(decided.ok ? decided.amount : decided.reason).toBe(expected);
  });
});
