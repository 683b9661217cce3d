import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import type { Outcome } from '../outcomes/outcome.domain';
import {
  answering, decideStep, DISPUTE_STATUSES, DISPUTE_STEPS, type DisputedPayment, disputedAmount, type DisputeState, isDue, mayDispute, respondBy, stepFrom,
  textRefusals, wonAmount,
} from './dispute.domain';

const USD = currencyCode('USD');
const DAY_MS = 86_400_000;
const told = (outcome: Outcome<object>): string =>
  outcome.ok ? 'OK' : outcome.refusals.map(({ code, reason, field }) => [code, reason, field?.[0] === 'input' ? field.slice(1).join('.') : field].filter(Boolean).join(' ')).join();

it('the whole table: from each state each step', () => {
  // WITHDRAW ACCEPT CONTEST DECIDE EXPIRE
  expect(Object.fromEntries(DISPUTE_STATUSES.map((status) => [status, DISPUTE_STEPS.map((step) => stepFrom(status, step) ?? '-').join(' ')]))).toEqual({
    OPEN: 'WITHDRAWN ACCEPTED CONTESTED - DECIDED',
    CONTESTED: 'WITHDRAWN ACCEPTED - DECIDED -',
    ACCEPTED: '- - - - -',
    DECIDED: '- - - - -',
    WITHDRAWN: '- - - - -',
  });
});

describe('who disputes what', () => {
  const payment: DisputedPayment = {
    kind: 'PAYMENT', currency: USD, recordedAt: new Date(0), personId: 'payer', counterpartyId: null, merchantPeople: ['seller', 'till'], cashiers: ['till'],
  };
  it.each<[string, DisputedPayment | undefined, string, boolean, number, string]>([
    ['the payer', payment, 'payer', false, 0, 'OK'],
    ['the payer, on the last day', payment, 'payer', false, 120 * DAY_MS, 'OK'],
    ['the payer, a moment later', payment, 'payer', false, 120 * DAY_MS + 1, 'NOT_ALLOWED DISPUTE_TOO_LATE transactionId'],
    ['the merchant', payment, 'seller', false, 0, 'NOT_ALLOWED transactionId'],
    ['an operator', payment, 'op', true, 0, 'NOT_ALLOWED transactionId'],
    ['a stranger', payment, 'x', false, 0, 'NOT_FOUND transactionId'],
    ['a cashier of the merchant', payment, 'till', false, 0, 'NOT_ALLOWED transactionId'],
    ['anybody, of nothing', undefined, 'op', true, 0, 'NOT_FOUND transactionId'],
    ['the sender, a transfer', { ...payment, kind: 'TRANSFER', merchantPeople: [], counterpartyId: 'friend' }, 'payer', false, 0, 'NOT_ALLOWED transactionId'],
    ['the recipient, a transfer', { ...payment, kind: 'TRANSFER', merchantPeople: [], counterpartyId: 'friend' }, 'friend', false, 0, 'NOT_ALLOWED transactionId'],
    ['the payer, a refund', { ...payment, kind: 'REFUND' }, 'payer', false, 0, 'NOT_ALLOWED transactionId'],
  ])('%s', (_who, of, personId, operator, later, expected) => {
    expect(told(mayDispute(of, { personId, operator }, new Date(later)))).toBe(expected);
  });
  it('owners and managers answer, cashiers do not', () => expect(answering(payment)).toEqual(['seller']));
});

it.each<[string, bigint, bigint | undefined, string]>([
  ['all of it', 0n, undefined, '100'], ['what is left', 30n, undefined, '70'], ['a part', 30n, 50n, '50'], ['exactly the rest', 30n, 70n, '70'],
  ['one too many', 30n, 71n, 'REFUND_EXCEEDS_PAYMENT amount.amount'], ['nothing left', 100n, undefined, 'REFUND_EXCEEDS_PAYMENT transactionId'],
  ['one of nothing', 100n, 1n, 'REFUND_EXCEEDS_PAYMENT transactionId'],
])('of 100 is disputed %s', (_what, refunded, minor, expected) => {
  const decided = disputedAmount({ currency: USD, amount: 100n, refunded }, minor === undefined ? undefined : { minor, currency: USD });
  expect(decided.ok ? String(decided.amount) : told(decided)).toBe(expected);
});
it('refuses another currency', () => {
  expect(told(disputedAmount({ currency: USD, amount: 1n, refunded: 0n }, { minor: 1n, currency: currencyCode('EUR') }))).toBe('CURRENCY_MISMATCH amount.currency');
});

