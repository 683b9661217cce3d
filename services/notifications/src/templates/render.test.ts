import { allCurrencies, MAX_MINOR } from '@tael/money';
import { closestLocale, type MessageFacts, templateLocale, writeAmount, writeMail, writeMessage, writeName } from './render';
import { HOSTILE_NAMES } from '../../test/hostile-names';
import { TEMPLATE_LOCALES, type TemplateName, TEMPLATES } from './template.catalogue';

const names = { merchant: 'Harbour Coffee', counterparty: 'Lin Example' };
const LONG = 'W'.repeat(200);

// All that any event can say, at its longest. Fees are bounded by the fee schedule.
const words = {
  last4: '4242',
  brand: 'American Express',
  currency: 'USD',
  browser: 'Samsung Internet',
  platform: 'unknown device',
  code: 'WWWW-WWWW-WWWW-WWWW',
  days: '14',
};
const longest: MessageFacts = {
  currency: 'KWD',
  amounts: { amount: MAX_MINOR.toString(), fee: '2000', waived: '2000', owed: '99999999', left: MAX_MINOR.toString() },
  words,
  rateBasisPoints: 9_999,
};
const variants: Record<string, readonly string[]> = {
  feeKind: ['charged', 'waived', 'partly', 'none'],
  owes: ['yes', 'no'],
  cause: ['CARD_DECLINED', 'PROCESSOR_ERROR'],
  scope: ['MERCHANT', 'CATEGORY'],
  change: ['ENABLED', 'DISABLED', 'RECOVERY_CODES_RENEWED', 'RECOVERY_CODE_USED'],
  count: ['ONE', 'MANY'],
  outcome: ['PERSON', 'MERCHANT', 'WITHDRAWN', 'APPROVED', 'REJECTED', 'NEEDS_MORE'],
  direction: ['CREDIT', 'DEBIT'],
  request: ['yes', 'no'],
  rest: ['some', 'none'],
  role: ['OWNER', 'MANAGER', 'CASHIER', 'NONE'],
};

/** Every template in every language, and in every choice that its text makes. */
const all = Object.keys(TEMPLATES).flatMap((name) =>
  TEMPLATE_LOCALES.flatMap((locale) => {
    const template = TEMPLATES[name as TemplateName];
    const text = template.texts[locale].title + template.texts[locale].body;
    const choice = Object.keys(variants).find((variable) => text.includes(`{${variable}, select`));
    return (choice ? variants[choice]! : ['']).map(
      (value) => [name as TemplateName, locale, choice ? { [choice]: value } : {}] as const,
    );
  }),
);

describe('the templates', () => {
  it.each(all)('%s in %s with %j is written whole and within its bounds', (name, locale, choice) => {
    const message = writeMessage(
      name,
      locale,
      { ...longest, words: { ...words, ...choice } },
      { merchant: LONG, counterparty: LONG },
    );
    for (const [text, most] of [
      [message.title, 50],
      [message.body, 150],
    ] as const) {
      expect(text).not.toBe('');
      expect(text).not.toMatch(/[{}]|undefined|null|NaN|\s{2}|^\s|\s$/);
      expect([...text].length).toBeLessThanOrEqual(most);
    }
    expect(message).toMatchObject({ locale, templateVersion: TEMPLATES[name].version });
  });
  it('are all in each of the languages', () => {
    expect(all.length).toBeGreaterThan(Object.keys(TEMPLATES).length * TEMPLATE_LOCALES.length);
    for (const [name, locale] of all) {
      const { title, body } = TEMPLATES[name].texts[locale];
      expect(/\p{Script=Han}/u.test(title + body)).toBe(locale === 'zh-CN');
    }
  });
  it('refuse to write without a fact that they name', () => {
    expect(() => writeMessage('payment.settled', 'en', { currency: 'USD', amounts: { amount: '1' } }, names)).toThrow();
    expect(() => writeMessage('card.added', 'en', { words: { brand: 'Visa' } }, names)).toThrow();
  });
});

