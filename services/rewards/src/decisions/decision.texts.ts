import { type CurrencyCode, formatAmount } from '@tael/money';
import type { Condition, ConditionCode } from '../evaluations/evaluation.domain';

/** A condition as a person reads it. */
export interface ConditionText {
  readonly label: string;
  readonly expected: string;
  readonly actual: string;
}

interface Words {
  readonly yes: string;
  readonly no: string;
  readonly money: (minor: string) => string;
}

type Write = (condition: Condition, words: Words) => ConditionText;

const money = ({ expected, actual }: Condition, words: Words): Omit<ConditionText, 'label'> =>
  ({ expected: words.money(expected), actual: words.money(actual) });
const answer = ({ expected, actual }: Condition, words: Words): Omit<ConditionText, 'label'> => {
  const word = (text: string): string => (text === 'yes' ? words.yes : words.no);
  return { expected: word(expected), actual: word(actual) };
};
const plain = ({ expected, actual }: Condition): Omit<ConditionText, 'label'> => ({ expected, actual });

const EN_REFERRAL: Readonly<Record<string, string>> = {
  NONE: 'not invited', JOINED: 'invited', QUALIFIED: 'rewarded already', REWARDED: 'rewarded already', REJECTED: 'not valid',
  LINKED: 'by somebody who uses the same card or bank account',
};
const ZH_REFERRAL: Readonly<Record<string, string>> = {
  NONE: '未受邀请', JOINED: '受邀加入', QUALIFIED: '已获得奖励', REWARDED: '已获得奖励', REJECTED: '无效',
  LINKED: '邀请人使用相同的银行卡或银行账户',
};

const EN: Readonly<Record<ConditionCode, Write>> = {
  ACTIVE: (c, w) => ({ label: 'The campaign was active', ...answer(c, w) }),
  STARTED: (c) => ({ label: `Payment from ${c.expected}`, ...plain(c) }),
  NOT_ENDED: (c) => ({ label: `Payment before ${c.expected}`, ...plain(c) }),
  CURRENCY: (c) => ({ label: `Payment in ${c.expected}`, ...plain(c) }),
  MINIMUM_AMOUNT: (c, w) => ({ label: `Payment of at least ${w.money(c.expected)}`, ...money(c, w) }),
  MERCHANT: (c) => ({
    label: 'Payment at a merchant of the campaign',
    expected: c.expected === '1' ? 'the merchant of the campaign' : `one of ${c.expected} merchants`,
    actual: c.passed ? 'a merchant of the campaign' : 'another merchant',
  }),
  CATEGORY: (c) => ({ label: `Payment in merchant category ${c.expected}`, ...plain(c) }),
  FIRST_PAYMENT: (c) => ({ label: 'Your first payment', expected: 'payment number 1', actual: `payment number ${c.actual}` }),
  REFERRED: (c) => ({
    label: 'Invited by a friend, not rewarded yet', expected: EN_REFERRAL['JOINED']!, actual: EN_REFERRAL[c.actual] ?? c.actual,
  }),
  FEE: (c, w) => ({ label: 'A fee that can be waived', ...money(c, w) }),
  SMALLEST_REWARD: (c, w) => ({ label: `Cashback of at least ${w.money(c.expected)}`, ...money(c, w) }),
  COMBINATION: (c, w) => ({ label: 'Used up by other campaigns', ...answer(c, w) }),
  MAXIMUM_REWARDS: (c) => ({
    label: `At most ${c.expected} rewards per person`, expected: `fewer than ${c.expected} before`, actual: `${c.actual} before`,
  }),
  BUDGET: (c, w) => ({
    label: 'Budget of the campaign', expected: `${w.money(c.expected)} left`, actual: c.passed ? 'enough left' : 'not enough left',
  }),
};

const ZH: Readonly<Record<ConditionCode, Write>> = {
  ACTIVE: (c, w) => ({ label: '活动进行中', ...answer(c, w) }),
  STARTED: (c) => ({ label: `付款时间不早于 ${c.expected}`, ...plain(c) }),
  NOT_ENDED: (c) => ({ label: `付款时间早于 ${c.expected}`, ...plain(c) }),
  CURRENCY: (c) => ({ label: `以 ${c.expected} 付款`, ...plain(c) }),
  MINIMUM_AMOUNT: (c, w) => ({ label: `付款金额至少 ${w.money(c.expected)}`, ...money(c, w) }),
  MERCHANT: (c) => ({
    label: '在活动商户付款', expected: `${c.expected} 家活动商户之一`, actual: c.passed ? '活动商户' : '其他商户',
  }),
  CATEGORY: (c) => ({ label: `商户类别为 ${c.expected}`, ...plain(c) }),
  FIRST_PAYMENT: (c) => ({ label: '您的首次付款', expected: '第 1 次付款', actual: `第 ${c.actual} 次付款` }),
  REFERRED: (c) => ({ label: '由好友邀请且尚未获得奖励', expected: ZH_REFERRAL['JOINED']!, actual: ZH_REFERRAL[c.actual] ?? c.actual }),
  FEE: (c, w) => ({ label: '有可减免的手续费', ...money(c, w) }),
  SMALLEST_REWARD: (c, w) => ({ label: `返现至少 ${w.money(c.expected)}`, ...money(c, w) }),
  COMBINATION: (c, w) => ({ label: '已由其他活动给予', ...answer(c, w) }),
  MAXIMUM_REWARDS: (c) => ({ label: `每人最多奖励 ${c.expected} 次`, expected: `此前少于 ${c.expected} 次`, actual: `此前 ${c.actual} 次` }),
  BUDGET: (c, w) => ({ label: '活动预算', expected: `剩余 ${w.money(c.expected)}`, actual: c.passed ? '充足' : '不足' }),
};

/** Writes a condition in the language of the request: Chinese for zh locales, else English. */
export function conditionText(condition: Condition, currency: CurrencyCode, locale: string): ConditionText {
  const isChinese = /^zh\b/i.test(locale);
  const words: Words = {
    yes: isChinese ? '是' : 'yes',
    no: isChinese ? '否' : 'no',
    money: (minor) => `${formatAmount(BigInt(minor), currency)} ${currency}`,
  };
  return (isChinese ? ZH : EN)[condition.code](condition, words);
}
