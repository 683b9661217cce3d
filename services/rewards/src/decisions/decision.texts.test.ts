import { currencyCode } from '@tael/money';
import type { Condition, ConditionCode } from '../evaluations/evaluation.domain';
import { conditionText } from './decision.texts';

const USD = currencyCode('USD');
const of = (code: ConditionCode, expected: string, actual: string, passed = true): Condition => ({ code, expected, actual, passed });
const CASES: Readonly<Record<ConditionCode, Condition>> = {
  ACTIVE: of('ACTIVE', 'yes', 'no', false),
  STARTED: of('STARTED', '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'),
  NOT_ENDED: of('NOT_ENDED', '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', false),
  CURRENCY: of('CURRENCY', 'USD', 'EUR', false),
  MINIMUM_AMOUNT: of('MINIMUM_AMOUNT', '5000', '4999', false),
  MERCHANT: of('MERCHANT', '3', 'no', false),
  CATEGORY: of('CATEGORY', '5411, 5814', '5814'),
  FIRST_PAYMENT: of('FIRST_PAYMENT', '1', '7', false),
  REFERRED: of('REFERRED', 'JOINED', 'NONE', false),
  FEE: of('FEE', '1', '0', false),
  SMALLEST_REWARD: of('SMALLEST_REWARD', '1', '0', false),
  COMBINATION: of('COMBINATION', 'no', 'yes', false),
  MAXIMUM_REWARDS: of('MAXIMUM_REWARDS', '2', '2', false),
  BUDGET: of('BUDGET', '250', 'no', false),
};

it.each(Object.values(CASES))('$code has words in every language, no code and nothing left out', (condition) => {
  const english = conditionText(condition, USD, 'en');
  const chinese = conditionText(condition, USD, 'zh-CN');
  for (const text of [...Object.values(english), ...Object.values(chinese)]) {
    expect(text.length).toBeGreaterThan(0);
    expect(text).not.toMatch(/undefined|[A-Z]{4,}|_/);
  }
  expect(english.label).toMatch(/^[\x20-\x7e]+$/);
  expect(chinese.label).toMatch(/[\u4e00-\u9fff]/);
});

it.each(['NONE', 'JOINED', 'QUALIFIED', 'REWARDED', 'REJECTED', 'LINKED'])('a referral that stands %s has words in every language', (standing) => {
  const [english, chinese] = ['en', 'zh-CN'].map((locale) => conditionText(of('REFERRED', 'JOINED', standing, false), USD, locale).actual);
  expect([english, chinese]).toEqual([expect.stringMatching(/^[a-z ]+$/), expect.stringMatching(/^[\u4e00-\u9fff]+$/)]);
});

it.each([
  ['MINIMUM_AMOUNT', 'en', { label: 'Payment of at least 50.00 USD', expected: '50.00 USD', actual: '49.99 USD' }],
  ['MINIMUM_AMOUNT', 'zh-Hant-HK', { label: '付款金额至少 50.00 USD', expected: '50.00 USD', actual: '49.99 USD' }],
  ['MINIMUM_AMOUNT', 'zhx', { label: 'Payment of at least 50.00 USD', expected: '50.00 USD', actual: '49.99 USD' }],
  ['FIRST_PAYMENT', 'en', { label: 'Your first payment', expected: 'payment number 1', actual: 'payment number 7' }],
  ['BUDGET', 'en', { label: 'Budget of the campaign', expected: '2.50 USD left', actual: 'not enough left' }],
] as const)('%s in %s', (code, locale, text) => {
  expect(conditionText(CASES[code], USD, locale)).toEqual(text);
});

it('writes yen without cents', () => {
  expect(conditionText(CASES.MINIMUM_AMOUNT, currencyCode('JPY'), 'en').label).toBe('Payment of at least 5000 JPY');
});
