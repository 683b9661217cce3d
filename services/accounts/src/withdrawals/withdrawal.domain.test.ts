import { currencyCode, type Money } from '@tael/money';
import fc from 'fast-check';
import { feeOf } from '../fees/fee.domain';
import { seededLimits } from '../limits/limit.definitions.domain';
import { decideWithdrawal, seededWithdrawalFee, seededWithdrawalLimits, type WithdrawalState } from './withdrawal.domain';

const USD = currencyCode('USD');
const usd = (minor: bigint): Money => ({ minor, currency: USD });
const state: WithdrawalState = {
  wallet: { id: 'w', personId: 'ada', currency: USD, posted: 100_000n, pending: 0n, frozen: false },
  method: { kind: 'BANK_ACCOUNT', status: 'ACTIVE' },
  owed: [],
  limits: [
    { id: 'one', measure: 'AMOUNT', window: 'TRANSACTION', cap: 90_000n, used: 0n },
    { id: 'day', measure: 'AMOUNT', window: 'DAY', cap: 100_000n, used: 20_000n },
  ],
  schedule: seededWithdrawalFee(2),
};
const wallet = (posted: bigint) => ({ wallet: { ...state.wallet!, posted } });

describe('decideWithdrawal', () => {
  // A withdrawal that is wrong in several ways always hears the same: refusals in the order of this table.
  it.each<[string, Partial<WithdrawalState>, Money, string]>([
    ['no such wallet', { wallet: undefined, method: undefined }, usd(90_001n), 'NOT_FOUND input.walletId'],
    ['A8: a frozen wallet', { wallet: { ...state.wallet!, frozen: true }, method: undefined }, usd(90_001n), 'WALLET_FROZEN input.walletId'],
    ['no such account', { method: undefined }, usd(90_001n), 'NOT_FOUND input.paymentMethodId'],
    ['a card', { method: { kind: 'CARD', status: 'ACTIVE' } }, usd(90_001n), 'INVALID_INPUT input.paymentMethodId NOT_A_BANK_ACCOUNT'],
    ['an account that is not verified', { method: { kind: 'BANK_ACCOUNT', status: 'PENDING_VERIFICATION' } }, usd(90_001n), 'NOT_ALLOWED input.paymentMethodId NOT_VERIFIED'],
    ['owes, whatever is there', { owed: [usd(1n)] }, usd(90_001n), 'NOT_ALLOWED input.walletId DEBT_OPEN'],
    ['owes, and a card', { owed: [usd(1n)], method: { kind: 'CARD', status: 'ACTIVE' } }, usd(1_000n), 'INVALID_INPUT input.paymentMethodId NOT_A_BANK_ACCOUNT'],
    ['another currency', {}, { minor: 90_001n, currency: currencyCode('EUR') }, 'CURRENCY_MISMATCH input.amount.currency'],
    ['above the limit of one', {}, usd(90_001n), 'LIMIT_EXCEEDED input.amount.amount PER_TRANSACTION'],
    ['above the limit of the day', {}, usd(80_001n), 'LIMIT_EXCEEDED input.amount.amount PER_DAY'],
    ['all but a cent of the fee', wallet(1_024n), usd(1_000n), 'INSUFFICIENT_FUNDS input.amount.amount'],
    ['amount and fee', wallet(1_025n), usd(1_000n), 'OK 25'],
    ['what is held is not there', { wallet: { ...state.wallet!, posted: 1_025n, pending: 1n } }, usd(1_000n), 'INSUFFICIENT_FUNDS input.amount.amount'],
    ['at the limit of the day', {}, usd(80_000n), 'OK 250'],
  ])('%s', (_what, change, amount, expected) => {
    const decided = decideWithdrawal({ ...state, ...change }, amount);
    const [refusal] = decided.ok ? [] : decided.refusals;
    const told = refusal ? [refusal.code, refusal.field?.join('.'), refusal.reason] : ['OK', decided.ok && decided.fee];
    expect(told.filter((part) => part !== undefined).join(' ')).toBe(expected);
  });
});

// 0.5 %, half-even, between a minimum and a maximum. Each row can be checked with a pencil.
describe('the fee of a withdrawal', () => {
  it.each([
    [2, 1n, 25n], [2, 5_000n, 25n], [2, 5_100n, 26n], [2, 5_300n, 26n], [2, 5_500n, 28n], [2, 10_000n, 50n], [2, 49_999n, 250n],
    [2, 50_000n, 250n], [2, 1_000_000n, 250n], [0, 10_000n, 50n], [3, 1n, 100n], [3, 100_000n, 500n], [3, 900_000n, 1_000n],
  ])('with %i fraction digits, of %s: %s', (digits, amount, fee) => expect(feeOf(amount, seededWithdrawalFee(digits))).toBe(fee));

  it('stays between its bounds and never falls as the amount grows', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 15n });
    fc.assert(fc.property(amount, amount, fc.constantFrom(0, 2, 3), (a, b, digits) => {
      const schedule = seededWithdrawalFee(digits);
      const [low, high] = a < b ? [a, b] : [b, a];
      const fee = feeOf(low, schedule);
      expect(fee >= schedule.minimum && fee <= schedule.maximum && fee <= feeOf(high, schedule)).toBe(true);
    }));
  });
});

describe('seededWithdrawalLimits', () => {
  it.each([['USD', 1_000_000n], ['JPY', 1_000_000n], ['KWD', 10_000_000n]])('bounds %s to %s at once, ten times as much a day', (code, cap) => {
    expect(seededWithdrawalLimits().filter(({ currency }) => currency === code)).toEqual([
      { id: `withdrawal-amount-${code}`, currency: code, kinds: ['WITHDRAWAL'], measure: 'AMOUNT', window: 'TRANSACTION', cap },
      { id: `withdrawal-day-amount-${code}`, currency: code, kinds: ['WITHDRAWAL'], measure: 'AMOUNT', window: 'DAY', cap: 10n * cap },
    ]);
  });

  it('has no id of another limit', () => {
    const ids = [...seededLimits(), ...seededWithdrawalLimits()].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
