import { writeMessage } from '../templates/render';
import { TEMPLATES } from '../templates/template.catalogue';
import { cardTopUpReturnedNotice } from './charge-back-message.domain';

const topUp = {
  transactionId: 't1', personId: 'p1', currency: 'USD', amount: 1_000n, last4: '4242', owed: 0n, occurredAt: new Date('2026-11-22T12:00:00Z'),
};

describe('cardTopUpReturnedNotice', () => {
  it.each([
    [0n, 'en', 'The top-up of $10.00 went back to your card ending in 4242. It has left your wallet.'],
    [1n, 'en', 'The top-up of $10.00 went back to your card ending in 4242. You still owe $0.01 of it.'],
    [700n, 'en', 'The top-up of $10.00 went back to your card ending in 4242. You still owe $7.00 of it.'],
    [0n, 'zh-CN', 'US$10.00 的充值款已退回尾号 4242 的银行卡。款项已从钱包扣除。'],
    [700n, 'zh-CN', 'US$10.00 的充值款已退回尾号 4242 的银行卡。您仍欠 US$7.00。'],
  ] as const)('%d is owed, in %s', (owed, locale, body) => {
    const draft = cardTopUpReturnedNotice({ ...topUp, owed });
    expect(writeMessage(draft.template as keyof typeof TEMPLATES, locale, draft.facts, {}).body).toBe(body);
  });

  it.each([[0n, 'no'], [700n, 'yes']] as const)('is a message about the top-up, once a top-up, and news for a day; where %d is owed', (owed, owes) => {
    expect(cardTopUpReturnedNotice({ ...topUp, owed })).toEqual({
      dedupeKey: 'card-topup.returned/t1/p1', personId: 'p1', class: 'TRANSACTIONAL', template: 'card-topup.returned', transactionId: 't1',
      facts: { currency: 'USD', amounts: { amount: '1000', owed: owed.toString() }, words: { last4: '4242', owes } },
      validUntil: new Date('2026-11-23T12:00:00Z'),
    });
    expect(TEMPLATES['card-topup.returned'].class).toBe('TRANSACTIONAL');
  });
});
