import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import type { CampaignRules, Effect } from '../campaigns/campaign.domain';
import type { PaymentFacts } from '../payments/payment.domain';
import type { ReferralStanding } from '../referrals/referral.domain';
import {
  afterVerdict, evaluate, type Given, inOrder, NOTHING_GIVEN, preliminary, refusedByAccounts, refusedByLink, spentWaiver, type Standing, type Verdict,
} from './evaluation.domain';

const USD = currencyCode('USD');
const EUR = currencyCode('EUR');
const noon = new Date('2026-06-01T12:00:00.000Z');
const after = (milliseconds: number) => new Date(noon.getTime() + milliseconds);
const SHOP = '00000000-0000-7000-8000-00000000000a';
const cashback = (rateBasisPoints: number, maximumPerPayment: bigint | null = null): Effect => ({ kind: 'CASHBACK', rateBasisPoints, maximumPerPayment });
const waiver = (maximumPerPayment: bigint | null = null): Effect => ({ kind: 'FEE_WAIVER', maximumPerPayment });
const referral: Effect = { kind: 'REFERRAL_REWARD', referrerReward: 500n, friendReward: 300n };

const campaign = (given: Partial<CampaignRules> = {}): CampaignRules => ({
  id: 'c1', currency: USD, effect: cashback(250), minimumAmount: null, merchantIds: null, merchantCategoryCodes: null,
  firstPaymentOnly: false, maximumRewardsPerUser: null, startsAt: null, endsAt: null, activeTimes: [{ from: after(-1_000), to: null }],
  ...given,
});
const payment = (given: Partial<PaymentFacts> = {}): PaymentFacts => ({
  id: 'p', personId: 'x', walletId: 'w', merchantId: SHOP, merchantCategoryCode: '5814', currency: USD, amount: 10_000n, fee: 100n,
  feeBeforeWaiver: 100n, waiverCampaignId: null, waived: 0n, ordinal: 1, occurredAt: noon, ...given,
});
const plenty: Standing = { rewards: 0, budgetLeft: 10n ** 16n };
const decide = (
  rules: CampaignRules, paid = payment(), around: { standing?: Partial<Standing>; given?: Partial<Given>; referral?: ReferralStanding } = {},
): Verdict => evaluate(rules, paid, {
  standing: { ...plenty, ...around.standing }, given: { ...NOTHING_GIVEN, ...around.given }, referral: around.referral ?? 'NONE',
});
const failed = (verdict: Verdict) => verdict.conditions.filter((one) => !one.passed).map((one) => one.code);

describe('cashback', () => {
  it.each([
    // amount, rate, maximum, cashback
    [10_000n, 250, null, 250n],
    [1_020n, 250, null, 26n], // 25.5 is half: to the even 26
    [1_060n, 250, null, 26n], // 26.5 is half: to the even 26
    [1_061n, 250, null, 27n],
    [10_000n, 250, 249n, 249n],
    [10_000n, 250, 251n, 250n],
    [10_000n, 10_000, null, 10_000n],
    [21n, 250, null, 1n],
    [999_999_999_999_999n, 9_999, null, 999_900_000_000_000n - 1n],
  ])('of %s at %i basis points, at most %s, is %s', (amount, rate, maximum, expected) => {
    expect(decide(campaign({ effect: cashback(rate, maximum) }), payment({ amount }))).toMatchObject({ outcome: 'GRANTED', amount: expected });
  });

  it('of nothing is none', () => {
    const verdict = decide(campaign(), payment({ amount: 20n }));
    expect(verdict).toMatchObject({ outcome: 'CONDITION_FAILED', amount: 0n });
    expect(failed(verdict)).toEqual(['SMALLEST_REWARD']);
  });
});

