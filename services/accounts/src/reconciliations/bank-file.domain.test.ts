import { currencyCode } from '@tael/money';
import type { Outcome } from '../outcomes/outcome.domain';
import { checkDays, checkFile, checkPeriod, fileRefused, isName, movedBy, readBankFile, signed } from './bank-file.domain';

const USD = currencyCode('USD');
const told = (outcome: Outcome<object>): string =>
  outcome.ok ? 'OK' : outcome.refusals.map(({ code, reason, field }) => (code === 'INVALID_INPUT' && field?.[0] === 'input' ? `${field.slice(1).join('.')} ${reason}` : code)).join();
const rows = (...lines: string[]) => lines.map((line, index) => ({ line: index + 1, cells: line.split(',') }));
const HEADER = 'booking_id,reference,kind,amount,booked_on';

describe('readBankFile', () => {
  it('reads the columns in any order, and passes over others', () => {
    expect(readBankFile(rows('Booked_on,name,amount,kind,reference,booking_id', '2026-11-10,Ada,-60.00,booked,order-1,b-1'), USD)).toEqual({
      lines: [{ bookingId: 'b-1', reference: 'order-1', kind: 'BOOKED', amount: -6_000n, bookedOn: '2026-11-10', line: 2 }],
      header: ['booked_on', 'name', 'amount', 'kind', 'reference', 'booking_id'],
    });
    expect(readBankFile(rows(HEADER), USD)).toEqual({ lines: [], header: HEADER.split(',') });
    const blanks = [{ line: 1, cells: HEADER.split(',').map((name) => ` ${name} `) }, { line: 2, cells: [' b ', ' o ', ' returned ', ' 1.00 ', ' 2026-11-10 '] }];
    expect(readBankFile(blanks, USD)).toMatchObject({ lines: [{ bookingId: 'b', reference: 'o', kind: 'RETURNED', amount: 100n, bookedOn: '2026-11-10' }], header: HEADER.split(',') });
  });

  it('reads the next part of a file by the header of its first', () => {
    const next = [{ line: 41, cells: ['b', 'o', 'RETURNED', '+1.00', '2026-11-10'] }];
    expect(readBankFile(next, USD, HEADER.split(','))).toMatchObject({ lines: [{ bookingId: 'b', kind: 'RETURNED', amount: 100n, line: 41 }] });
    expect(readBankFile([{ line: 41, cells: ['b', 'o', 'PAID'] }], USD, HEADER.split(','))).toEqual({ problem: { line: 41, column: 'kind' } });
  });

  it.each([
    [[], 1, 'header'], [['reference,kind,amount,booked_on'], 1, 'header'], [[`${HEADER},kind`], 1, 'header'],
    [[HEADER, ',o,BOOKED,1.00,2026-11-10'], 2, 'booking_id'], [[HEADER, 'b,two words,BOOKED,1.00,2026-11-10'], 2, 'reference'],
    [[HEADER, 'b,o,PAID,1.00,2026-11-10'], 2, 'kind'], [[HEADER, 'b,o,BOOKED,0.00,2026-11-10'], 2, 'amount'],
    [[HEADER, 'b,o,BOOKED,1.001,2026-11-10'], 2, 'amount'], [[HEADER, 'b,o,BOOKED,1.00,2026-02-30'], 2, 'booked_on'],
    [[HEADER, 'b,o,BOOKED'], 2, 'amount'], [[HEADER, 'b,o,BOOKED,1.00,2026-11-10', 'b,p,BOOKED,1.00,2026-11-10'], 3, 'booking_id'],
  ])('%j is wrong in line %s, %s', (lines, line, column) => {
    expect(readBankFile(rows(...lines), USD)).toEqual({ problem: { line, column } });
  });
});

describe('checkFile', () => {
  const period = { currency: USD, from: '2026-11-01', to: '2026-11-10', opening: 10_000n, closing: 4_000n };
  const line = { bookingId: 'b', reference: 'o', kind: 'BOOKED' as const, amount: -6_000n, bookedOn: '2026-11-10', line: 7 };
  it.each([
    [{}, 'OK'], [{ from: '2026-11-31' }, 'from DATE'], [{ to: 'x' }, 'to DATE'], [{ to: '2026-10-31' }, 'to ENDS_BEFORE_START'], [{ to: '2026-11-29' }, 'to BANK_PERIOD'],
    [{ from: '2026-10-11' }, 'OK'], [{ from: '2026-10-10' }, 'to BANK_PERIOD'], [{ to: '2026-11-09' }, 'csv.7.booked_on BANK_PERIOD'],
    [{ closing: 4_001n }, 'closingBalance BANK_BALANCES'], [{ opening: 9_999n }, 'closingBalance BANK_BALANCES'],
  ])('with %j is %s', (change, expected) => {
    expect(told(checkFile({ ...period, ...change }, [line], '2026-11-28'))).toBe(expected);
  });
  it('may be of one day, and of today', () => {
    expect(told(checkPeriod({ from: '2026-11-28', to: '2026-11-28' }, '2026-11-28'))).toBe('OK');
  });
  it('moves what its bookings come to', () => {
    expect([movedBy([]), movedBy([line, { ...line, amount: 250n }])]).toEqual([0n, -5_750n]);
  });

  it.each([['2026-11-09', '2026-11-09'], ['2026-11-11', '2026-11-12']])('names the first booking that is not of %s to %s', (from, to) => {
    const refused = { ok: false, refusals: [{ code: 'INVALID_INPUT', field: ['input', 'text', '7', 'booked_on'], reason: 'BANK_PERIOD' }] };
    expect(checkDays({ from, to }, [line, { ...line, line: 8 }], 'text')).toEqual(refused);
    expect(checkDays({ from: '2026-11-10', to: '2026-11-10' }, [line], 'text')).toEqual({ ok: true });
  });
  it('names a wrong row', () => {
    expect(fileRefused({ line: 3, column: 'kind' })).toEqual({ ok: false, refusals: [{ code: 'INVALID_INPUT', field: ['input', 'csv', '3', 'kind'], reason: 'BANK_FILE' }] });
  });
});

it.each([['1.00', 100n], ['0.00', 0n], ['-0.00', 0n], ['1-2', undefined], ['1+2', undefined], ['+-1', undefined], ['-+1', undefined], ['-1.00', -100n], ['+1.00', 100n], ['--1.00', undefined], ['-', undefined], ['1e2', undefined], ['', undefined]])('signed %j is %s', (text, minor) => {
  expect(signed(text, USD)).toBe(minor);
});
it.each<[string, boolean]>([
  ['a', true], ['9', true], ['Order-1_a:b./c', true], ['x'.repeat(64), true], ['x'.repeat(65), false], ['', false], ['-a', false], ['a b', false], ['a,', false], ['é', false], [' a', false],
])('isName %j: %s', (text, expected) => expect(isName(text)).toBe(expected));
