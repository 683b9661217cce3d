import { currencyCode } from '@tael/money';
import { mayResolve, mayWorkOn, mayWriteOff, sizeOf, writeOffLeg } from './break.domain';

const USD = currencyCode('USD');
const outcome = (done: { ok: boolean; refusals?: readonly { code: string; reason?: string }[] }): string =>
  (done.ok ? 'OK' : done.refusals![0]!.reason ?? done.refusals![0]!.code);

it.each([['OPEN', 'OK'], ['INVESTIGATING', 'OK'], ['RESOLVED', 'BREAK_CLOSED'], ['WRITTEN_OFF', 'BREAK_CLOSED']] as const)('mayWorkOn %s: %s', (status, expected) => {
  expect(outcome(mayWorkOn({ status }))).toBe(expected);
});
it('mayWorkOn nothing', () => expect(outcome(mayWorkOn(undefined))).toBe('NOT_FOUND'));

it.each([
  ['OPEN', 5n, true, true, 'OK'], ['OPEN', 5n, true, false, 'NOT_FOUND'], ['OPEN', 5n, false, false, 'EXPLANATION_NEEDED'],
  ['INVESTIGATING', 0n, false, false, 'OK'], ['INVESTIGATING', 0n, true, false, 'NOT_FOUND'], ['RESOLVED', 0n, true, true, 'BREAK_CLOSED'],
] as const)('mayResolve %s of %s, explanation given %s, known %s: %s', (status, difference, given, known, expected) => {
  expect(outcome(mayResolve({ status, difference }, { given, known }))).toBe(expected);
});

it.each([
  ['OPEN', 5n, 5n, 'USD', 'OK'], ['INVESTIGATING', -5n, -5n, 'USD', 'OK'], ['OPEN', 5n, 4n, 'USD', 'BREAK_CHANGED'], ['OPEN', 5n, 5n, 'EUR', 'BREAK_CHANGED'],
  ['OPEN', 5n, -5n, 'USD', 'BREAK_CHANGED'],
  ['OPEN', 0n, 0n, 'USD', 'NOTHING_TO_WRITE_OFF'], ['WRITTEN_OFF', 5n, 5n, 'USD', 'BREAK_CLOSED'], ['RESOLVED', 5n, 5n, 'USD', 'BREAK_CLOSED'],
] as const)('mayWriteOff %s of %s by %s %s: %s', (status, difference, asked, currency, expected) => {
  expect(outcome(mayWriteOff({ status, difference, currency: USD }, { difference: asked, amount: sizeOf(asked), currency: currencyCode(currency) }, false))).toBe(expected);
});
it('mayWriteOff nothing', () => expect(outcome(mayWriteOff(undefined, { difference: 1n, amount: 1n, currency: USD }, false))).toBe('NOT_FOUND'));
it('mayWriteOff no other amount than that of the difference', () => {
  expect(outcome(mayWriteOff({ status: 'OPEN', difference: 5n, currency: USD }, { difference: 5n, amount: 4n, currency: USD }, false))).toBe('BREAK_CHANGED');
});
it('mayWriteOff nothing of an order that is under way: its end would be booked besides', () => {
  expect(outcome(mayWriteOff({ status: 'OPEN', difference: 5n, currency: USD }, { difference: 5n, amount: 5n, currency: USD }, true))).toBe('ORDER_UNDER_WAY');
});

it('books towards the bank', () => {
  expect(writeOffLeg(1n)).toEqual({ debit: 'BANK_SETTLEMENT', credit: 'WRITE_OFFS' });
  expect(writeOffLeg(-1n)).toEqual({ debit: 'WRITE_OFFS', credit: 'BANK_SETTLEMENT' });
  expect([sizeOf(-7n), sizeOf(7n)]).toEqual([7n, 7n]);
});

const CLOSED = { status: 'RESOLVED', difference: 5n, currency: USD } as const;
const ALIVE = { ...CLOSED, status: 'OPEN' } as const;
const asked = { difference: 5n, amount: 5n, currency: USD };
it.each([
  [() => mayWorkOn(undefined), 'NOT_FOUND', 'breakId', undefined], [() => mayWorkOn(CLOSED), 'NOT_ALLOWED', 'breakId', 'BREAK_CLOSED'],
  [() => mayResolve(ALIVE, { given: true, known: false }), 'NOT_FOUND', 'explainedBy', undefined],
  [() => mayResolve(ALIVE, { given: false, known: false }), 'NOT_ALLOWED', 'explainedBy', 'EXPLANATION_NEEDED'],
  [() => mayWriteOff({ ...ALIVE, difference: 0n }, asked, false), 'NOT_ALLOWED', 'breakId', 'NOTHING_TO_WRITE_OFF'],
  [() => mayWriteOff(ALIVE, asked, true), 'NOT_ALLOWED', 'breakId', 'ORDER_UNDER_WAY'],
  [() => mayWriteOff(ALIVE, { ...asked, amount: 4n }, false), 'NOT_ALLOWED', 'breakId', 'BREAK_CHANGED'],
])('refusal %#', (decide, code, field, reason) => {
  expect(decide()).toEqual({ ok: false, refusals: [{ code, field: ['input', field], ...(reason ? { reason } : {}) }] });
});
