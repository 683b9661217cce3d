import { currencyCode } from '@tael/money';
import type { CampaignRules, Effect } from '../campaigns/campaign.domain';
import type { PaymentFacts } from '../payments/payment.domain';
import {
  afterVerdict, type Circumstances, type Condition, evaluate, inOrder, NOTHING_GIVEN, OUTCOMES, refusedByAccounts,
  spentWaiver,
} from './evaluation.domain';

const noon = new Date('2026-06-01T12:00:00.000Z');
const at = (second: number): Date => new Date(noon.getTime() + second * 1_000);
const cashback: Effect = { kind: 'CASHBACK', rateBasisPoints: 250, maximumPerPayment: null };
const waiver = (maximumPerPayment: bigint | null = null): Effect => ({ kind: 'FEE_WAIVER', maximumPerPayment });
const referral: Effect = { kind: 'REFERRAL_REWARD', referrerReward: 500n, friendReward: 300n };

const open: CampaignRules = {
  id: 'c1', currency: currencyCode('USD'), effect: cashback, minimumAmount: null, merchantIds: null, merchantCategoryCodes: null,
  firstPaymentOnly: false, maximumRewardsPerUser: null, startsAt: null, endsAt: null, activeTimes: [{ from: at(-60), to: null }],
};
const narrow: CampaignRules = {
  ...open, minimumAmount: 5_000n, merchantIds: ['other', 'shop'], merchantCategoryCodes: ['5411', '5814'], firstPaymentOnly: true,
  maximumRewardsPerUser: 3, startsAt: at(-10), endsAt: at(10),
};
const payment: PaymentFacts = {
  id: 'p', personId: 'x', walletId: 'w', merchantId: 'shop', merchantCategoryCode: '5814', currency: currencyCode('USD'),
  amount: 10_000n, fee: 100n, feeBeforeWaiver: 100n, waiverCampaignId: null, waived: 0n, ordinal: 1, occurredAt: noon,
};
const around: Circumstances = { standing: { rewards: 1, budgetLeft: 1_000n }, given: NOTHING_GIVEN, referral: 'NONE' };

/** A trace, a line a condition: what was wanted, what was there, and a minus where it failed. */
const lines = (conditions: readonly Condition[]): string[] =>
  conditions.map(({ code, expected, actual, passed }) => `${passed ? '+' : '-'} ${code} ${expected} / ${actual}`);
const trace = (rules: Partial<CampaignRules>, paid: Partial<PaymentFacts> = {}, circumstances: Partial<Circumstances> = {}): string[] =>
  lines(evaluate({ ...open, ...rules }, { ...payment, ...paid }, { ...around, ...circumstances }).conditions);

const BASE = ['+ ACTIVE yes / yes', '+ CURRENCY USD / USD'];