describe('conditions', () => {
  it.each([
    ['one unit below the minimum', { minimumAmount: 5_000n }, { amount: 4_999n }, 'MINIMUM_AMOUNT'],
    ['another merchant', { merchantIds: ['other'] }, {}, 'MERCHANT'],
    ['another category', { merchantCategoryCodes: ['5411', '5812'] }, {}, 'CATEGORY'],
    ['a second payment', { firstPaymentOnly: true }, { ordinal: 2 }, 'FIRST_PAYMENT'],
    ['another currency', {}, { currency: EUR }, 'CURRENCY'],
    ['no fee to waive', { effect: waiver() }, { fee: 0n, feeBeforeWaiver: 0n }, 'FEE'],
    ['nobody invited', { effect: referral }, {}, 'REFERRED'],
  ] as const)('%s fails', (_what, rules, paid, code) => {
    const verdict = decide(campaign(rules as Partial<CampaignRules>), payment(paid as Partial<PaymentFacts>));
    expect(verdict).toMatchObject({ outcome: 'CONDITION_FAILED', amount: 0n });
    expect(failed(verdict)).toEqual([code]);
  });

  it.each([
    ['the minimum to the unit', { minimumAmount: 10_000n }],
    ['one of its merchants', { merchantIds: ['other', SHOP] }],
    ['one of its categories', { merchantCategoryCodes: ['5411', '5814'] }],
    ['the first payment', { firstPaymentOnly: true }],
  ])('%s passes', (_what, rules) => {
    expect(decide(campaign(rules))).toMatchObject({ outcome: 'GRANTED', amount: 250n });
  });

  it('do not take a foreign amount for a sufficient one', () => {
    const verdict = decide(campaign({ minimumAmount: 5_000n }), payment({ currency: EUR, amount: 1_000_000n }));
    expect(failed(verdict)).toEqual(['CURRENCY', 'MINIMUM_AMOUNT']);
  });

  it('are all in the trace, also after one that failed', () => {
    const rules = campaign({ minimumAmount: 20_000n, merchantIds: [SHOP], merchantCategoryCodes: ['5814'], firstPaymentOnly: true });
    expect(decide(rules).conditions.map((one) => [one.code, one.passed])).toEqual([
      ['ACTIVE', true], ['CURRENCY', true], ['MINIMUM_AMOUNT', false], ['MERCHANT', true], ['CATEGORY', true], ['FIRST_PAYMENT', true],
    ]);
  });
});

describe('the schedule', () => {
  const times = [{ from: after(0), to: after(1_000) }, { from: after(2_000), to: null }];
  it.each([
    [-1, 'OUTSIDE_SCHEDULE'], [0, 'GRANTED'], [999, 'GRANTED'], [1_000, 'OUTSIDE_SCHEDULE'], [1_999, 'OUTSIDE_SCHEDULE'], [2_000, 'GRANTED'],
  ])('with a pause: %i ms after activation is %s', (ms, outcome) => {
    expect(decide(campaign({ activeTimes: times }), payment({ occurredAt: after(ms) })).outcome).toBe(outcome);
  });
  it.each([
    [-1, 'OUTSIDE_SCHEDULE'], [0, 'GRANTED'], [999, 'GRANTED'], [1_000, 'OUTSIDE_SCHEDULE'],
  ])('with start and end: %i ms after the start is %s', (ms, outcome) => {
    const rules = campaign({ startsAt: after(0), endsAt: after(1_000), activeTimes: [{ from: after(-9_000), to: null }] });
    expect(decide(rules, payment({ occurredAt: after(ms) })).outcome).toBe(outcome);
  });
  it('comes before other conditions in the outcome', () => {
    expect(decide(campaign({ minimumAmount: 99_999n, activeTimes: [] })).outcome).toBe('OUTSIDE_SCHEDULE');
  });
});

describe('limits', () => {
  it.each([[0, 'GRANTED'], [2, 'GRANTED'], [3, 'LIMIT_REACHED'], [4, 'LIMIT_REACHED']])('of three: after %i it is %s', (rewards, outcome) => {
    expect(decide(campaign({ maximumRewardsPerUser: 3 }), payment(), { standing: { rewards } }).outcome).toBe(outcome);
  });
  it.each([[250n, 'GRANTED', 250n], [249n, 'BUDGET_EXHAUSTED', 0n], [0n, 'BUDGET_EXHAUSTED', 0n]])(
    'a budget of %s is %s, never a part', (budgetLeft, outcome, amount) => {
      expect(decide(campaign(), payment(), { standing: { budgetLeft } })).toMatchObject({ outcome, amount });
    },
  );
  it('covers both sides of a referral or none', () => {
    const of = (budgetLeft: bigint) => decide(campaign({ effect: referral }), payment(), { standing: { budgetLeft }, referral: 'JOINED' });
    expect(of(800n)).toMatchObject({ outcome: 'GRANTED', amount: 800n });
    expect(of(799n)).toMatchObject({ outcome: 'BUDGET_EXHAUSTED', amount: 0n });
  });
});

