import { writeMessage } from '../templates/render';
import { TEMPLATES } from '../templates/template.catalogue';
import { debtNotice, merchantDebtNotice } from './debt-message.domain';

const change = {
  transactionId: 'c1', topUpId: 't1', personId: 'p1', walletId: 'w1', currency: 'EUR', amount: 1_250n, left: 300n, occurredAt: new Date('2026-11-29T04:00:00Z'),
};

describe('debtNotice', () => {
  it.each([
    ['collected', 300n, 'en', '€12.50 of your debt settled', '€12.50 of what you owe for a returned top-up was settled from your wallet; €3.00 is left.'],
    ['collected', 0n, 'en', '€12.50 of your debt settled', '€12.50 was taken from your wallet: what you owed for a returned top-up is settled.'],
    ['written-off', 300n, 'en', 'You no longer owe €12.50', 'We no longer ask for €12.50 of what you owe for a returned top-up; €3.00 is left.'],
    ['written-off', 0n, 'en', 'You no longer owe €12.50', 'We no longer ask for the €12.50 that you still owed for a returned top-up.'],
    ['collected', 300n, 'zh-CN', '已偿还欠款 €12.50', '已从钱包扣除 €12.50，用于偿还被退回充值的欠款，尚欠 €3.00。'],
    ['collected', 0n, 'zh-CN', '已偿还欠款 €12.50', '已从钱包扣除 €12.50，被退回充值的欠款已结清。'],
    ['written-off', 300n, 'zh-CN', '已免除欠款 €12.50', '被退回充值的欠款中有 €12.50 无需再偿还，尚欠 €3.00。'],
    ['written-off', 0n, 'zh-CN', '已免除欠款 €12.50', '被退回充值的欠款余下 €12.50，无需再偿还。'],
  ] as const)('%s, %d is left, in %s', (what, left, locale, title, body) => {
    const draft = debtNotice(what, { ...change, left });
    expect(writeMessage(draft.template as keyof typeof TEMPLATES, locale, draft.facts, {})).toMatchObject({ title, body });
  });

  it('is a message about the top-up, once a collection and once a write-off, and news for a day', () => {
    expect(debtNotice('collected', change)).toEqual({
      dedupeKey: 'debt.collected/c1', personId: 'p1', class: 'TRANSACTIONAL', template: 'debt.collected', transactionId: 't1',
      facts: { currency: 'EUR', amounts: { amount: '1250', left: '300' }, words: { rest: 'some' } }, validUntil: new Date('2026-11-30T04:00:00Z'),
    });
    expect(debtNotice('written-off', change).dedupeKey).toBe('debt.written-off/c1');
    expect([TEMPLATES['debt.collected'].class, TEMPLATES['debt.written-off'].class]).toEqual(['TRANSACTIONAL', 'TRANSACTIONAL']);
  });
});

describe('merchantDebtNotice', () => {
  const written = { transactionId: 'c1', personId: 'p1', merchantId: 'm1', currency: 'EUR', amount: 1_250n, left: 300n, occurredAt: change.occurredAt };

  it.each([
    [300n, 'en', 'You no longer owe €12.50', 'We no longer ask Cafe for €12.50 of its debt; €3.00 is left. See its next settlement.'],
    [0n, 'en', 'You no longer owe €12.50', 'We no longer ask Cafe for the €12.50 that it still owed. See its next settlement.'],
    [300n, 'zh-CN', '已免除欠款 €12.50', 'Cafe的欠款中有 €12.50 无需再偿还，尚欠 €3.00。详见下次结算。'],
    [0n, 'zh-CN', '已免除欠款 €12.50', 'Cafe余下的欠款 €12.50 无需再偿还。详见下次结算。'],
  ] as const)('%d is left, in %s', (left, locale, title, body) => {
    const draft = merchantDebtNotice({ ...written, left });
    expect(writeMessage(draft.template as keyof typeof TEMPLATES, locale, draft.facts, { merchant: 'Cafe' })).toMatchObject({ title, body });
  });

  it('is a message about the merchant, once a write-off and owner, and news for a day', () => {
    expect(merchantDebtNotice(written)).toEqual({
      dedupeKey: 'merchant-debt.written-off/c1/p1', personId: 'p1', class: 'TRANSACTIONAL', template: 'merchant-debt.written-off', merchantId: 'm1',
      facts: { currency: 'EUR', amounts: { amount: '1250', left: '300' }, words: { rest: 'some' } }, validUntil: new Date('2026-11-30T04:00:00Z'),
    });
    expect(TEMPLATES['merchant-debt.written-off'].class).toBe('TRANSACTIONAL');
  });
});