describe('the trace of a decision', () => {
  it('has every condition that a grant met, with what was wanted and what was there', () => {
    expect(trace(narrow)).toEqual([
      '+ ACTIVE yes / yes',
      '+ STARTED 2026-06-01T11:59:50.000Z / 2026-06-01T12:00:00.000Z',
      '+ NOT_ENDED 2026-06-01T12:00:10.000Z / 2026-06-01T12:00:00.000Z',
      '+ CURRENCY USD / USD',
      '+ MINIMUM_AMOUNT 5000 / 10000',
      '+ MERCHANT 2 / yes',
      '+ CATEGORY 5411, 5814 / 5814',
      '+ FIRST_PAYMENT 1 / 1',
      '+ MAXIMUM_REWARDS 3 / 1',
      '+ BUDGET 250 / yes',
    ]);
  });

  it('has every condition that a payment failed', () => {
    const other = { currency: currencyCode('EUR'), amount: 4_999n, merchantId: 'y', merchantCategoryCode: '7995', ordinal: 2, occurredAt: at(10) };
    expect(trace({ ...narrow, activeTimes: [] }, other)).toEqual([
      '- ACTIVE yes / no',
      '+ STARTED 2026-06-01T11:59:50.000Z / 2026-06-01T12:00:10.000Z',
      '- NOT_ENDED 2026-06-01T12:00:10.000Z / 2026-06-01T12:00:10.000Z',
      '- CURRENCY USD / EUR',
      '- MINIMUM_AMOUNT 5000 / 4999',
      '- MERCHANT 2 / no',
      '- CATEGORY 5411, 5814 / 7995',
      '- FIRST_PAYMENT 1 / 2',
    ]);
    expect(trace(narrow, { occurredAt: at(-11) })).toContain('- STARTED 2026-06-01T11:59:50.000Z / 2026-06-01T11:59:49.000Z');
  });

  const spent = { fee: 60n, waived: 40n, waiverCampaignId: 'c0' };
  const bounded = { effect: waiver(), maximumRewardsPerUser: 1 };
  it.each<[string, Partial<CampaignRules>, Partial<PaymentFacts>, Partial<Circumstances>, string[]]>([
    ['cashback of nothing', {}, { amount: 10n }, {}, ['- SMALLEST_REWARD 1 / 0']],
    ['no fee to waive', { effect: waiver() }, { fee: 0n, feeBeforeWaiver: 0n }, {}, ['- FEE 1 / 0']],
    ['nobody invited', { effect: referral }, {}, {}, ['- REFERRED JOINED / NONE']],
    ['invited', { effect: referral }, {}, { referral: 'JOINED' }, ['+ REFERRED JOINED / JOINED', '+ BUDGET 800 / yes']],
    ['all cashback is given', {}, {}, { given: { ...NOTHING_GIVEN, cashback: 10_000n } }, ['- COMBINATION no / yes']],
    ['the referral is rewarded', { effect: referral }, {}, { referral: 'JOINED', given: { ...NOTHING_GIVEN, referral: true } },
      ['+ REFERRED JOINED / JOINED', '- COMBINATION no / yes']],
    ['the fee is given back', bounded, {}, { given: { ...NOTHING_GIVEN, fee: true }, standing: { rewards: 1, budgetLeft: 0n } },
      ['- COMBINATION no / yes', '- MAXIMUM_REWARDS 1 / 1']],
    ['the person has had all', { maximumRewardsPerUser: 1 }, {}, {}, ['- MAXIMUM_REWARDS 1 / 1']],
    ['the budget is one short', {}, {}, { standing: { rewards: 0, budgetLeft: 249n } }, ['- BUDGET 250 / no']],
    ['accounts spent another waiver, this one was used up', bounded, spent, {}, ['- MAXIMUM_REWARDS 1 / 1']],
    ['accounts spent another waiver, this one had no budget', bounded, spent, { standing: { rewards: 0, budgetLeft: 99n } },
      ['+ MAXIMUM_REWARDS 1 / 0', '- BUDGET 100 / no']],
    ['accounts spent another waiver, this one had room', bounded, spent, { standing: { rewards: 0, budgetLeft: 100n } },
      ['- COMBINATION no / yes', '+ MAXIMUM_REWARDS 1 / 0']],
    ['accounts spent a waiver, which is no matter of cashback', {}, spent, {}, ['+ BUDGET 250 / yes']],
    ['nor does it change why cashback is not given', { maximumRewardsPerUser: 1 }, spent, { given: { ...NOTHING_GIVEN, cashback: 10_000n } },
      ['- COMBINATION no / yes', '- MAXIMUM_REWARDS 1 / 1']],
  ])('%s', (_what, rules, paid, circumstances, expected) => {
    expect(trace(rules, paid, circumstances)).toEqual([...BASE, ...expected]);
  });

  it('of a waiver that accounts spent has what is seen here, whatever that is', () => {
    const verdict = spentWaiver({ ...narrow, effect: waiver() }, { ...payment, ...spent, ordinal: 2 });
    expect(verdict).toMatchObject({ outcome: 'GRANTED', amount: 40n });
    expect(lines(verdict.conditions).slice(3)).toEqual([
      '+ CURRENCY USD / USD', '+ MINIMUM_AMOUNT 5000 / 10000', '+ MERCHANT 2 / yes', '+ CATEGORY 5411, 5814 / 5814', '- FIRST_PAYMENT 1 / 2',
    ]);
  });

  it('of a grant that accounts refused has the refusal before what bounds it, or last', () => {
    const { conditions } = evaluate(open, payment, around);
    const refused = { outcome: 'NOT_COMBINABLE', rewards: 0 } as const;
    expect(lines(refusedByAccounts(conditions, refused))).toEqual([...BASE, '- COMBINATION no / yes', '+ BUDGET 250 / yes']);
    const unbound = conditions.filter(({ code }) => code !== 'BUDGET');
    expect(lines(refusedByAccounts(unbound, refused))).toEqual([...BASE, '- COMBINATION no / yes']);
  });
});

describe('what was given', () => {
  const granted = { outcome: 'GRANTED', amount: 5n, conditions: [] } as const;
  const before = { cashback: 2n, fee: false, referral: false };
  it.each([
    [cashback, { ...before, cashback: 7n }], [waiver(), { ...before, fee: true }], [referral, { ...before, referral: true }],
  ])('grows by a grant of %j', (effect, expected) => {
    expect(afterVerdict(before, { ...open, effect }, granted)).toEqual(expected);
    expect(afterVerdict(before, { ...open, effect }, { ...granted, outcome: 'LIMIT_REACHED' })).toEqual(before);
  });
});

it('campaigns are decided by age; waivers first, the one that takes most off the fee before the others', () => {
  const of = (id: string, effect: Effect): CampaignRules => ({ ...open, id, effect });
  const campaigns = [
    of('1', cashback), of('5', waiver(40n)), of('4', waiver(90n)), of('0', referral), of('6', waiver()), of('3', waiver(200n)), of('2', waiver(40n)),
  ];
  expect(inOrder(campaigns, payment).map(({ id }) => id)).toEqual(['3', '6', '4', '2', '5', '0', '1']);
});

it('the outcomes are those of the API', () => {
  expect(OUTCOMES).toEqual([
    'GRANTED', 'CONDITION_FAILED', 'LIMIT_REACHED', 'BUDGET_EXHAUSTED', 'OUTSIDE_SCHEDULE', 'NOT_COMBINABLE', 'UNDER_REVIEW', 'REVERSED',
  ]);
});
