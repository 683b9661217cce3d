import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { chooseWaiver, isActive, type WaivablePayment, type WaiverOffer } from './fee-waiver.domain';

const at = new Date('2026-11-22T12:00:00Z');
const before = new Date(at.getTime() - 1);
const after = new Date(at.getTime() + 1);

const payment: WaivablePayment = {
  currency: currencyCode('USD'), amount: 5_000n, fee: 50n, merchantId: 'm', merchantCategoryCode: '5812', ordinal: 1, at,
};
const offer: WaiverOffer = {
  campaignId: 'b', currency: currencyCode('USD'), activeTimes: [{ from: new Date(0), to: null }], startsAt: null, endsAt: null,
  minimumAmount: null, merchantIds: null, merchantCategoryCodes: null, firstPaymentOnly: false, maximumRewardsPerUser: null,
  maximumPerPayment: null, budgetLeft: 1_000n, uses: 0, promise: null,
};
const promise = { waived: 50n, validUntil: after };
const paused = { activeTimes: [{ from: new Date(0), to: before }] };

describe('chooseWaiver', () => {
  it.each<[string, Partial<WaiverOffer>, Partial<WaivablePayment>, bigint | undefined]>([
    ['everything', {}, {}, 50n],
    ['another currency', { currency: currencyCode('EUR') }, {}, undefined],
    ['amount at the minimum', { minimumAmount: 5_000n }, {}, 50n],
    ['amount below the minimum', { minimumAmount: 5_001n }, {}, undefined],
    ['this merchant', { merchantIds: ['x', 'm'] }, {}, 50n],
    ['another merchant', { merchantIds: ['x'] }, {}, undefined],
    ['no merchant at all', { merchantIds: [] }, {}, undefined],
    ['this category', { merchantCategoryCodes: ['5812'] }, {}, 50n],
    ['another category', { merchantCategoryCodes: ['5411'] }, {}, undefined],
    ['first payment, and it is', { firstPaymentOnly: true }, {}, 50n],
    ['first payment, and it is the second', { firstPaymentOnly: true }, { ordinal: 2 }, undefined],
    ['one use left', { maximumRewardsPerUser: 2, uses: 1 }, {}, 50n],
    ['no use left', { maximumRewardsPerUser: 2, uses: 2 }, {}, undefined],
    ['part of the fee', { maximumPerPayment: 20n }, {}, 20n],
    ['more than the fee', { maximumPerPayment: 70n }, {}, 50n],
    ['nothing of the fee', { maximumPerPayment: 0n }, {}, undefined],
    ['budget just enough', { budgetLeft: 50n }, {}, 50n],
    ['budget one short', { budgetLeft: 49n }, {}, undefined],
    ['budget short, but the part fits', { budgetLeft: 49n, maximumPerPayment: 49n }, {}, 49n],
    ['no fee', {}, { fee: 0n }, undefined],
    ['no minimum, and hardly an amount', {}, { amount: 1n }, 50n],
    ['begins now', { startsAt: at }, {}, 50n],
    ['begins in a moment', { startsAt: after }, {}, undefined],
    ['ends in a moment', { endsAt: after }, {}, 50n],
    ['ends now', { endsAt: at }, {}, undefined],
    ['active from now', { activeTimes: [{ from: at, to: null }] }, {}, 50n],
    ['not active yet', { activeTimes: [{ from: after, to: null }] }, {}, undefined],
    ['paused now', { activeTimes: [{ from: new Date(0), to: at }] }, {}, undefined],
    ['paused before, active again', { activeTimes: [{ from: new Date(0), to: before }, { from: at, to: null }] }, {}, 50n],
    ['never active', { activeTimes: [] }, {}, undefined],
    ['paused, but promised', { ...paused, promise }, {}, 50n],
    ['ended, but promised', { endsAt: before, promise }, {}, 50n],
    ['changed to another minimum, but promised', { minimumAmount: 5_001n, promise }, {}, 50n],
    ['changed to another merchant, but promised', { merchantIds: ['x'], promise }, {}, 50n],
    ['changed to another category, but promised', { merchantCategoryCodes: ['5411'], promise }, {}, 50n],
    ['changed to less, but promised', { maximumPerPayment: 20n, promise }, {}, 50n],
    ['changed to more than was promised', { promise: { ...promise, waived: 20n } }, {}, 50n],
    ['changed to more than is left, but promised less', { budgetLeft: 20n, promise: { ...promise, waived: 20n } }, {}, 20n],
    ['paused, and promised in part', { ...paused, promise: { ...promise, waived: 20n } }, {}, 20n],
    ['paused, and promised more than the fee', { ...paused, promise: { ...promise, waived: 70n } }, {}, 50n],
    ['paused, and the promise ends now', { ...paused, promise: { ...promise, validUntil: at } }, {}, undefined],
    ['promised, but another currency', { currency: currencyCode('EUR'), promise }, {}, undefined],
    ['promised, but no use is left', { ...paused, promise, maximumRewardsPerUser: 1, uses: 1 }, {}, undefined],
    ['promised, but it is the second payment', { ...paused, promise, firstPaymentOnly: true }, { ordinal: 2 }, undefined],
    ['promised, and it is the first payment', { ...paused, promise, firstPaymentOnly: true }, {}, 50n],
    ['promised, but the budget is one short', { ...paused, promise, budgetLeft: 49n }, {}, undefined],
    ['the promise ended, the offer did not', { promise: { ...promise, validUntil: at } }, {}, 50n],
  ])('%s', (_what, offerChange, paymentChange, waived) => {
    expect(chooseWaiver([{ ...offer, ...offerChange }], { ...payment, ...paymentChange })?.waived).toBe(waived);
  });

  it('takes one: the largest, of equal ones that of the smaller campaign id, whatever the order', () => {
    const offers = [
      { ...offer, campaignId: 'c', maximumPerPayment: 40n }, { ...offer, campaignId: 'b', maximumPerPayment: 40n },
      { ...offer, campaignId: 'a', maximumPerPayment: 39n }, { ...offer, campaignId: '0', budgetLeft: 1n },
    ];
    fc.assert(fc.property(fc.shuffledSubarray(offers, { minLength: 4 }), (shuffled) => {
      expect(chooseWaiver(shuffled, payment)).toMatchObject({ campaignId: 'b', waived: 40n });
    }));
  });

  it('never waives more than the fee, the maximum or the budget', () => {
    const minor = fc.bigInt({ min: 0n, max: 500n });
    fc.assert(fc.property(minor, minor, minor, (fee, maximumPerPayment, budgetLeft) => {
      const waived = chooseWaiver([{ ...offer, maximumPerPayment, budgetLeft }], { ...payment, fee })?.waived ?? 0n;
      expect(waived <= fee && waived <= maximumPerPayment && waived <= budgetLeft).toBe(true);
    }));
  });

  it('knows the nearest end, for a quote', () => {
    const [sooner, later] = [new Date(at.getTime() + 1_000), new Date(at.getTime() + 9_000)];
    expect(chooseWaiver([offer], payment)!.endsAt).toBeNull();
    expect(chooseWaiver([{ ...offer, endsAt: later, activeTimes: [{ from: before, to: sooner }] }], payment)!.endsAt).toEqual(sooner);
    // That of the time that runs, not of one that is over or begins later.
    const times = [{ from: new Date(0), to: before }, { from: at, to: sooner }, { from: later, to: null }];
    expect(chooseWaiver([{ ...offer, activeTimes: times }], payment)!.endsAt).toEqual(sooner);
    expect(chooseWaiver([{ ...offer, activeTimes: [times[0]!, { from: before, to: null }] }], payment)!.endsAt).toBeNull();
    const promised = { ...promise, validUntil: later };
    expect(chooseWaiver([{ ...offer, ...paused, promise: promised }], payment)!.endsAt).toEqual(later);
    expect(chooseWaiver([{ ...offer, promise: promised }], payment)!.endsAt).toBeNull();
    expect(chooseWaiver([{ ...offer, endsAt: sooner, promise: promised }], payment)!.endsAt).toEqual(later);
    expect(chooseWaiver([{ ...offer, endsAt: later, promise: { ...promise, validUntil: sooner } }], payment)!.endsAt).toEqual(later);
  });
});

describe('isActive', () => {
  it('begins with its first instant and ends before its last', () => {
    const time = { activeTimes: [{ from: at, to: after }], startsAt: null, endsAt: null };
    expect([before, at, after].map((instant) => isActive(time, instant))).toEqual([false, true, false]);
  });
});
