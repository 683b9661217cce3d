import { currencyCode, type Money } from '@tael/money';
import fc from 'fast-check';
import { decidePayment, type PaymentState, pricePayment } from './payment.domain';

const USD = currencyCode('USD');
const usd = (minor: bigint): Money => ({ minor, currency: USD });
const at = new Date('2026-11-22T12:00:00Z');

const state: PaymentState = {
  at,
  wallet: { id: 'w', personId: 'p', currency: USD, posted: 10_000n, pending: 0n, frozen: false },
  merchant: { id: 'm', categoryCode: '5812', status: 'ACTIVE', own: false, inflowOpen: true },
  schedule: { rateBasisPoints: 100, minimum: 10n, maximum: 500n, nextFrom: null },
  owed: [],
  offers: [],
  paymentsMade: 0,
  limits: [{ id: 't', measure: 'AMOUNT', window: 'TRANSACTION', cap: 9_950n, used: 0n }],
};
const waiver = {
  campaignId: 'c', currency: USD, activeTimes: [{ from: new Date(0), to: null }], startsAt: null, endsAt: null, minimumAmount: null,
  merchantIds: null, merchantCategoryCodes: null, firstPaymentOnly: true, maximumRewardsPerUser: null, maximumPerPayment: 30n,
  budgetLeft: 1_000n, uses: 0, promise: null,
};

describe('decidePayment', () => {
  // A payment that is wrong in several ways always hears the same: refusals in the order of this table.
  it.each<[string, Partial<PaymentState>, Money, string]>([
    ['no such wallet', { wallet: undefined, merchant: undefined }, usd(1n), 'NOT_FOUND input.walletId'],
    ['A8: a frozen wallet', { wallet: { ...state.wallet!, frozen: true }, merchant: undefined }, { minor: 1n, currency: currencyCode('EUR') }, 'WALLET_FROZEN input.walletId'],
    ['another currency', { merchant: undefined }, { minor: 1n, currency: currencyCode('EUR') }, 'CURRENCY_MISMATCH input.amount.currency'],
    ['no such merchant', { merchant: undefined }, usd(99_999n), 'NOT_FOUND input.merchantId'],
    ['merchant that was never active, to a stranger', { merchant: { ...state.merchant!, status: 'PENDING' } }, usd(99_999n), 'NOT_FOUND input.merchantId'],
    ['merchant that was never active, to who acts for it', { merchant: { ...state.merchant!, status: 'PENDING', own: true } }, usd(99_999n), 'MERCHANT_NOT_ACTIVE input.merchantId'],
    ['merchant not active any more', { merchant: { ...state.merchant!, status: 'SUSPENDED' } }, usd(99_999n), 'MERCHANT_NOT_ACTIVE input.merchantId'],
    ['a shop of their own, while they owe', { owed: [usd(1n)] }, usd(9_951n), 'NOT_ALLOWED input.walletId'],
    ['above a limit', {}, usd(9_951n), 'LIMIT_EXCEEDED input.amount.amount'],
    ['all the money, but not the fee', {}, usd(9_950n), 'INSUFFICIENT_FUNDS input.amount.amount'],
    ['all the money and the fee', {}, usd(9_901n), 'OK'],
    ['one more than that', {}, usd(9_902n), 'INSUFFICIENT_FUNDS input.amount.amount'],
    ['money that is held', { wallet: { ...state.wallet!, pending: 9_000n } }, usd(991n), 'INSUFFICIENT_FUNDS input.amount.amount'],
    ['money that is not held', { wallet: { ...state.wallet!, pending: 9_000n } }, usd(990n), 'OK'],
  ])('%s', (_what, change, amount, expected) => {
    const decided = decidePayment({ ...state, ...change }, amount);
    expect(decided.ok ? 'OK' : [decided.refusals[0]!.code, decided.refusals[0]!.field?.join('.')].join(' ')).toBe(expected);
  });

  it('charges what the quote of the same state says, and never leaves less than nothing', () => {
    fc.assert(fc.property(fc.bigInt({ min: 1n, max: 20_000n }), fc.nat(2), (minor, paymentsMade) => {
      const now = { ...state, limits: [], offers: [waiver], paymentsMade };
      const quoted = pricePayment(now, usd(minor));
      const decided = decidePayment(now, usd(minor));
      if (!quoted.ok) throw new Error('a quote needs no money');
      const { price } = quoted;
      expect(price.total).toBe(price.amount + price.fee);
      expect(price.fee).toBe(price.feeBeforeWaiver - (price.waiver?.waived ?? 0n));
      expect(price.waiver !== undefined).toBe(paymentsMade === 0);
      expect(decided.ok).toBe(price.total <= 10_000n);
      if (decided.ok) expect(decided.plan).toMatchObject(price);
    }));
  });

  it('numbers the person\'s payments from 1', () => {
    const decided = decidePayment({ ...state, paymentsMade: 6 }, usd(100n));
    expect(decided.ok && decided.plan.ordinal).toBe(7);
  });
});

describe('a quote', () => {
  const validUntil = (change: Partial<PaymentState>) => {
    const quoted = pricePayment({ ...state, ...change }, usd(1_000n));
    return quoted.ok ? quoted.price.validUntil.toISOString() : undefined;
  };

  it.each<[string, Partial<PaymentState>, string]>([
    ['five minutes', {}, '2026-11-22T12:05:00.000Z'],
    ['until the next schedule', { schedule: { ...state.schedule, nextFrom: new Date('2026-11-22T12:01:00Z') } }, '2026-11-22T12:01:00.000Z'],
    ['not until one that is far', { schedule: { ...state.schedule, nextFrom: new Date('2026-11-23T12:00:00Z') } }, '2026-11-22T12:05:00.000Z'],
    ['until its waiver ends', { offers: [{ ...waiver, endsAt: new Date('2026-11-22T12:02:00Z') }] }, '2026-11-22T12:02:00.000Z'],
    // Else one could keep a campaign that is paused alive for ever, by asking for a quote every four minutes.
    ['no longer than the promise that it repeats', {
      offers: [{ ...waiver, activeTimes: [], promise: { waived: 10n, validUntil: new Date('2026-11-22T12:03:00Z') } }],
    }, '2026-11-22T12:03:00.000Z'],
  ])('holds %s', (_what, change, expected) => {
    expect(validUntil(change)).toBe(expected);
  });
});
