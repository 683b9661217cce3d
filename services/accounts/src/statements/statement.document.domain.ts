import { statementCamt } from './statement.camt.domain';
import { statementCsv } from './statement.csv.domain';
import { type StatementLine, type StatementSummary, tieOut } from './statement.domain';

export type StatementFormat = 'CSV' | 'CAMT_053';

export interface StatementDocument {
  readonly fileName: string;
  readonly mediaType: string;
  readonly content: string;
}

/** More lines than one answer of the graph may hold; their owner reads them page by page. */
export const DOCUMENT_LINES_MAX = 10_000;

/** Says whether a statement is short enough for a file. */
export const fitsFile = ({ creditCount, debitCount }: StatementSummary): boolean => creditCount + debitCount <= DOCUMENT_LINES_MAX;

/** What a file is written of, and how. */
export interface Writing {
  readonly format: StatementFormat;
  readonly now: Date;
}

/**
 * Writes a statement with all its lines as a file.
 * @throws Error where it does not tie out
 */
export function statementDocument(summary: StatementSummary, lines: readonly StatementLine[], as: Writing): StatementDocument {
  const { walletId, month, currency } = summary;
  return writeDocument({ summary, lines }, { ...as, subject: `the statement ${month.name} of ${walletId}`, name: `statement-${month.name}-${currency}` });
}

/**
 * Writes a statement as a file of a name.
 * @throws Error where it does not tie out: such a statement is never shown, it is a fault of ours, whoever asks
 */
export function writeDocument(
  { summary, lines }: { readonly summary: StatementSummary; readonly lines: readonly StatementLine[] },
  { subject, name, format, now }: Writing & { readonly subject: string; readonly name: string },
): StatementDocument {
  const problems = tieOut(summary, lines);
  if (problems.length > 0) throw new Error(`${subject} does not tie out: ${problems[0]}`);
  return format === 'CSV'
    ? { fileName: `${name}.csv`, mediaType: 'text/csv; charset=utf-8', content: statementCsv(summary, lines) }
    : { fileName: `${name}.camt.053.xml`, mediaType: 'application/xml', content: statementCamt(summary, lines, now) };
}
