import { formatAmount } from '@tael/money';
import type { StatementLine, StatementSummary } from './statement.domain';

const COLUMNS = ['bookedAt', 'transactionId', 'kind', 'amount', 'currency', 'fee', 'balanceAfter', 'merchantId', 'counterparty', 'description'];

// A spreadsheet takes what begins with one of these for a formula; an apostrophe before it makes it text (OWASP, CSV injection).
const FORMULA = /^[=+\-@\t\r]/;

function textCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Writes a statement as CSV (RFC 4180): a header, a line an entry in the order of booking, lines end with CRLF. Amounts are signed decimals. */
export function statementCsv({ currency }: StatementSummary, lines: readonly StatementLine[]): string {
  const rows = lines.map((line) => [
    line.bookedAt.toISOString(), line.transactionId, line.kind, formatAmount(line.amount, currency), currency, formatAmount(line.fee, currency),
    formatAmount(line.balanceAfter, currency), line.merchantId ?? '', textCell(line.counterparty ?? ''), textCell(line.description ?? ''),
  ]);
  return [COLUMNS, ...rows].map((cells) => `${cells.join(',')}\r\n`).join('');
}
