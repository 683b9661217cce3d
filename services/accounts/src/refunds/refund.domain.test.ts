import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import type { Outcome } from '../outcomes/outcome.domain';
import type { Viewer } from '../transactions/transaction.domain';
import { decideRefund, isLimited, mayRefund, type RefundParties, roleOf } from './refund.domain';

const USD = currencyCode('USD');
const usd = (minor: bigint) => ({ minor, currency: USD });

/** What is refused, and at which field of the input. */
const told = (outcome: Outcome<object>): string =>
  outcome.ok ? 'OK' : outcome.refusals.map(({ code, field }) => `${code} ${field?.join('.')}`).join();

describe('decideRefund', () => {
  it.each<[string, bigint, bigint, bigint | undefined, bigint | string]>([
    ['all of it', 100n, 0n, undefined, 100n], ['what remains', 100n, 30n, undefined, 70n], ['a part', 100n, 30n, 50n, 50n],
    ['exactly the rest', 100n, 30n, 70n, 70n], ['one too many', 100n, 30n, 71n, 'REFUND_EXCEEDS_PAYMENT input.amount.amount'],
    ['nothing left', 100n, 100n, undefined, 'REFUND_EXCEEDS_PAYMENT input.transactionId'],
    ['one of nothing', 100n, 100n, 1n, 'REFUND_EXCEEDS_PAYMENT input.amount.amount'],
  ])('%s', (_what, amount, refunded, asked, expected) => {
    const decided = decideRefund({ currency: USD, amount, refunded }, asked === undefined ? undefined : usd(asked));
    expect(decided.ok ? decided.refund : told(decided)).toBe(expected);
  });

  it.each<[string, bigint, bigint, bigint | undefined, bigint | string]>([
    // given back by anybody, of that by cashiers, asked for by a cashier: what goes back
    ['up to it', 0n, 0n, 50n, 50n], ['above it', 0n, 0n, 51n, 'LIMIT_EXCEEDED input.amount.amount'],
    ['what cashiers have left of it', 30n, 30n, 20n, 20n], ['above what cashiers have left of it', 30n, 30n, 21n, 'LIMIT_EXCEEDED input.amount.amount'],
    ['all of it, after a manager gave back more than that', 50n, 0n, 50n, 50n], ['what cashiers have left, after a manager, too', 60n, 30n, 20n, 20n],
    ['above what cashiers have left, after a manager, too', 60n, 30n, 21n, 'LIMIT_EXCEEDED input.amount.amount'],
    ['all, which is more', 0n, 0n, undefined, 'LIMIT_EXCEEDED input.transactionId'], ['the rest, which a manager left', 90n, 0n, undefined, 10n],
    ['the rest, which is above what cashiers have left', 80n, 45n, undefined, 'LIMIT_EXCEEDED input.transactionId'],
    ['anything, once it was lowered below what cashiers gave', 51n, 51n, 1n, 'LIMIT_EXCEEDED input.amount.amount'],
    ['more than was paid', 0n, 0n, 101n, 'REFUND_EXCEEDS_PAYMENT input.amount.amount'], ['more than a manager left', 60n, 0n, 41n, 'REFUND_EXCEEDS_PAYMENT input.amount.amount'],
  ])('with a cap of 50 on what cashiers give back of a payment of 100: %s', (_what, refunded, used, asked, expected) => {
    const bounds = { payment: { cap: 50n, used }, day: { cap: 1_000n, used: 0n } };
    const decided = decideRefund({ currency: USD, amount: 100n, refunded }, asked === undefined ? undefined : usd(asked), { cashier: bounds });
    expect(decided.ok ? decided.refund : told(decided)).toBe(expected);
  });

  it.each<[string, bigint, bigint | undefined, string]>([
    ['up to it', 60n, 40n, 'OK'], ['above it', 60n, 41n, 'LIMIT_EXCEEDED input.amount.amount CASHIER_REFUND_DAY'],
    ['all, which is more', 1n, undefined, 'LIMIT_EXCEEDED input.transactionId CASHIER_REFUND_DAY'], ['all, which is not', 0n, undefined, 'OK'],
    ['anything, once it was lowered below what was given', 101n, 1n, 'LIMIT_EXCEEDED input.amount.amount CASHIER_REFUND_DAY'],
    ['more than was paid', 100n, 101n, 'REFUND_EXCEEDS_PAYMENT input.amount.amount undefined'],
  ])('with a cap of 100 on a day: %s', (_what, used, asked, expected) => {
    const decided = decideRefund({ currency: USD, amount: 100n, refunded: 0n }, asked === undefined ? undefined : usd(asked), { cashier: { payment: { cap: 100n, used: 0n }, day: { cap: 100n, used } } });
    expect(decided.ok ? 'OK' : `${told(decided)} ${decided.refusals[0]?.reason}`).toBe(expected);
  });

  it.each<[string, bigint, bigint | undefined, string]>([
    ['what there is and what it may owe', 60n, undefined, 'OK'], ['one more', 59n, undefined, 'LIMIT_EXCEEDED input.transactionId MERCHANT_OWING'],
    ['what it may owe, of nothing', 0n, 40n, 'OK'], ['one more of nothing', 0n, 41n, 'LIMIT_EXCEEDED input.amount.amount MERCHANT_OWING'],
    ['what is left of what it may owe', -30n, 10n, 'OK'], ['one more than is left of that', -30n, 11n, 'LIMIT_EXCEEDED input.amount.amount MERCHANT_OWING'],
    ['anything, once it was lowered below what is owed', -41n, 1n, 'LIMIT_EXCEEDED input.amount.amount MERCHANT_OWING'],
    ['more than was paid', 0n, 101n, 'REFUND_EXCEEDS_PAYMENT input.amount.amount undefined'],
  ])('of a merchant that may owe 40: %s', (_what, funds, asked, expected) => {
    const decided = decideRefund({ currency: USD, amount: 100n, refunded: 0n }, asked === undefined ? undefined : usd(asked), { merchant: { funds, credit: 40n } });
    expect(decided.ok ? 'OK' : `${told(decided)} ${decided.refusals[0]?.reason}`).toBe(expected);
  });

  it('refuses another currency', () => {
    const decided = decideRefund({ currency: USD, amount: 100n, refunded: 0n }, { minor: 1n, currency: currencyCode('EUR') });
    expect(told(decided)).toBe('CURRENCY_MISMATCH input.amount.currency');
  });

  it('A9: never gives back more than was paid, in any split', () => {
    fc.assert(fc.property(fc.bigInt({ min: 1n, max: 1_000n }), fc.array(fc.bigInt({ min: 1n, max: 400n })), (amount, asks) => {
      let refunded = 0n;
      for (const ask of asks) {
        const decided = decideRefund({ currency: USD, amount, refunded }, usd(ask));
        if (decided.ok) refunded += decided.refund;
      }
      expect(refunded <= amount).toBe(true);
      const rest = decideRefund({ currency: USD, amount, refunded }, undefined);
      expect(refunded + (rest.ok ? rest.refund : 0n)).toBe(amount);
    }));
  });
});

