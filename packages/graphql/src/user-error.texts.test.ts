import { userErrorText } from './user-error.texts';

describe('userErrorText', () => {
  const eur = { amount: '12.50', currency: 'EUR' };
  const jpy = { amount: '700', currency: 'JPY' };
  // What is said of sums: the reason, them, the language, and a part of the text.
  it.each([
    ['DEBT_OPEN', [eur], 'en', 'you still owe 12.50 EUR. Add'], ['DEBT_OPEN_TRANSFER', [eur, jpy], 'en-GB', 'you still owe 12.50 EUR and 700 JPY. Add'],
    ['DEBT_OPEN_PAYMENT', [eur], 'en', 'you still owe 12.50 EUR. Add'], ['DEBT_OPEN', [eur, jpy], 'zh-CN', '尚欠 12.50 EUR和700 JPY。'], ['DEBT_OPEN', [], 'en', 'you still owe it. Add'], ['DEBT_OPEN', undefined, 'zh', '尚欠 该款项。'],
    ['DEBT_OPEN', [{ amount: '1.00', currency: '$&' }], 'en', 'owe 1.00 $&. Add'],
  ])('%s of %j in %s: %s', (reason, amounts, locale, part) => {
    const text = userErrorText({ code: 'NOT_ALLOWED', reason, amounts }, locale);
    expect(text).toContain(part);
    expect(text).not.toContain('{');
  });

  it('falls back to the code, and to a text that anybody may see', () => {
    expect(userErrorText({ code: 'NOT_ALLOWED', reason: 'NEVER_HEARD_OF' }, 'en')).toBe('This is not allowed.');
    expect(userErrorText({ code: 'NEVER_HEARD_OF' }, 'fr')).toBe('This value cannot be used.');
  });
});
