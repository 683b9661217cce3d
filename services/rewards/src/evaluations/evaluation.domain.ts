import { basisPointsOf, least } from '@tael/money';
import { type CampaignRules, wasActiveAt } from '../campaigns/campaign.domain';
import type { PaymentFacts } from '../payments/payment.domain';
import type { ReferralStanding } from '../referrals/referral.domain';

export const OUTCOMES = [
  'GRANTED', 'CONDITION_FAILED', 'LIMIT_REACHED', 'BUDGET_EXHAUSTED', 'OUTSIDE_SCHEDULE', 'NOT_COMBINABLE', 'UNDER_REVIEW',
  'REVERSED',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type ConditionCode =
  | 'ACTIVE' | 'STARTED' | 'NOT_ENDED' | 'CURRENCY' | 'MINIMUM_AMOUNT' | 'MERCHANT' | 'CATEGORY' | 'FIRST_PAYMENT'
  | 'REFERRED' | 'FEE' | 'SMALLEST_REWARD' | 'COMBINATION' | 'MAXIMUM_REWARDS' | 'BUDGET';

/** One checked condition, in a form without language: amounts in minor units, instants in ISO 8601. */
export interface Condition {
  readonly code: ConditionCode;
  readonly expected: string;
  readonly actual: string;
  readonly passed: boolean;
}

/** What a campaign says of a payment. `amount` is all that it gives, to both sides of a referral; 0 unless GRANTED. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly amount: bigint;
  readonly conditions: readonly Condition[];
}

/** How far the campaign's limits are used up, for the person whom they bound. */
export interface Standing {
  readonly rewards: number;
  readonly budgetLeft: bigint;
}

/** What campaigns before this one have given for the same payment. */
export interface Given {
  readonly cashback: bigint;
  readonly fee: boolean;
  readonly referral: boolean;
}

export const NOTHING_GIVEN: Given = { cashback: 0n, fee: false, referral: false };

const bool = (value: boolean): string => (value ? 'yes' : 'no');

const BLOCKED: Condition = { code: 'COMBINATION', expected: 'no', actual: 'yes', passed: false };
const NO_FEE: Condition = { code: 'FEE', expected: '1', actual: '0', passed: false };

function scheduleConditions(campaign: CampaignRules, at: Date): Condition[] {
  const { startsAt, endsAt } = campaign;
  const active = wasActiveAt(campaign.activeTimes, at);
  const conditions: Condition[] = [{ code: 'ACTIVE', expected: 'yes', actual: bool(active), passed: active }];
  const actual = at.toISOString();
  if (startsAt) conditions.push({ code: 'STARTED', expected: startsAt.toISOString(), actual, passed: at >= startsAt });
  if (endsAt) conditions.push({ code: 'NOT_ENDED', expected: endsAt.toISOString(), actual, passed: at < endsAt });
  return conditions;
}

function paymentConditions(campaign: CampaignRules, payment: PaymentFacts): Condition[] {
  const { minimumAmount, merchantIds, merchantCategoryCodes } = campaign;
  const sameCurrency = payment.currency === campaign.currency;
  const conditions: Condition[] = [
    { code: 'CURRENCY', expected: campaign.currency, actual: payment.currency, passed: sameCurrency },
  ];
  if (minimumAmount !== null) {
    const passed = sameCurrency && payment.amount >= minimumAmount;
    conditions.push({ code: 'MINIMUM_AMOUNT', expected: String(minimumAmount), actual: String(payment.amount), passed });
  }
  if (merchantIds) {
    const passed = merchantIds.includes(payment.merchantId);
    conditions.push({ code: 'MERCHANT', expected: String(merchantIds.length), actual: bool(passed), passed });
  }
  if (merchantCategoryCodes) {
    const passed = merchantCategoryCodes.includes(payment.merchantCategoryCode);
    conditions.push({ code: 'CATEGORY', expected: merchantCategoryCodes.join(', '), actual: payment.merchantCategoryCode, passed });
  }
  if (campaign.firstPaymentOnly) {
    conditions.push({ code: 'FIRST_PAYMENT', expected: '1', actual: String(payment.ordinal), passed: payment.ordinal === 1 });
  }
  return conditions;
}

/** Gives what the effect is worth on the payment before other campaigns and limits are looked at. */
function worth({ effect }: CampaignRules, payment: PaymentFacts): bigint {
  switch (effect.kind) {
    case 'CASHBACK':
      return least(basisPointsOf(payment.amount, effect.rateBasisPoints), effect.maximumPerPayment ?? payment.amount);
    case 'FEE_WAIVER':
      return least(payment.feeBeforeWaiver, effect.maximumPerPayment ?? payment.feeBeforeWaiver);
    case 'REFERRAL_REWARD':
      return effect.referrerReward + effect.friendReward;
  }
}

function effectConditions(campaign: CampaignRules, payment: PaymentFacts, referral: ReferralStanding): Condition[] {
  const value = worth(campaign, payment);
  switch (campaign.effect.kind) {
    case 'CASHBACK':
      return value > 0n ? [] : [{ code: 'SMALLEST_REWARD', expected: '1', actual: '0', passed: false }];
    case 'FEE_WAIVER':
      return value > 0n ? [] : [NO_FEE];
    case 'REFERRAL_REWARD':
      return [{ code: 'REFERRED', expected: 'JOINED', actual: referral, passed: referral === 'JOINED' }];
  }
}

const ownConditions = (campaign: CampaignRules, payment: PaymentFacts, referral: ReferralStanding): Condition[] => [
  ...paymentConditions(campaign, payment), ...effectConditions(campaign, payment, referral),
];

/**
 * Says whether other campaigns leave room, and how much where they do: all cashback adds up to at most the amount; one
 * waiver a fee; one referral reward.
 */
function combine(campaign: CampaignRules, payment: PaymentFacts, given: Given): { amount: bigint; conditions: Condition[] } {
  const value = worth(campaign, payment);
  switch (campaign.effect.kind) {
    case 'CASHBACK': {
      const amount = least(value, payment.amount - given.cashback);
      return { amount, conditions: amount > 0n ? [] : [BLOCKED] };
    }
    case 'FEE_WAIVER': {
      const taken = given.fee || payment.waived > 0n;
      return { amount: least(payment.fee, value), conditions: taken ? [BLOCKED] : [] };
    }
    case 'REFERRAL_REWARD':
      return { amount: value, conditions: given.referral ? [BLOCKED] : [] };
  }
}

function limitConditions(campaign: CampaignRules, standing: Standing): Condition[] {
  const maximum = campaign.maximumRewardsPerUser;
  if (maximum === null) return [];
  const passed = standing.rewards < maximum;
  return [{ code: 'MAXIMUM_REWARDS', expected: String(maximum), actual: String(standing.rewards), passed }];
}

function budgetCondition(amount: bigint, { budgetLeft }: Standing): Condition {
  const passed = amount <= budgetLeft;
  return { code: 'BUDGET', expected: String(amount), actual: bool(passed), passed };
}

/**
 * Says whether accounts spent another waiver although this one ranks above it: then the reason is a limit of this one, and
 * the other waiver only its consequence.
 */
const wasPassedOver = ({ effect }: CampaignRules, payment: PaymentFacts, given: Given): boolean =>
  effect.kind === 'FEE_WAIVER' && payment.waived > 0n && !given.fee;

const hasFailed = (conditions: readonly Condition[]): boolean => conditions.some((condition) => !condition.passed);

/** Checks what depends on the payment alone, not on what is left: undefined where the campaign may give something. */
export function preliminary(campaign: CampaignRules, payment: PaymentFacts, referral: ReferralStanding): Verdict | undefined {
  const schedule = scheduleConditions(campaign, payment.occurredAt);
  const conditions = [...schedule, ...ownConditions(campaign, payment, referral)];
  if (hasFailed(schedule)) return { outcome: 'OUTSIDE_SCHEDULE', amount: 0n, conditions };
  return hasFailed(conditions) ? { outcome: 'CONDITION_FAILED', amount: 0n, conditions } : undefined;
}

/** What stands around a decision besides campaign and payment. */
export interface Circumstances {
  readonly standing: Standing;
  readonly given: Given;
  readonly referral: ReferralStanding;
}

/** Decides one campaign on one payment, with a trace of every condition that was looked at. */
export function evaluate(campaign: CampaignRules, payment: PaymentFacts, around: Circumstances): Verdict {
  const early = preliminary(campaign, payment, around.referral);
  if (early) return early;
  const { amount, conditions: combination } = combine(campaign, payment, around.given);
  const limit = limitConditions(campaign, around.standing);
  const base = [...scheduleConditions(campaign, payment.occurredAt), ...ownConditions(campaign, payment, around.referral)];
  if (wasPassedOver(campaign, payment, around.given)) {
    const budget = budgetCondition(worth(campaign, payment), around.standing);
    if (hasFailed(limit)) return { outcome: 'LIMIT_REACHED', amount: 0n, conditions: [...base, ...limit] };
    if (!budget.passed) return { outcome: 'BUDGET_EXHAUSTED', amount: 0n, conditions: [...base, ...limit, budget] };
  }
  const conditions = [...base, ...combination, ...limit];
  if (hasFailed(combination)) return { outcome: 'NOT_COMBINABLE', amount: 0n, conditions };
  if (hasFailed(limit)) return { outcome: 'LIMIT_REACHED', amount: 0n, conditions };
  const budget = budgetCondition(amount, around.standing);
  conditions.push(budget);
  return budget.passed ? { outcome: 'GRANTED', amount, conditions } : { outcome: 'BUDGET_EXHAUSTED', amount: 0n, conditions };
}

/** The verdict on a waiver that accounts has already spent: a fact, with the conditions as they are seen here. */
export function spentWaiver(campaign: CampaignRules, payment: PaymentFacts): Verdict {
  const conditions = [...scheduleConditions(campaign, payment.occurredAt), ...paymentConditions(campaign, payment)];
  return { outcome: 'GRANTED', amount: payment.waived, conditions };
}

/** How the condition is written that a refusal by accounts adds: the trace of the grant has none of its kind. */
const ADDED_BY_REFUSAL: Partial<Readonly<Record<Outcome, Condition>>> = {
  NOT_COMBINABLE: BLOCKED,
  CONDITION_FAILED: NO_FEE,
};

/**
 * Gives the trace of a grant that accounts would not post: the condition that failed there says so. `rewards` is how many
 * the person really had before, where that is known by now; at a limit accounts has counted no fewer than the limit.
 */
export function refusedByAccounts(
  conditions: readonly Condition[], { outcome, rewards }: { outcome: Outcome; rewards: number | undefined },
): Condition[] {
  const added = ADDED_BY_REFUSAL[outcome];
  const kept = conditions.filter((condition) => condition.code !== added?.code).map((condition) => {
    if (condition.code === 'BUDGET' && outcome === 'BUDGET_EXHAUSTED') return { ...condition, actual: bool(false), passed: false };
    if (condition.code !== 'MAXIMUM_REWARDS') return condition;
    const counted = rewards ?? Number(condition.actual);
    if (outcome !== 'LIMIT_REACHED') return { ...condition, actual: String(counted) };
    return { ...condition, actual: String(Math.max(counted, Number(condition.expected))), passed: false };
  });
  if (!added) return kept;
  const limits = kept.findIndex(({ code }) => code === 'MAXIMUM_REWARDS' || code === 'BUDGET');
  return kept.toSpliced(limits < 0 ? kept.length : limits, 0, added);
}

/** Gives the trace of a referral reward that is taken back since a link of the two came to light after it. */
export function refusedByLink(conditions: readonly Condition[]): Condition[] {
  return conditions.map((condition) => (condition.code === 'REFERRED' ? { ...condition, actual: 'LINKED', passed: false } : condition));
}

/** Adds a verdict to what has been given for the payment. */
export function afterVerdict(given: Given, campaign: CampaignRules, verdict: Verdict): Given {
  if (verdict.outcome !== 'GRANTED') return given;
  switch (campaign.effect.kind) {
    case 'CASHBACK':
      return { ...given, cashback: given.cashback + verdict.amount };
    case 'FEE_WAIVER':
      return { ...given, fee: true };
    case 'REFERRAL_REWARD':
      return { ...given, referral: true };
  }
}

/**
 * Puts campaigns into the order in which they are decided: by id, which is by age; waivers first by what they take off
 * the fee, so that the best for the payer comes first. The order in which they were read has no influence.
 */
export function inOrder<Rules extends CampaignRules>(campaigns: readonly Rules[], payment: PaymentFacts): Rules[] {
  const rank = (campaign: CampaignRules): bigint => (campaign.effect.kind === 'FEE_WAIVER' ? worth(campaign, payment) : -1n);
  return [...campaigns].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    if (left !== right) return left > right ? -1 : 1;
    return a.id < b.id ? -1 : 1;
  });
}