describe('A22: a hostile name', () => {
  // Nothing that ends a line, is not seen, or turns the direction of what is read.
  const CONTROLS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200B\u202A-\u202E\u2066\u2067\uFEFF]/u;

  it.each(HOSTILE_NAMES.map((name) => [name]))('%j is one short line', (name) => {
    const written = writeName(name);
    expect(written).not.toMatch(CONTROLS);
    expect([...new Intl.Segmenter().segment(written)].length).toBeLessThanOrEqual(32);
  });

  /** Every text with one word for each that could be hostile. */
  const allWith = (word: string, people: { merchant?: string; counterparty?: string }): string[] => all.flatMap(([template, locale, choice]) => {
    const hostile = { brand: word, browser: word, platform: word, last4: word, code: word, days: word };
    const { title, body } = writeMessage(template, locale, { ...longest, words: { ...hostile, ...choice } }, people);
    return [title, body];
  });
  let plain: readonly string[] | undefined;

  it.each(HOSTILE_NAMES.map((name) => [name]))('%j stands in every text as the words that it is, and brings none of its own', (name) => {
    const texts = allWith(name, { merchant: name, counterparty: name });
    const written = writeName(name);
    plain ??= allWith('NAME', { merchant: 'NAME', counterparty: 'NAME' });
    // What a text without the name would say, with the name in its places: not a sign is read as a mark.
    expect(texts).toEqual(written ? plain.map((text) => text.replaceAll('NAME', () => written)) : allWith(name, {}));
    expect(texts.join('')).not.toMatch(CONTROLS);
    const mails = (url: string | null) => texts.flatMap((body) => TEMPLATE_LOCALES.map((locale) => writeMail({ title: 't', body, locale }, name, url)));
    const lines = (url: string | null) => new Set(mails(url).map((mail) => mail.split('\n').length));
    expect([lines(null), lines('https://x.example/u')]).toEqual([new Set([6]), new Set([7])]);
  });
});

describe('a written message', () => {
  const paid = (feeKind: string, fee = '13', waived = '0'): MessageFacts => ({
    currency: 'USD',
    amounts: { amount: '10020', fee, waived },
    words: { feeKind },
  });
  it.each([
    ['en', 'charged', 'You paid $100.20 to Harbour Coffee. Fee: $0.13.'],
    ['en', 'none', 'You paid $100.20 to Harbour Coffee.'],
    ['en-GB', 'none', 'You paid US$100.20 to Harbour Coffee.'],
    ['zh-CN', 'charged', '您已向Harbour Coffee支付 US$100.20。手续费 US$0.13。'],
    ['fr-FR', 'none', 'You paid $100.20 to Harbour Coffee.'],
    ['en_GB', 'none', 'You paid US$100.20 to Harbour Coffee.'],
    ['EN-gb', 'none', 'You paid US$100.20 to Harbour Coffee.'],
    ['zh-Hant-TW', 'none', '您已向Harbour Coffee支付 US$100.20。'],
    ['en-%%', 'none', 'You paid $100.20 to Harbour Coffee.'],
  ])('%s, fee %s: %s', (locale, feeKind, body) => {
    expect(writeMessage('payment.settled', locale, paid(feeKind), names).body).toBe(body);
  });
  it('says that a fee was waived', () => {
    expect(writeMessage('payment.settled', 'en', paid('waived', '0', '100'), names).body).toContain(
      'The fee of $1.00 was waived.',
    );
  });
  it('does without a name that never came', () => {
    expect(writeMessage('payment.settled', 'en', paid('none'), {}).body).toBe('You paid $100.20 to a merchant.');
    expect(writeMessage('payment.refunded', 'en', paid('none'), {}).body).toMatch(/^A merchant gave you/);
    expect(writeMessage('transfer.received', 'zh-CN', paid('none'), {}).body).toMatch(/^对方向您转账/);
    expect(writeMessage('payment.settled', 'zh-CN', paid('none'), {}).body).toBe('您已向商户支付 US$100.20。');
    expect(writeMessage('transfer.received', 'en', paid('none'), {}).body).toMatch(/^Someone sent you/);
    // A name is written as its owner writes it.
    for (const own of ['someones', 'a merchants', 'x someone', 'x a merchant', 'bakery']) {
      expect(writeMessage('transfer.received', 'en', paid('none'), { counterparty: own }).body).toBe(`${own} sent you $100.20. It is in your wallet.`);
    }
  });
  it('says in which language and wording it is', () => {
    expect(writeMessage('wallet.opened', 'zh-Hans-CN', { currency: 'USD' }, {})).toEqual({
      title: '您的 USD 钱包已开通', body: '欢迎使用 USD 钱包。充值后即可付款、转账并获得奖励。', locale: 'zh-CN', templateVersion: TEMPLATES['wallet.opened'].version,
    });
  });
  it('says what an offer gives', () => {
    const offer = { rateBasisPoints: 250, words: { scope: 'MERCHANT' } };
    expect(writeMessage('offer.cashback', 'en', offer, names)).toMatchObject({
      title: '2.5% cashback for you',
      body: 'You often pay at Harbour Coffee: get 2.5% cashback there now.',
    });
  });
  it.each([
    [1, '0.01%'], [5, '0.05%'], [99, '0.99%'], [100, '1%'], [9_999, '99.99%'], [10_000, '100%'], [12_345, '123.45%'], [0, '0%'],
  ])('writes a rate of %d basis points as %s', (rateBasisPoints, rate) => {
    expect(writeMessage('offer.cashback', 'en', { rateBasisPoints, words: { scope: 'MERCHANT' } }, names).title).toBe(`${rate} cashback for you`);
  });
});

