import fc from 'fast-check';
import { chargeBackPostings, owedOf } from './charge-back.domain';

describe('what a charge-back books', () => {
  it.each<[bigint, bigint, string]>([
    // went back, in the wallet: booked
    [2_500n, 10_000n, 'TOP_UP_RETURN WALLET 2500'], [2_500n, 2_500n, 'TOP_UP_RETURN WALLET 2500'],
    [2_500n, 2_499n, 'TOP_UP_RETURN WALLET 2499, CARD_RECEIVABLE CARD_RECEIVABLE 1'],
    [2_500n, 1n, 'TOP_UP_RETURN WALLET 1, CARD_RECEIVABLE CARD_RECEIVABLE 2499'],
    [2_500n, 0n, 'CARD_RECEIVABLE CARD_RECEIVABLE 2500'], [2_500n, -1n, 'CARD_RECEIVABLE CARD_RECEIVABLE 2500'], [1n, 1n, 'TOP_UP_RETURN WALLET 1'],
  ])('%d, %d: %s', (amount, available, booked) => {
    expect(chargeBackPostings(amount, available).map(({ kind, debit, amount: minor }) => `${kind} ${debit} ${minor}`).join(', ')).toBe(booked);
  });

  it('is the whole amount, takes no more than is there, and owes only what is not', () => {
    fc.assert(fc.property(fc.bigInt(1n, 10_000n), fc.bigInt(0n, 10_000n), (amount, available) => {
      const postings = chargeBackPostings(amount, available);
      expect(postings.reduce((sum, posting) => sum + posting.amount, 0n)).toBe(amount);
      expect(amount - owedOf(postings)).toBeLessThanOrEqual(available);
      expect(owedOf(postings) === 0n || amount - owedOf(postings) === available).toBe(true);
    }));
  });
});