it.each<[string, bigint, bigint, bigint, bigint]>([
  // of 100: disputed, given back before, given back in all -> won
  ['nothing was given back', 50n, 0n, 0n, 50n], ['all that is disputed was', 50n, 0n, 50n, 0n], ['more than that was', 50n, 0n, 80n, 0n],
  ['a part of it was', 50n, 0n, 20n, 30n], ['as much was, but before', 50n, 50n, 50n, 50n], ['some was before, some since', 50n, 20n, 35n, 35n],
  ['all was', 100n, 0n, 100n, 0n],
])('what is won where %s', (_what, disputed, refundedBefore, refunded, expected) => {
  expect(wonAmount({ amount: disputed, refundedBefore }, { amount: 100n, refunded })).toBe(expected);
});

it('who disputes gets what is disputed exactly, by refunds since and by what is won: never twice, and never more than was paid', () => {
  const share = fc.bigInt({ min: 0n, max: 1_000n });
  fc.assert(fc.property(fc.bigInt({ min: 1n, max: 1_000n }), share, share, share, (amount, a, b, c) => {
    const refundedBefore = a % amount;
    const disputed = 1n + (b % (amount - refundedBefore));
    const since = c % (amount - refundedBefore + 1n);
    const won = wonAmount({ amount: disputed, refundedBefore }, { amount, refunded: refundedBefore + since });
    expect(won >= 0n && refundedBefore + since + won <= amount).toBe(true);
    expect(since + won).toBe(since > disputed ? since : disputed);
  }));
});

const deadline = respondBy(new Date(0));
const state = (change: Partial<DisputeState> = {}): DisputeState => ({
  status: 'OPEN', respondBy: deadline, personId: 'payer', merchantPeople: ['seller', 'till'], cashiers: ['till'], ...change,
});
const [early, late] = [new Date(deadline.getTime() - 1), deadline];

it.each<[string, DisputeState | undefined, Parameters<typeof decideStep>[1], string, boolean, Date, string]>([
  ['the payer withdraws', state(), 'WITHDRAW', 'payer', false, early, 'WITHDRAWN'],
  ['the payer withdraws what is overdue', state(), 'WITHDRAW', 'payer', false, late, 'WITHDRAWN'],
  ['the payer withdraws again', state({ status: 'WITHDRAWN' }), 'WITHDRAW', 'payer', false, early, 'WITHDRAWN again'],
  ['the payer withdraws what is decided', state({ status: 'DECIDED' }), 'WITHDRAW', 'payer', false, early, 'NOT_ALLOWED DISPUTE_STATUS disputeId'],
  ['the merchant withdraws', state(), 'WITHDRAW', 'seller', false, early, 'NOT_ALLOWED disputeId'],
  ['the merchant accepts', state(), 'ACCEPT', 'seller', false, early, 'ACCEPTED'],
  ['the merchant accepts at the deadline', state(), 'ACCEPT', 'seller', false, late, 'NOT_ALLOWED DISPUTE_OVERDUE disputeId'],
  ['the merchant accepts what it contested', state({ status: 'CONTESTED' }), 'ACCEPT', 'seller', false, late, 'ACCEPTED'],
  ['a cashier accepts', state(), 'ACCEPT', 'till', false, early, 'NOT_ALLOWED disputeId'],
  ['the payer accepts', state(), 'ACCEPT', 'payer', false, early, 'NOT_ALLOWED disputeId'],
  ['an operator accepts', state(), 'ACCEPT', 'op', true, early, 'NOT_ALLOWED disputeId'],
  ['the merchant contests', state(), 'CONTEST', 'seller', false, early, 'CONTESTED'],
  ['the merchant contests at the deadline', state(), 'CONTEST', 'seller', false, late, 'NOT_ALLOWED DISPUTE_OVERDUE disputeId'],
  ['the merchant contests what it accepted', state({ status: 'ACCEPTED' }), 'CONTEST', 'seller', false, early, 'NOT_ALLOWED DISPUTE_STATUS disputeId'],
  ['an operator decides', state({ status: 'CONTESTED' }), 'DECIDE', 'op', true, late, 'DECIDED'],
  ['an operator decides before the answer', state(), 'DECIDE', 'op', true, early, 'NOT_ALLOWED DISPUTE_STATUS disputeId'],
  ['an operator decides again', state({ status: 'DECIDED' }), 'DECIDE', 'op', true, late, 'DECIDED again'],
  ['an operator who paid', state({ status: 'CONTESTED' }), 'DECIDE', 'payer', true, late, 'NOT_ALLOWED OWN_DISPUTE disputeId'],
  ['an operator who sells', state({ status: 'CONTESTED' }), 'DECIDE', 'till', true, late, 'NOT_ALLOWED OWN_DISPUTE disputeId'],
  ['the merchant decides', state({ status: 'CONTESTED' }), 'DECIDE', 'seller', false, late, 'NOT_ALLOWED disputeId'],
  ['an operator decides what was withdrawn', state({ status: 'WITHDRAWN' }), 'DECIDE', 'op', true, late, 'NOT_ALLOWED DISPUTE_STATUS disputeId'],
  ['the merchant contests again', state({ status: 'CONTESTED' }), 'CONTEST', 'seller', false, late, 'CONTESTED again'],
  ['the merchant accepts again', state({ status: 'ACCEPTED' }), 'ACCEPT', 'seller', false, late, 'ACCEPTED again'],
  ['a cashier contests', state(), 'CONTEST', 'till', false, early, 'NOT_ALLOWED disputeId'],
  ['an operator withdraws', state(), 'WITHDRAW', 'op', true, early, 'NOT_ALLOWED disputeId'],
  ['the payer decides', state({ status: 'CONTESTED' }), 'DECIDE', 'payer', false, late, 'NOT_ALLOWED disputeId'],
  ['a stranger', state(), 'WITHDRAW', 'x', false, early, 'NOT_FOUND disputeId'],
  ['a stranger whose answer it is not', state(), 'CONTEST', 'x', false, early, 'NOT_FOUND disputeId'],
  ['anybody, of nothing', undefined, 'DECIDE', 'op', true, early, 'NOT_FOUND disputeId'],
])('%s', (_who, dispute, step, personId, operator, now, expected) => {
  const decided = decideStep(dispute, step, { personId, operator }, now);
  expect(decided.ok ? `${decided.next}${decided.repeated ? ' again' : ''}` : told(decided)).toBe(expected);
});