describe('languages', () => {
  it.each([
    ['en', 'en'],
    ['en-GB', 'en'],
    ['zh-CN', 'zh-CN'],
    ['zh-Hans-CN', 'zh-CN'],
    ['zh-Hant-HK', 'zh-CN'],
    ['zh', 'zh-CN'],
    ['ZH-cn', 'zh-CN'],
    ['zh_CN', 'zh-CN'],
    ['de-AT', 'en'],
    ['', 'en'],
    ['x'.repeat(300), 'en'],
  ])('%s is written in %s', (tag, locale) => {
    expect(templateLocale(tag)).toBe(locale);
  });
  it.each([
    ['zh-Hant-HK', 'zh-Hant-HK'],
    ['ZH_hant_hk', 'zh-Hant-HK'],
    ['zh-Hant-HK-x-private', 'zh-Hant-HK'],
    ['zh-Hant-TW', 'zh-Hant'],
    ['zh-Hant', 'zh-Hant'],
    ['zh-SG', 'zh-CN'],
    ['zhHant', undefined],
    ['fr-FR', undefined],
    ['', undefined],
  ])('with several writings of one: %s is closest to %s', (tag, locale) => {
    expect(closestLocale(tag, ['en', 'zh-CN', 'zh-Hant', 'zh-Hant-HK'])).toBe(locale);
  });
  it('do not fail on a tag that is none', () => {
    expect(writeMessage('wallet.opened', 'zh-%%', { currency: 'USD' }, {}).locale).toBe('zh-CN');
  });
});

describe('amounts', () => {
  it.each([
    ['1250', 'USD', 'en', '$12.50'],
    ['500', 'JPY', 'en', '¥500'],
    ['1234', 'KWD', 'en', 'KWD 1.234'],
    ['5', 'USD', 'en', '$0.05'],
    // Intl alone would write these without their fraction digits.
    ['1234', 'IQD', 'en', 'IQD 1.234'],
    ['150', 'AFN', 'en', 'AFN 1.50'],
    // Further than a float can tell.
    ['999999999999999', 'USD', 'en', '$9,999,999,999,999.99'],
    ['-125', 'USD', 'en', '-$1.25'],
  ])('%s of %s in %s is %s', (minor, currency, locale, text) => {
    expect(writeAmount(minor, currency, locale)).toBe(text.replace(/ /g, '\u00a0'));
  });
  it('keep every digit, in every currency', () => {
    for (const currency of allCurrencies()) {
      expect(writeAmount('123456789012345', currency, 'en').replace(/\D/g, '')).toBe('123456789012345');
    }
  });
});

describe('names', () => {
  it.each([
    ['Harbour Coffee', 'Harbour Coffee'],
    ['  A\r\nBcc: x@y.example\u0000 ', 'A Bcc: x@y.example'],
    ['evil\u202Eeman', 'evil eman'],
    ['a'.repeat(31), `${'a'.repeat(29)}…`],
    ['👨‍👩‍👧‍👦'.repeat(2), '👨 👩 👧 👦👨 👩 👧 👦'],
    ['مقهى', '\u2068مقهى\u2069'],
    ['Café קפה', '\u2068Café קפה\u2069'],
    ['a'.repeat(30), 'a'.repeat(30)],
    ['e\u0301'.repeat(31), `${'e\u0301'.repeat(29)}…`],
    ['a\u2028\u2029\u200b b', 'a b'],
    ['a\ud800b', 'a b'],
    ['\u202e', ''],
  ])('%j is written %j', (name, written) => {
    expect(writeName(name)).toBe(written);
  });
});

it('a mail greets, says where it comes from, and for offers how to stop them', () => {
  const message = { title: 't', body: 'Body.', locale: 'en' };
  expect(writeMail(message, 'Ada', null)).toBe('Hello Ada,\n\nBody.\n\n-- \nThis message is from Tael.');
  expect(writeMail({ ...message, locale: 'zh-CN' }, 'Lin', 'https://x.example/u')).toBe(
    'Lin，您好：\n\nBody.\n\n-- \n此消息由 Tael 发送。\n退订优惠信息：https://x.example/u',
  );
  expect(writeMail({ ...message, locale: 'en-GB' }, 'A\nB', '')).toBe('Hello A B,\n\nBody.\n\n-- \nThis message is from Tael.');
});
