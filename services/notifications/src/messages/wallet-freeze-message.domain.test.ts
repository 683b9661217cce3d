import { writeMessage } from '../templates/render';
import { TEMPLATES } from '../templates/template.catalogue';
import { walletFreezeAlarm } from './wallet-freeze-message.domain';

const freeze = { personId: 'p1', walletId: 'w1', freezeId: 'f1', currency: 'USD', occurredAt: new Date('2026-11-29T04:00:00Z') };

describe('walletFreezeAlarm', () => {
  it.each([
    ['frozen', 'en', 'Your USD wallet is frozen', 'Money still comes in to your USD wallet, but none can leave it for now. Write to our support to learn what to do.'],
    ['unfrozen', 'en', 'Your USD wallet is free again', 'You can pay, send and withdraw from your USD wallet again. Tell us if anything in it is not as you expect.'],
    ['frozen', 'zh-CN', '您的 USD 钱包已被冻结', '您的 USD 钱包仍可收款，但暂时无法付款、转账或提现。请联系客服了解如何处理。'],
    ['unfrozen', 'zh-CN', '您的 USD 钱包已解冻', '您的 USD 钱包已恢复付款、转账和提现。如有异常，请联系我们。'],
  ] as const)('tells that a wallet is %s, in %s', (change, locale, title, body) => {
    const draft = walletFreezeAlarm(change, freeze);
    expect(writeMessage(draft.template as keyof typeof TEMPLATES, locale, draft.facts, {})).toMatchObject({ title, body });
  });

  it('is a security message that never grows old, once a freeze and once its end, and is about nothing else of it', () => {
    expect(walletFreezeAlarm('frozen', freeze)).toEqual({
      dedupeKey: 'wallet.frozen/f1', personId: 'p1', class: 'SECURITY', template: 'wallet.frozen', facts: { currency: 'USD' }, validUntil: null,
    });
    expect(walletFreezeAlarm('unfrozen', freeze).dedupeKey).toBe('wallet.unfrozen/f1');
    expect([TEMPLATES['wallet.frozen'].class, TEMPLATES['wallet.unfrozen'].class]).toEqual(['SECURITY', 'SECURITY']);
  });
});
