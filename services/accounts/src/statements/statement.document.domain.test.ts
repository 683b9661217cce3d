import { currencyCode } from '@tael/money';
import { monthOf } from './month.domain';
import { statementCamt } from './statement.camt.domain';
import { statementCsv } from './statement.csv.domain';
import { DOCUMENT_LINES_MAX, fitsFile, statementDocument } from './statement.document.domain';
import type { StatementLine, StatementSummary } from './statement.domain';

const walletId = '01a22108-f8c4-75e9-815b-67a74adecaaf';
const now = new Date('2026-12-01T01:02:03.000Z');
const line: StatementLine = {
  version: 1n, transactionId: walletId, kind: 'TOP_UP', amount: 5n, fee: 0n, balanceAfter: 5n, bookedAt: now, merchantId: null, counterparty: undefined, description: undefined,
};
const summary: StatementSummary = {
  walletId, currency: currencyCode('USD'), month: monthOf('2026-11')!, opening: 0n, closing: 5n, credits: 5n, debits: 0n, creditCount: 1, debitCount: 0,
  versions: { after: 0n, last: 1n }, final: true,
};

it('is a file of either form, with the name of its month and currency', () => {
  expect(statementDocument(summary, [line], { format: 'CSV', now })).toEqual({
    fileName: 'statement-2026-11-USD.csv', mediaType: 'text/csv; charset=utf-8', content: statementCsv(summary, [line]),
  });
  expect(statementDocument(summary, [line], { format: 'CAMT_053', now })).toEqual({
    fileName: 'statement-2026-11-USD.camt.053.xml', mediaType: 'application/xml', content: statementCamt(summary, [line], now),
  });
});

it.each(['CSV', 'CAMT_053'] as const)('is none in %s where the statement does not tie out, and says of which and why', (format) => {
  expect(() => statementDocument({ ...summary, closing: 6n }, [line], { format, now }))
    .toThrow(`the statement 2026-11 of ${walletId} does not tie out: opening + credits - debits is not the closing balance`);
});

it.each([[DOCUMENT_LINES_MAX, 0, true], [0, DOCUMENT_LINES_MAX, true], [DOCUMENT_LINES_MAX, 1, false], [1, DOCUMENT_LINES_MAX, false]])(
  'of %s credits and %s debits fits a file: %s', (creditCount, debitCount, fits) => expect(fitsFile({ ...summary, creditCount, debitCount })).toBe(fits),
);
