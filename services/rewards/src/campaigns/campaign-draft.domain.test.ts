import { type CampaignInput, draftCampaign } from './campaign-draft.domain';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const MERCHANT = '0196A000-0000-7000-8000-000000000001';
const input = (given: Partial<CampaignInput> = {}): CampaignInput => ({
  name: 'Autumn', currency: 'USD', budget: usd('1000.00'), conditions: {}, cashback: { rateBasisPoints: 250 }, ...given,
});
const conditions = (given: CampaignInput['conditions']) => input({ conditions: given });
const effect = (given: Partial<CampaignInput>) => input({ cashback: undefined, ...given });
const now = new Date('2025-12-01T00:00:00Z');
const refusalsOf = (given: CampaignInput): string[] => {
  const result = draftCampaign(given, now);
  return result.ok ? [] : result.refusals.map(({ code, reason, field }) => `${field.join('.')} ${code}.${reason}`);
};

it('reads a campaign with everything', () => {
  const startsAt = new Date('2026-01-01T00:00:00Z');
  const endsAt = new Date('2026-02-01T00:00:00Z');
  const result = draftCampaign(input({
    name: '  秋季返现  ', startsAt, endsAt, cashback: { rateBasisPoints: 10_000, maximumPerPayment: usd('5.00') },
    conditions: {
      minimumAmount: usd('50.00'), merchantIds: [MERCHANT, MERCHANT.toLowerCase()], merchantCategoryCodes: ['5814', '0742'], firstPaymentOnly: true,
      maximumRewardsPerUser: 3,
    },
  }), now);
  expect(result).toEqual({
    ok: true,
    draft: {
      name: '秋季返现', currency: 'USD', startsAt, endsAt, budget: 100_000n, effect: { kind: 'CASHBACK', rateBasisPoints: 10_000, maximumPerPayment: 500n },
      minimumAmount: 5_000n, merchantIds: [MERCHANT.toLowerCase()], merchantCategoryCodes: ['5814', '0742'], firstPaymentOnly: true,
      maximumRewardsPerUser: 3,
    },
  });
});

it('leaves conditions out that are not given', () => {
  expect(draftCampaign(conditions({ merchantIds: null, firstPaymentOnly: null, maximumRewardsPerUser: null }), now)).toMatchObject({
    ok: true,
    draft: { minimumAmount: null, merchantIds: null, merchantCategoryCodes: null, firstPaymentOnly: false, maximumRewardsPerUser: null, startsAt: null },
  });
});

it.each([
  [effect({ feeWaiver: {} }), { kind: 'FEE_WAIVER', maximumPerPayment: null }],
  [effect({ feeWaiver: { maximumPerPayment: usd('1.50') } }), { kind: 'FEE_WAIVER', maximumPerPayment: 150n }],
  [
    effect({ referralReward: { referrerReward: usd('5.00'), friendReward: usd('3.00') } }),
    { kind: 'REFERRAL_REWARD', referrerReward: 500n, friendReward: 300n },
  ],
])('reads the effect of case %#', (given, expected) => {
  expect(draftCampaign(given, now)).toMatchObject({ ok: true, draft: { effect: expected } });
});

const later = new Date(now.getTime() + 5);
const pair = (referrer: string, friend: string, budget: string) =>
  effect({ budget: usd(budget), referralReward: { referrerReward: usd(referrer), friendReward: usd(friend) } });
