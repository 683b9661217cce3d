import { currencyCode, type Money } from '@tael/money';
import fc from 'fast-check';
import { decideTransfer, type TransferState } from './transfer.domain';

const USD = currencyCode('USD');
const usd = (minor: bigint): Money => ({ minor, currency: USD });
const wallet = { id: 'w1', personId: 'ada', currency: USD, posted: 1_000n, pending: 200n, frozen: false };
const state: TransferState = {
  wallet,
  recipientWallet: { id: 'w2', personId: 'bob', currency: USD, posted: 0n, pending: 0n, frozen: false },
  owed: [],
  limits: [
    { id: 'one', measure: 'AMOUNT', window: 'TRANSACTION', cap: 900n, used: 0n },
    { id: 'day', measure: 'AMOUNT', window: 'DAY', cap: 5_000n, used: 4_150n },
  ],
};

describe('decideTransfer', () => {
  // A transfer that is wrong in several ways always hears the same: refusals in the order of this table.
  it.each<[string, Partial<TransferState>, Money, string]>([
    ['no such wallet', { wallet: undefined, recipientWallet: undefined }, usd(901n), 'NOT_FOUND input.walletId'],
    ['A8: a frozen wallet', { wallet: { ...wallet, frozen: true }, recipientWallet: undefined }, { minor: 901n, currency: currencyCode('EUR') }, 'WALLET_FROZEN input.walletId'],
    ['to a frozen wallet', { recipientWallet: { ...state.recipientWallet!, frozen: true } }, usd(1n), 'OK'],
    ['another currency', { recipientWallet: undefined }, { minor: 901n, currency: currencyCode('EUR') }, 'CURRENCY_MISMATCH input.amount.currency'],
    ['nobody there', { recipientWallet: undefined }, usd(901n), 'NOT_FOUND input.recipientEmail'],
    ['A8: to oneself', { recipientWallet: { ...wallet, id: 'w3' } }, usd(901n), 'INVALID_INPUT input.recipientEmail OWN_WALLET'],
    ['owes, whatever is there', { owed: [usd(1n)] }, usd(901n), 'NOT_ALLOWED input.walletId DEBT_OPEN_TRANSFER'],
    ['above the limit of one', {}, usd(901n), 'LIMIT_EXCEEDED input.amount.amount PER_TRANSACTION'],
    ['above the limit of the day', {}, usd(851n), 'LIMIT_EXCEEDED input.amount.amount PER_DAY'],
    ['one more than there is', {}, usd(801n), 'INSUFFICIENT_FUNDS input.amount.amount'],
    ['all that is not held', {}, usd(800n), 'OK'],
    ['all of it', { wallet: { ...wallet, pending: 0n, posted: 850n } }, usd(850n), 'OK'],
  ])('%s', (_what, change, amount, expected) => {
    const decided = decideTransfer({ ...state, ...change }, amount);
    const [refusal] = decided.ok ? [] : decided.refusals;
    const told = refusal ? [refusal.code, refusal.field?.join('.'), refusal.reason].filter(Boolean).join(' ') : 'OK';
    expect(told).toBe(expected);
  });

  it('takes the day\'s limit by the amount', () => {
    expect(decideTransfer(state, usd(300n))).toEqual({ ok: true, limitUses: [{ limitId: 'day', taken: 300n, cap: 5_000n }] });
  });

  it('never sends more than there is, whatever is held', () => {
    const minor = fc.bigInt({ min: 0n, max: 500n });
    fc.assert(fc.property(minor, minor, fc.bigInt({ min: 1n, max: 500n }), (posted, pending, amount) => {
      const decided = decideTransfer({ ...state, limits: [], wallet: { ...wallet, posted, pending } }, usd(amount));
      expect(decided.ok).toBe(amount <= posted - pending);
    }));
  });
});
