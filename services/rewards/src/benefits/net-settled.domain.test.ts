import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import type { CampaignRules, Effect } from '../campaigns/campaign.domain';
import { afterVerdict, evaluate, inOrder, NOTHING_GIVEN } from '../evaluations/evaluation.domain';
import type { PaymentFacts } from '../payments/payment.domain';
import { type BenefitKind, type GrantedBenefit, takeBack } from './benefit.domain';

// A21: whoever pays, is given back, pays in parts, and has all of it told again and again, keeps what the rule gives for the net that is settled.
//
// The rule, of a payment of `paid` of which `refunded` is given back (all rounding half to even, to a minor unit):
//   cashback   whole = least(round(paid * rate), the most for a payment, what earlier cashbacks leave of the payment)
//              kept  = whole - round(whole * refunded / paid)
//   referral   kept whole as long as anything of the payment stands, and nothing of it after
//   fees       kept whole: the fee stays with us, too
// Bounds are looked at once, when the payment is settled: a minimum that the net does not reach takes nothing more back.
//
// So rounding gives at most this beyond the rate, and no refund or split gives more: half a minor unit for a grant, and one, exclusive, where a part of its payment
// is given back. All cashbacks of a payment together are at most what is paid, and after refunds the net with half a unit for each of them.

const USD = currencyCode('USD');
const AT = new Date('2026-06-01T12:00:00.000Z');

interface Told {
  readonly paymentId: string;
  /** What is told of: that it was settled, or how much of it has been given back by now. */
  readonly refundedTotal?: bigint;
}

interface Kept extends GrantedBenefit {
  readonly campaignId: string;
  readonly paymentId: string;
  readonly kind: BenefitKind;
  reversed: bigint;
}

const campaign = (id: string, effect: Effect, more: Partial<CampaignRules> = {}): CampaignRules => ({
  id, effect, currency: USD, minimumAmount: null, merchantIds: null, merchantCategoryCodes: null, firstPaymentOnly: false, maximumRewardsPerUser: null,
  startsAt: null, endsAt: null, activeTimes: [{ from: new Date(0), to: null }], ...more,
});
const paymentOf = (amount: bigint, n: number): PaymentFacts => ({
  id: `p${n}`, personId: 'x', walletId: 'w', merchantId: 'm', merchantCategoryCode: '5814', currency: USD, amount, fee: 10n, feeBeforeWaiver: 10n, waiverCampaignId: null,
  waived: 0n, ordinal: n + 1, occurredAt: AT,
});

const KIND_OF = { CASHBACK: 'CASHBACK', FEE_WAIVER: 'FEE_REBATE', REFERRAL_REWARD: 'REFERRAL_REWARD' } as const;

/** Hears of one person's payments and decides by the rules alone: what the services keep between two events, and no more. */
class Rewards {
  readonly benefits: Kept[] = [];
  private readonly heard = new Set<string>();
  private readonly refunded = new Map<string, bigint>();
  private readonly uses = new Map<string, number>();
  private isQualified = false;

  constructor(private readonly campaigns: readonly CampaignRules[], private readonly payments: ReadonlyMap<string, PaymentFacts>, private readonly budget = 10n ** 16n) {}

  hear({ paymentId, refundedTotal }: Told): void {
    const payment = this.payments.get(paymentId)!;
    if (refundedTotal === undefined) this.settle(payment);
    else if (refundedTotal > (this.refunded.get(paymentId) ?? 0n)) this.refunded.set(paymentId, refundedTotal);
    else return;
    if (this.heard.has(paymentId)) this.takeBack(payment);
  }

  spentOf(campaignId: string): bigint {
    return this.benefits.filter((one) => one.campaignId === campaignId).reduce((sum, { amount, reversed }) => sum + amount - reversed, 0n);
  }

  private settle(payment: PaymentFacts): void {
    if (this.heard.has(payment.id)) return;
    this.heard.add(payment.id);
    let given = NOTHING_GIVEN;
    for (const rules of inOrder(this.campaigns, payment)) {
      const standing = { rewards: this.uses.get(rules.id) ?? 0, budgetLeft: this.budget - this.spentOf(rules.id) };
      const verdict = evaluate(rules, payment, { standing, given, referral: this.isQualified ? 'QUALIFIED' : 'JOINED' });
      given = afterVerdict(given, rules, verdict);
      if (verdict.outcome !== 'GRANTED') continue;
      // A use that is taken is not given back with a refund: who pays and is given back uses it up.
      this.uses.set(rules.id, standing.rewards + 1);
      if (rules.effect.kind === 'REFERRAL_REWARD') this.isQualified = true;
      this.benefits.push({ campaignId: rules.id, paymentId: payment.id, kind: KIND_OF[rules.effect.kind], amount: verdict.amount, reversed: 0n });
    }
  }