describe('a grant that accounts refuses', () => {
  const granted = decide(campaign({ effect: waiver(), maximumRewardsPerUser: 3 }), payment(), { standing: { rewards: 2 } });
  const codes = ['ACTIVE', 'CURRENCY', 'MAXIMUM_REWARDS', 'BUDGET'];
  it.each([
    ['LIMIT_REACHED', { code: 'MAXIMUM_REWARDS', expected: '3', actual: '3', passed: false }, codes],
    ['BUDGET_EXHAUSTED', { code: 'BUDGET', expected: '100', actual: 'no', passed: false }, codes],
    ['NOT_COMBINABLE', { code: 'COMBINATION', expected: 'no', actual: 'yes', passed: false }, ['ACTIVE', 'CURRENCY', 'COMBINATION', 'MAXIMUM_REWARDS', 'BUDGET']],
    ['CONDITION_FAILED', { code: 'FEE', expected: '1', actual: '0', passed: false }, ['ACTIVE', 'CURRENCY', 'FEE', 'MAXIMUM_REWARDS', 'BUDGET']],
  ] as const)('as %s has one condition that failed', (outcome, expected, trace) => {
    const conditions = refusedByAccounts(granted.conditions, { outcome, rewards: 1 });
    expect(conditions.filter((one) => !one.passed)).toEqual([expected]);
    expect(conditions.map((one) => one.code)).toEqual(trace);
    // What is told again does not stand there twice.
    expect(refusedByAccounts(conditions, { outcome, rewards: 1 })).toEqual(conditions);
  });
  it('counts anew how many rewards the person had before', () => {
    const actual = (outcome: 'BUDGET_EXHAUSTED' | 'LIMIT_REACHED', rewards: number | undefined) =>
      refusedByAccounts(granted.conditions, { outcome, rewards }).find((one) => one.code === 'MAXIMUM_REWARDS')!.actual;
    expect([actual('BUDGET_EXHAUSTED', 1), actual('BUDGET_EXHAUSTED', undefined), actual('LIMIT_REACHED', 5)]).toEqual(['1', '2', '5']);
  });
  it('has what is added before its limits, and last where it has none', () => {
    const trace = (...codes: ('ACTIVE' | 'BUDGET')[]) => refusedByAccounts(
      codes.map((code) => ({ code, expected: '1', actual: '1', passed: true })), { outcome: 'NOT_COMBINABLE', rewards: undefined },
    ).map(({ code }) => code);
    expect([trace('BUDGET'), trace('ACTIVE', 'BUDGET'), trace('ACTIVE')]).toEqual([['COMBINATION', 'BUDGET'], ['ACTIVE', 'COMBINATION', 'BUDGET'], ['ACTIVE', 'COMBINATION']]);
  });
});

it('a reward that is taken back for a link fails by the referral, and by nothing else', () => {
  const { conditions } = decide(campaign({ effect: referral }), payment(), { referral: 'JOINED' });
  const refused = refusedByLink(conditions);
  expect(refused.filter(({ passed }) => !passed)).toEqual([{ ...conditions.find(({ code }) => code === 'REFERRED')!, actual: 'LINKED', passed: false }]);
  expect(refused.filter(({ code }) => code !== 'REFERRED')).toEqual(conditions.filter(({ code }) => code !== 'REFERRED'));
});

describe('campaigns together', () => {
  it.each([[0n, 'GRANTED', 250n], [9_750n, 'GRANTED', 250n], [9_900n, 'GRANTED', 100n], [10_000n, 'NOT_COMBINABLE', 0n]])(
    'after cashback of %s: %s of %s', (given, outcome, amount) => {
      expect(decide(campaign(), payment(), { given: { cashback: given } })).toMatchObject({ outcome, amount });
    },
  );
  it('give one waiver a fee', () => {
    const rules = campaign({ effect: waiver() });
    expect(decide(rules)).toMatchObject({ outcome: 'GRANTED', amount: 100n });
    expect(decide(campaign({ effect: waiver(30n) }))).toMatchObject({ outcome: 'GRANTED', amount: 30n });
    expect(decide(rules, payment(), { given: { fee: true } }).outcome).toBe('NOT_COMBINABLE');
    expect(decide(rules, payment({ fee: 60n, waived: 40n, waiverCampaignId: 'c0' })).outcome).toBe('NOT_COMBINABLE');
  });
  it.each([['JOINED', 'GRANTED'], ['QUALIFIED', 'CONDITION_FAILED'], ['REWARDED', 'CONDITION_FAILED'], ['REJECTED', 'CONDITION_FAILED']] as const)(
    'reward a referral that is %s: %s', (standing, outcome) => {
      expect(decide(campaign({ effect: referral }), payment(), { referral: standing }).outcome).toBe(outcome);
    },
  );
  it('reward a referral once', () => {
    expect(decide(campaign({ effect: referral }), payment(), { referral: 'JOINED', given: { referral: true } }).outcome).toBe('NOT_COMBINABLE');
  });
  it.each([
    ['no budget for the fee', { budgetLeft: 99n }, 'BUDGET_EXHAUSTED', ['BUDGET']],
    ['no reward left for the person', { rewards: 1 }, 'LIMIT_REACHED', ['MAXIMUM_REWARDS']],
    ['room', { budgetLeft: 100n }, 'NOT_COMBINABLE', ['COMBINATION']],
  ])('say of a waiver above the one that accounts has spent, with %s, why it did not act', (_what, standing, outcome, codes) => {
    const paid = payment({ fee: 60n, waived: 40n, waiverCampaignId: 'c0' });
    const better = campaign({ effect: waiver(), maximumRewardsPerUser: 1 });
    const verdict = decide(better, paid, { standing });
    expect(verdict).toMatchObject({ outcome, amount: 0n });
    expect(failed(verdict)).toEqual(codes);
    expect(decide(better, paid, { standing, given: { fee: true } }).outcome).toBe('NOT_COMBINABLE');
  });
  it('take a waiver that accounts has spent as it is', () => {
    const paid = payment({ fee: 40n, waived: 60n, waiverCampaignId: 'c1' });
    expect(spentWaiver(campaign({ effect: waiver(60n), activeTimes: [] }), paid)).toMatchObject({ outcome: 'GRANTED', amount: 60n });
  });
});

