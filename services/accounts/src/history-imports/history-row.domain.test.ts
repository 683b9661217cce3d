import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { COLUMNS, isProblem, readHeader, readRow } from './history-row.domain';

/** Any character, and halves of one: fast-check's `binary` has no halves, and takes seconds to begin. */
const anySign = fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0xd800, max: 0xdfff })).map((code) => String.fromCodePoint(code));

const CZK = currencyCode('CZK');
const found = readHeader([...COLUMNS]);
if ('wrong' in found) throw new Error('the columns are no header');
const header = { at: found.at, columns: COLUMNS.length, currency: CZK, today: '1994-03-31' };
const good = ['1993-03-12', '428', 'credit', 'transfer in', 'pension', '6614.00', '6814.00', 'CD', '71194147', '127570'];
const changed = (column: (typeof COLUMNS)[number], text: string) => good.map((cell, index) => (COLUMNS[index] === column ? text : cell));

describe('a row of a history', () => {
  it('is read to the heller', () => {
    expect(readRow(good, 7, header)).toEqual({
      line: 7, account: '428', bookedOn: '1993-03-12', amount: 661_400n, balanceAfter: 681_400n,
      details: { operation: 'transfer in', purpose: 'pension', counterpartyBank: 'CD', counterpartyAccount: '71194147', bankReference: '127570' },
    });
    expect(readRow(changed('kind', 'debit'), 7, header)).toMatchObject({ amount: -661_400n });
    expect(readRow(changed('balance_after', '-0.01'), 7, header)).toMatchObject({ balanceAfter: -1n });
  });

  test.each([
    ['date', '', 'DATE'], ['date', '12.03.1993', 'DATE'], ['date', '1993-02-29', 'DATE'], ['date', '1993-13-01', 'DATE'], ['date', '1993-00-01', 'DATE'],
    ['date', '1899-12-31', 'DATE'], ['date', '1994-04-01', 'DATE_IN_FUTURE'], ['account', '', 'ACCOUNT'], ['account', '=1', 'ACCOUNT'],
    ['account', 'x'.repeat(41), 'ACCOUNT'], ['kind', '', 'KIND'], ['kind', 'CR', 'KIND'], ['amount', '', 'AMOUNT'], ['amount', '0.00', 'AMOUNT'],
    ['amount', '-1.00', 'AMOUNT'], ['amount', '1.001', 'AMOUNT'], ['amount', '1,00', 'AMOUNT'], ['amount', '1e3', 'AMOUNT'], ['balance_after', '', 'BALANCE'],
    ['balance_after', '1.001', 'BALANCE'], ['purpose', 'x'.repeat(141), 'TEXT'], ['operation', 'a\u0000', 'TEXT'], ['counterparty_bank', '\ud800', 'TEXT'],
    ['counterparty_account', 'a\u007f', 'TEXT'], ['bank_ref', '😀'.repeat(141), 'TEXT'], ['account', ' ', 'ACCOUNT'], ['account', '-1', 'ACCOUNT'], ['account', 'a_b', 'ACCOUNT'],
    ['account', '4 2é', 'ACCOUNT'], ['kind', 'credits', 'KIND'], ['balance_after', '1e3', 'BALANCE'],
  ] as const)('with the %s %j is refused: %s', (column, text, code) => {
    expect(readRow(changed(column, text), 9, header)).toEqual({ line: 9, code });
  });

  test.each([
    ['date', ' 1993-03-12 '], ['date', '1992-02-29'], ['date', '1994-03-31'], ['kind', 'Credit'], ['account', 'CZ65 0800 0000 1920 0014 5399'], ['bank_ref', ''],
    ['account', 'x'.repeat(40)], ['account', 'A'], ['account', '9-8/7.6 5'], ['kind', ' DEBIT '], ['amount', ' 0.01 '], ['balance_after', ' 0.00 '], ['purpose', '😀'.repeat(140)],
    ['date', '1900-01-01'],
  ] as const)('with the %s %j is taken', (column, text) => {
    expect(isProblem(readRow(changed(column, text), 1, header))).toBe(false);
  });

  it('names the first thing from the left that is wrong', () => {
    const wrong = good.map(() => 'x\0');
    const codes = (['date', 'account', 'kind', 'amount', 'balance_after', 'purpose'] as const).map((column) => {
      const read = readRow(wrong, 1, header);
      const at = header.at.get(column)!;
      wrong[at] = good[at]!;
      return isProblem(read) ? read.code : 'OK';
    });
    expect(codes).toEqual(['DATE', 'ACCOUNT', 'KIND', 'AMOUNT', 'BALANCE', 'TEXT']);
  });

  it('has nothing where its file has no such column', () => {
    const short = readHeader(['date', 'account', 'kind', 'amount', 'balance_after']);
    if ('wrong' in short) throw new Error('the columns are no header');
    expect(readRow(['1993-03-12', ' 428 ', 'debit', '1.00', '-1.00'], 2, { at: short.at, columns: 5, currency: CZK, today: '1994-03-31' })).toEqual({
      line: 2, account: '428', bookedOn: '1993-03-12', amount: -100n, balanceAfter: -100n,
      details: { operation: '', purpose: '', counterpartyBank: '', counterpartyAccount: '', bankReference: '' },
    });
  });

  it('with a cell too few or too many is refused', () => {
    expect(readRow(good.slice(1), 3, header)).toEqual({ line: 3, code: 'COLUMN_COUNT' });
    expect(readRow([...good, ''], 3, header)).toEqual({ line: 3, code: 'COLUMN_COUNT' });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: anySign }), { minLength: 10, maxLength: 10 }), (cells) => {
      expect(isProblem(readRow(cells, 1, header))).toBe(true);
    }));
  });
});

describe('a header', () => {
  test.each<[string[], readonly string[]]>([
    [['date', 'account', 'kind', 'amount'], ['balance_after']],
    [['1993-01-01', '704', 'credit', '1000.00', '1000.00'], ['date', 'account', 'kind', 'amount', 'balance_after']],
    [['date', 'date', 'account', 'kind', 'amount', 'balance_after'], ['date']],
    [[], ['date', 'account', 'kind', 'amount', 'balance_after']],
    [[...COLUMNS, 'a\0b', '\ud800'], ['a\0b', '\ud800']],
    [[...COLUMNS, 'purpose', 'bank_ref'], ['purpose', 'bank_ref']],
    [['Date', 'ACCOUNT', 'KIND', 'amount', 'amount', 'note', 'note'], ['balance_after', 'amount']],
  ])('%j lacks %j', (cells, wrong) => {
    expect(readHeader(cells)).toEqual({ wrong });
  });

  it('has its columns in any order, with others between', () => {
    const at = readHeader(['Balance_After', 'note', 'AMOUNT', ' kind\t', 'account', 'date']);
    expect(at).toEqual({ at: new Map([['date', 5], ['account', 4], ['kind', 3], ['amount', 2], ['balance_after', 0]]) });
  });
});