const repeated = (length: number, of: string) => Array.from({ length }, () => of);
it.each([
  ['no name', input({ name: ' ' }), ['input.name INVALID_INPUT.EMPTY']],
  ['a name of 121', input({ name: 'x'.repeat(121) }), ['input.name INVALID_INPUT.TOO_LONG']],
  ['a name that nobody sees', input({ name: '\u200b' }), ['input.name INVALID_INPUT.EMPTY']],
  ['a name with a NUL', input({ name: 'a\0b' }), ['input.name INVALID_INPUT.CHARACTERS']],
  ['no currency', input({ currency: 'usd' }), ['input.currency INVALID_INPUT.UNKNOWN_CURRENCY']],
  ['no effect', effect({}), ['input INVALID_INPUT.EXACTLY_ONE_EFFECT']],
  ['two effects', input({ feeWaiver: {} }), ['input INVALID_INPUT.EXACTLY_ONE_EFFECT']],
  ['an end at the start', input({ startsAt: later, endsAt: later }), ['input.endsAt INVALID_INPUT.ENDS_BEFORE_START']],
  ['an end that has passed', input({ endsAt: new Date(now.getTime() - 1) }), ['input.endsAt INVALID_INPUT.ENDS_IN_THE_PAST']],
  ['an end now', input({ endsAt: now }), ['input.endsAt INVALID_INPUT.ENDS_IN_THE_PAST']],
  ['a budget below one pair of rewards', pair('5.00', '3.00', '7.99'), ['input.budget.amount INVALID_INPUT.OUT_OF_RANGE']],
  ['a budget that is none, once', pair('5.00', '3.00', 'x'), ['input.budget.amount INVALID_INPUT.NOT_A_DECIMAL']],
  ['no budget', input({ budget: usd('0.00') }), ['input.budget.amount INVALID_INPUT.NOT_POSITIVE']],
  ['a negative budget', input({ budget: usd('-1.00') }), ['input.budget.amount INVALID_INPUT.NOT_POSITIVE']],
  ['a budget of half a cent', input({ budget: usd('1.005') }), ['input.budget.amount INVALID_INPUT.TOO_MANY_FRACTION_DIGITS']],
  ['a budget with an exponent', input({ budget: usd('1e3') }), ['input.budget.amount INVALID_INPUT.NOT_A_DECIMAL']],
  ['a budget of 26 digits', input({ budget: usd('1'.repeat(26)) }), ['input.budget.amount INVALID_INPUT.TOO_LARGE']],
  ['a budget in euros', input({ budget: { amount: '1', currency: 'EUR' } }), ['input.budget.currency CURRENCY_MISMATCH.CAMPAIGN']],
  ['a budget in nothing', input({ budget: { amount: '1', currency: 'XXX' } }), ['input.budget.currency INVALID_INPUT.UNKNOWN_CURRENCY']],
  ['a minimum of zero', conditions({ minimumAmount: usd('0') }), ['input.conditions.minimumAmount.amount INVALID_INPUT.NOT_POSITIVE']],
  ['a minimum in yen', conditions({ minimumAmount: { amount: '5', currency: 'JPY' } }), ['input.conditions.minimumAmount.currency CURRENCY_MISMATCH.CAMPAIGN']],
  ['no merchants', conditions({ merchantIds: [] }), ['input.conditions.merchantIds INVALID_INPUT.EMPTY']],
  ['a merchant that is no id', conditions({ merchantIds: [MERCHANT, 'x'] }), ['input.conditions.merchantIds INVALID_INPUT.ID']],
  ['a merchant with more before its id', conditions({ merchantIds: [`x${MERCHANT}`] }), ['input.conditions.merchantIds INVALID_INPUT.ID']],
  ['a merchant with more behind its id', conditions({ merchantIds: [`${MERCHANT}0`] }), ['input.conditions.merchantIds INVALID_INPUT.ID']],
  ['501 merchants', conditions({ merchantIds: repeated(501, MERCHANT) }), ['input.conditions.merchantIds INVALID_INPUT.TOO_LONG']],
  ['a category of three digits', conditions({ merchantCategoryCodes: ['581'] }), ['input.conditions.merchantCategoryCodes INVALID_INPUT.CATEGORY_CODE']],
  ['a category with more before it', conditions({ merchantCategoryCodes: ['x5814'] }), ['input.conditions.merchantCategoryCodes INVALID_INPUT.CATEGORY_CODE']],
  ['a category of five digits', conditions({ merchantCategoryCodes: ['58140'] }), ['input.conditions.merchantCategoryCodes INVALID_INPUT.CATEGORY_CODE']],
  ['a category in other digits', conditions({ merchantCategoryCodes: ['٥٨١٤'] }), ['input.conditions.merchantCategoryCodes INVALID_INPUT.CATEGORY_CODE']],
  ['no reward per person', conditions({ maximumRewardsPerUser: 0 }), ['input.conditions.maximumRewardsPerUser INVALID_INPUT.OUT_OF_RANGE']],
  ['a rate of nothing', input({ cashback: { rateBasisPoints: 0 } }), ['input.cashback.rateBasisPoints INVALID_INPUT.OUT_OF_RANGE']],
  ['a rate above all', input({ cashback: { rateBasisPoints: 10_001 } }), ['input.cashback.rateBasisPoints INVALID_INPUT.OUT_OF_RANGE']],
  [
    'a maximum of zero', input({ cashback: { rateBasisPoints: 1, maximumPerPayment: usd('0') } }),
    ['input.cashback.maximumPerPayment.amount INVALID_INPUT.NOT_POSITIVE'],
  ],
  [
    'one side without a reward', effect({ referralReward: { referrerReward: usd('0'), friendReward: usd('1') } }),
    ['input.referralReward.referrerReward.amount INVALID_INPUT.NOT_POSITIVE'],
  ],
  [
    'the other side without a reward', effect({ referralReward: { referrerReward: usd('1'), friendReward: usd('0') } }),
    ['input.referralReward.friendReward.amount INVALID_INPUT.NOT_POSITIVE'],
  ],
  [
    'a waiver of nothing', effect({ feeWaiver: { maximumPerPayment: usd('0') } }),
    ['input.feeWaiver.maximumPerPayment.amount INVALID_INPUT.NOT_POSITIVE'],
  ],
  ['two faults', input({ name: '', budget: usd('x') }), ['input.name INVALID_INPUT.EMPTY', 'input.budget.amount INVALID_INPUT.NOT_A_DECIMAL']],
])('refuses %s', (_what, given, expected) => {
  expect(refusalsOf(given)).toEqual(expected);
});

it('takes limits at their bounds', () => {
  expect(refusalsOf(pair('5.00', '3.00', '8.00'))).toEqual([]);
  expect(refusalsOf(input({ endsAt: new Date(now.getTime() + 1) }))).toEqual([]);
  const emoji = '🎁'.repeat(120);
  expect(refusalsOf(input({ name: emoji, cashback: { rateBasisPoints: 1 }, budget: usd('0.01') }))).toEqual([]);
  expect(refusalsOf(input({ startsAt: later }))).toEqual([]);
  expect(refusalsOf(conditions({ merchantIds: repeated(500, MERCHANT) }))).toEqual([]);
  expect(refusalsOf(conditions({ maximumRewardsPerUser: 1, minimumAmount: usd('0.01') }))).toEqual([]);
});