describe('every decision', () => {
  const effects = fc.oneof(
    fc.record({
      kind: fc.constant('CASHBACK' as const), rateBasisPoints: fc.integer({ min: 1, max: 10_000 }),
      maximumPerPayment: fc.option(fc.bigInt(1n, 10n ** 6n)),
    }),
    fc.record({ kind: fc.constant('FEE_WAIVER' as const), maximumPerPayment: fc.option(fc.bigInt(1n, 200n)) }),
    fc.constant(referral),
  );
  const campaigns = fc.uniqueArray(
    fc.record({ id: fc.uuid(), effect: effects, minimumAmount: fc.option(fc.bigInt(1n, 20_000n)) }), { selector: (one) => one.id, maxLength: 8 },
  ).map((list) => list.map((given) => campaign(given)));
  const payments = fc.record({ amount: fc.bigInt(1n, 10n ** 6n), ordinal: fc.integer({ min: 1, max: 3 }) }).map(payment);
  const budgets = fc.array(fc.bigInt(0n, 10n ** 5n), { minLength: 8, maxLength: 8 });

  function decideAll(rules: readonly CampaignRules[], paid: PaymentFacts, budget: (id: string) => bigint) {
    let given = NOTHING_GIVEN;
    return inOrder(rules, paid).map((one) => {
      const verdict = decide(one, paid, { standing: { budgetLeft: budget(one.id) }, given, referral: 'JOINED' });
      given = afterVerdict(given, one, verdict);
      return { one, verdict };
    });
  }

  it('is the same in whatever order campaigns are read, adds up to at most amount and fee, and stays within each budget', () => {
    fc.assert(fc.property(campaigns, payments, budgets, fc.infiniteStream(fc.nat()), (rules, paid, limits, order) => {
      const budget = (id: string) => limits[rules.findIndex((one) => one.id === id)]!;
      const decided = decideAll(rules, paid, budget);
      const shuffled = [...rules].map((one) => [order.next().value, one] as const).sort((a, b) => a[0] - b[0]).map(([, one]) => one);
      expect(decideAll(shuffled, paid, budget)).toEqual(decided);
      const sum = (kind: string) => decided.filter(({ one }) => one.effect.kind === kind).reduce((total, { verdict }) => total + verdict.amount, 0n);
      expect(sum('CASHBACK') <= paid.amount).toBe(true);
      expect(sum('FEE_WAIVER') <= paid.fee).toBe(true);
      expect(decided.filter(({ one, verdict }) => one.effect.kind === 'REFERRAL_REWARD' && verdict.amount > 0n).length).toBeLessThanOrEqual(1);
      for (const { one, verdict } of decided) {
        expect(verdict.amount <= budget(one.id)).toBe(true);
        expect(verdict.amount > 0n).toBe(verdict.outcome === 'GRANTED');
        expect(verdict.conditions.every((condition) => condition.passed)).toBe(verdict.outcome === 'GRANTED');
      }
    }));
  });

  it('is CONDITION_FAILED or OUTSIDE_SCHEDULE exactly where the preliminary look says so', () => {
    fc.assert(fc.property(campaigns, payments, (rules, paid) => {
      for (const one of rules) {
        const early = preliminary(one, paid, 'NONE');
        const verdict = decide(one, paid);
        if (early) expect(verdict).toEqual(early);
        else expect(['CONDITION_FAILED', 'OUTSIDE_SCHEDULE']).not.toContain(verdict.outcome);
      }
    }));
  });
});
