import { currencyCode, type Money } from '@tael/money';
import { decideTopUp, type TopUpState } from './top-up.domain';

const USD = currencyCode('USD');
const usd = (minor: bigint): Money => ({ minor, currency: USD });
const state: TopUpState = {
  wallet: { id: 'w', personId: 'ada', currency: USD, posted: 0n, pending: 0n, frozen: false },
  method: { kind: 'CARD', status: 'ACTIVE' },
  limits: [{ id: 'one', measure: 'AMOUNT', window: 'TRANSACTION', cap: 900n, used: 0n }],
};

describe('decideTopUp', () => {
  // A top-up that is wrong in several ways always hears the same: refusals in the order of this table.
  it.each<[string, Partial<TopUpState>, Money, string]>([
    ['no such wallet', { wallet: undefined, method: undefined }, usd(901n), 'NOT_FOUND input.walletId'],
    ['no such card', { method: undefined }, { minor: 901n, currency: currencyCode('EUR') }, 'NOT_FOUND input.paymentMethodId'],
    ['a bank account that is not verified', { method: { kind: 'BANK_ACCOUNT', status: 'PENDING_VERIFICATION' } }, usd(901n), 'NOT_ALLOWED input.paymentMethodId NOT_VERIFIED'],
    ['into a frozen wallet', { wallet: { ...state.wallet!, frozen: true } }, usd(1n), 'OK'],
    ['another currency', {}, { minor: 901n, currency: currencyCode('EUR') }, 'CURRENCY_MISMATCH input.amount.currency'],
    ['above the limit of one', {}, usd(901n), 'LIMIT_EXCEEDED input.amount.amount PER_TRANSACTION'],
    ['at the limit of one', {}, usd(900n), 'OK'],
  ])('%s', (_what, change, amount, expected) => {
    const decided = decideTopUp({ ...state, ...change }, amount);
    const [refusal] = decided.ok ? [] : decided.refusals;
    const told = refusal ? [refusal.code, refusal.field?.join('.'), refusal.reason].filter(Boolean).join(' ') : 'OK';
    expect(told).toBe(expected);
  });
});