it.each([
  ['a cashier', 'till', false, true], ['another of the people', 'seller', false, false], ['an operator who is a cashier', 'till', true, true],
])('the refunds of %s are limited: %s', (_who, personId, operator, expected) => {
  const viewer: Viewer = { personId, operator };
  expect(isLimited({ cashiers: ['till'] }, viewer)).toBe(expected);
});

it.each<[string, readonly string[] | null, string, ReturnType<typeof roleOf>]>([
  // who, the owners that are known, of people seller, deputy and till, of whom till is a cashier
  ['its owner', ['seller'], 'seller', 'OWNER'], ['a manager', ['seller'], 'deputy', 'MANAGER'], ['a cashier', ['seller'], 'till', 'CASHIER'],
  ['who is called an owner and a cashier', ['till'], 'till', 'CASHIER'], ['somebody, where owners were never told apart', null, 'deputy', 'OWNER'],
  ['a cashier, where owners were never told apart', null, 'till', 'CASHIER'], ['somebody else', ['seller'], 'payer', undefined],
  ['who has left but stands among the owners', ['gone'], 'gone', undefined],
])('%s acts as what they are', (_who, owners, personId, expected) => {
  expect(roleOf({ merchantPeople: ['seller', 'deputy', 'till'], cashiers: ['till'], owners }, personId)).toBe(expected);
});

describe('mayRefund', () => {
  const payment: RefundParties = { kind: 'PAYMENT', personId: 'payer', counterpartyId: null, merchantPeople: ['seller'], cashiers: [], owners: null };
  const transfer: RefundParties = { kind: 'TRANSFER', personId: 'payer', counterpartyId: 'friend', merchantPeople: [], cashiers: [], owners: null };

  it.each<[string, RefundParties | undefined, string, boolean, string]>([
    ['the merchant', payment, 'seller', false, 'OK'], ['an operator', payment, 'op', true, 'OK'],
    ['an operator who paid', payment, 'payer', true, 'NOT_ALLOWED'], ['an operator who paid and is the merchant', { ...payment, merchantPeople: ['payer'] }, 'payer', true, 'OK'],
    ['the payer', payment, 'payer', false, 'NOT_ALLOWED'], ['the payer who is the merchant', { ...payment, merchantPeople: ['payer'] }, 'payer', false, 'OK'],
    ['a stranger', payment, 'x', false, 'NOT_FOUND'], ['anybody, of nothing', undefined, 'op', true, 'NOT_FOUND'],
    ['an operator, a transfer', transfer, 'op', true, 'NOT_ALLOWED'], ['the sender, a transfer', transfer, 'payer', false, 'NOT_ALLOWED'],
    ['the recipient, a transfer', transfer, 'friend', false, 'NOT_ALLOWED'], ['a stranger, a transfer', transfer, 'x', false, 'NOT_FOUND'],
  ])('%s', (_who, parties, personId, operator, expected) => {
    const allowed = mayRefund(parties, { personId, operator });
    expect(told(allowed)).toBe(expected === 'OK' ? 'OK' : `${expected} input.transactionId`);
  });
});