  private takeBack(payment: PaymentFacts): void {
    for (const benefit of this.benefits.filter(({ paymentId }) => paymentId === payment.id)) {
      const due = takeBack(benefit, this.refunded.get(payment.id) ?? 0n, payment.amount);
      benefit.reversed += due;
      expect(due >= 0n && benefit.reversed <= benefit.amount).toBe(true);
    }
  }
}

/** `minor * part / whole`, half to even, by another way than the program's. */
function rounded(minor: bigint, part: bigint, whole: bigint): bigint {
  const [twice, floor] = [2n * ((minor * part) % whole), (minor * part) / whole];
  return twice < whole || (twice === whole && floor % 2n === 0n) ? floor : floor + 1n;
}

const amounts = fc.oneof(fc.bigInt(1n, 200n), fc.bigInt(1n, 10n ** 9n));
const rates = fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom(1, 50, 100, 250, 333, 10_000));
const scenes = fc.record({
  paid: fc.array(amounts, { minLength: 1, maxLength: 6 }),
  effects: fc.array(fc.record({ rate: rates, most: fc.option(amounts) }), { minLength: 1, maxLength: 3 }),
  /** For each payment the places up to which it is given back, in ten thousandths; the last of all may be the whole. */
  parts: fc.array(fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 4 }), { minLength: 6, maxLength: 6 }),
  /** In which order the events come, and which come how often again. */
  order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  again: fc.array(fc.nat(), { maxLength: 20 }),
});

interface Scene {
  readonly campaigns: readonly CampaignRules[];
  readonly payments: ReadonlyMap<string, PaymentFacts>;
  /** As they are sent: each payment settled, and then its refunds. */
  readonly events: readonly Told[];
  readonly refundedOf: (paymentId: string) => bigint;
}

function sceneOf({ paid, effects, parts }: { paid: readonly bigint[]; effects: readonly { rate: number; most: bigint | null }[]; parts: readonly (readonly number[])[] }): Scene {
  const payments = new Map(paid.map((amount, n) => [`p${n}`, paymentOf(amount, n)]));
  const totals = new Map([...payments.values()].map(({ id, amount }, n) => {
    const sorted = [...parts[n]!].sort((a, b) => a - b).map((part) => (amount * BigInt(part)) / 10_000n);
    return [id, [...new Set(sorted)].filter((total) => total > 0n)] as const;
  }));
  return {
    payments,
    campaigns: [
      ...effects.map(({ rate, most }, n) => campaign(`c${n}`, { kind: 'CASHBACK', rateBasisPoints: rate, maximumPerPayment: most })),
      campaign('f', { kind: 'FEE_WAIVER', maximumPerPayment: null }), campaign('r', { kind: 'REFERRAL_REWARD', referrerReward: 500n, friendReward: 300n }),
    ],
    events: [...payments.keys()].flatMap((paymentId) => [{ paymentId }, ...totals.get(paymentId)!.map((refundedTotal) => ({ paymentId, refundedTotal }))]),
    refundedOf: (paymentId) => totals.get(paymentId)!.at(-1) ?? 0n,
  };
}

/** What each cashback of a payment keeps by the rule, in the order of the campaigns. */
function cashbacksOf({ campaigns, refundedOf }: Scene, { id, amount }: PaymentFacts): bigint[] {
  let left = amount;
  return campaigns.flatMap(({ effect }) => {
    if (effect.kind !== 'CASHBACK') return [];
    const whole = [rounded(amount, BigInt(effect.rateBasisPoints), 10_000n), effect.maximumPerPayment ?? amount, left].reduce((a, b) => (a < b ? a : b));
    left -= whole;
    return [whole - rounded(whole, refundedOf(id), amount)];
  });
}

/** What is kept of a payment, by kind. */
const keptOf = (rewards: Rewards, kind: BenefitKind, paymentId: string): bigint[] =>
  rewards.benefits.filter((one) => one.kind === kind && one.paymentId === paymentId).map(({ amount, reversed }) => amount - reversed);
const sum = (all: readonly bigint[]): bigint => all.reduce((a, b) => a + b, 0n);
const isSomething = (minor: bigint): boolean => minor > 0n;

/** In any order, with repeats; a refund may come before its payment. */
const shuffled = (events: readonly Told[], order: readonly number[], again: readonly number[]): Told[] =>
  [...events, ...again.map((n) => events[n % events.length]!)].map((event, n) => [order[n % order.length]!, event] as const).sort((a, b) => a[0] - b[0]).map(([, event]) => event);

const heardBy = ({ campaigns, payments }: Scene, events: readonly Told[]): Rewards => {
  const rewards = new Rewards(campaigns, payments);
  for (const event of events) rewards.hear(event);
  return rewards;
};