it('at each instant an open dispute can be answered or is due, and never both', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 14 * DAY_MS }), (milliseconds) => {
    const now = new Date(milliseconds);
    const canAnswer = decideStep(state(), 'CONTEST', { personId: 'seller', operator: false }, now).ok;
    expect(canAnswer).toBe(!isDue(state(), now));
  }));
});

it('has seven days for the answer, and is due from their end on, as long as nobody has answered', () => {
  expect(deadline).toEqual(new Date(7 * DAY_MS));
  expect(DISPUTE_STATUSES.filter((status) => isDue(state({ status }), late))).toEqual(['OPEN']);
  expect(DISPUTE_STATUSES.filter((status) => isDue(state({ status }), early))).toEqual([]);
});

it.each([
  ['It never came.', undefined], ['7', undefined], ['two\nlines\tand a tab', undefined], ['x'.repeat(2_000), undefined], ['x'.repeat(2_001), 'TOO_LONG'], ['', 'EMPTY'], [' ! ', 'EMPTY'],
  ['a\0', 'CHARACTERS'], ['a\r', 'CHARACTERS'], ['a\x7f', 'CHARACTERS'], ['a\ud800', 'CHARACTERS'], ['a\u061cb', 'CHARACTERS'], ['a\u200eb', 'CHARACTERS'], ['a\u200fb', 'CHARACTERS'],
  ['a\u202ab', 'CHARACTERS'], ['a\u202eb', 'CHARACTERS'], ['a\u2066b', 'CHARACTERS'], ['a\u2069b', 'CHARACTERS'], ['👩\u200d🚀 a', undefined], ['a\u2070b', undefined],
  ['\u202e', 'CHARACTERS'], ['👍a'.repeat(1_000), undefined], ['👍a'.repeat(1_000) + '!', 'TOO_LONG'],
])('a text %j', (text, expected) => {
  const at = (field: string) => (expected ? [{ code: 'INVALID_INPUT', reason: expected, field: ['input', field] }] : []);
  expect(textRefusals(text, 'evidence')).toEqual(at('evidence'));
  expect(textRefusals(text, 'reason')).toEqual(at('reason'));
});