describe('A21: what is granted less what is taken back', () => {
  it('is what the rule gives for the net that is settled, whatever order refunds come in and whatever comes again', () => {
    fc.assert(fc.property(scenes, ({ order, again, ...given }) => {
      const scene = sceneOf(given);
      const rewards = heardBy(scene, shuffled(scene.events, order, again));
      for (const payment of scene.payments.values()) {
        const stands = scene.refundedOf(payment.id) < payment.amount;
        expect(keptOf(rewards, 'CASHBACK', payment.id).filter(isSomething)).toEqual(cashbacksOf(scene, payment).filter(isSomething));
        expect(keptOf(rewards, 'FEE_REBATE', payment.id)).toEqual([10n]);
        expect(keptOf(rewards, 'REFERRAL_REWARD', payment.id).filter(() => !stands).filter(isSomething)).toEqual([]);
        if (!stands) expect(sum(keptOf(rewards, 'CASHBACK', payment.id))).toBe(0n);
      }
      // One referral, whatever is given back of the payment that it was for.
      expect(rewards.benefits.filter(({ kind }) => kind === 'REFERRAL_REWARD')).toHaveLength(1);
    }));
  });

  it('is not changed by hearing all of it again', () => {
    fc.assert(fc.property(scenes, ({ order, again, ...given }) => {
      const scene = sceneOf(given);
      const rewards = heardBy(scene, scene.events);
      const before = structuredClone(rewards.benefits);
      for (const event of shuffled(scene.events, order, again)) rewards.hear(event);
      expect(rewards.benefits).toEqual(before);
    }));
  });

  it('is at most the rate of the net and a minor unit for each grant, however the whole is split and given back', () => {
    fc.assert(fc.property(scenes, ({ order, again, ...given }) => {
      const scene = sceneOf(given);
      const rewards = heardBy(scene, shuffled(scene.events, order, again));
      const payments = [...scene.payments.values()];
      for (const { id, effect } of scene.campaigns) {
        if (effect.kind !== 'CASHBACK') continue;
        const ofCampaign = rewards.benefits.filter((one) => one.campaignId === id);
        const rate = BigInt(effect.rateBasisPoints);
        const ofRate = ofCampaign.map(({ paymentId }) => rate * (scene.payments.get(paymentId)!.amount - scene.refundedOf(paymentId)));
        const ofRefunded = ofCampaign.filter(({ paymentId }) => scene.refundedOf(paymentId) > 0n).length;
        const rounding = 5_000n * BigInt(ofCampaign.length + ofRefunded);
        expect(10_000n * rewards.spentOf(id) <= sum(ofRate) + rounding).toBe(true);
      }
      for (const { id, amount } of payments) {
        const kept = keptOf(rewards, 'CASHBACK', id);
        expect(sum(rewards.benefits.filter((one) => one.paymentId === id && one.kind === 'CASHBACK').map((one) => one.amount)) <= amount).toBe(true);
        expect(2n * sum(kept) <= 2n * (amount - scene.refundedOf(id)) + BigInt(kept.length)).toBe(true);
      }
    }));
  });

  it.each<[string, bigint[], bigint]>([
    ['one of 100.00 earns 1.00', [10_000n], 100n],
    ['two hundred of 0.50 earn nothing: half is rounded to the even 0', Array<bigint>(200).fill(50n), 0n],
    ['one of 0.51 earns a whole cent: half a cent more than the rate, the most that there is', [51n], 1n],
    ['a hundred of 0.51 earn half a cent more, each', Array<bigint>(100).fill(51n), 100n],
  ])('at one percent, of payments in parts: %s', (_what, paid, earned) => {
    const scene = sceneOf({ paid, effects: [{ rate: 100, most: null }], parts: paid.map(() => []) });
    expect(heardBy(scene, scene.events).spentOf('c0')).toBe(earned);
  });

  it('does not come again with another payment: what a refund gives back is no use, and the budget bounds what is out at any moment', () => {
    const bounds = fc.record({ maximum: fc.integer({ min: 1, max: 4 }), budget: fc.bigInt(1n, 1_000n) });
    fc.assert(fc.property(scenes, bounds, ({ order, again, ...given }, { maximum, budget }) => {
      const scene = sceneOf(given);
      const bounded = campaign('b', { kind: 'CASHBACK', rateBasisPoints: 500, maximumPerPayment: null }, { maximumRewardsPerUser: maximum });
      const first = campaign('first', { kind: 'CASHBACK', rateBasisPoints: 500, maximumPerPayment: null }, { firstPaymentOnly: true });
      const rewards = new Rewards([bounded, first], scene.payments, budget);
      for (const event of shuffled(scene.events, order, again)) {
        rewards.hear(event);
        expect(rewards.spentOf('b') <= budget && rewards.spentOf('first') <= budget).toBe(true);
      }
      expect(rewards.benefits.filter(({ campaignId }) => campaignId === 'b').length).toBeLessThanOrEqual(maximum);
      expect(rewards.benefits.filter(({ campaignId }) => campaignId === 'first').map(({ paymentId }) => paymentId).filter((id) => id !== 'p0')).toEqual([]);
    }));
  });
});
