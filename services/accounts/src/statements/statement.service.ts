import type { CurrencyCode } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { displayNames } from '../people/person.service';
import { type Month, monthOf, monthsBack } from './month.domain';
import { statementCamt } from './statement.camt.domain';
import { statementCsv } from './statement.csv.domain';
import { type StatementLine, type StatementSummary, tieOut } from './statement.domain';
import { LINES, SUMMARIES } from './statement.sql';

/** The wallet that a statement is of, as the caller found it to be the viewer's own. */
export interface StatementWallet {
  readonly id: string;
  readonly currency: CurrencyCode;
}

export type StatementFormat = 'CSV' | 'CAMT_053';

export interface StatementDocument {
  readonly fileName: string;
  readonly mediaType: string;
  readonly content: string;
}

interface LineRow extends Omit<StatementLine, 'counterparty' | 'description'> {
  readonly otherPersonId: string | null;
  readonly description: string | null;
}

interface SummaryRow extends Omit<StatementSummary, 'walletId' | 'currency' | 'month' | 'versions' | 'final'> {
  readonly after: bigint;
  readonly last: bigint;
}

/** By then every transaction that began in a month has committed: none is open so long. */
const FINAL_AFTER_MS = 60_000;
/** More lines than one answer of the graph may hold; their owner reads them page by page. */
export const DOCUMENT_LINES_MAX = 10_000;

/** Statements of wallets: nothing is stored for them, since the entries they are made of are append-only. */
export class StatementService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date }) {}

  /** Gives a page of a wallet's months, newest first, and one more if there is one. `after` is the name of a month. */
  async page(wallet: StatementWallet, page: { limit: number; after?: string | undefined }): Promise<StatementSummary[]> {
    const [row]: { openedAt: Date }[] = await this.parts.dataSource.query(
      '/* statements.opened */ SELECT "openedAt" FROM account WHERE id = $1', [wallet.id],
    );
    if (!row) return [];
    return this.summaries(wallet, monthsBack(row.openedAt, this.parts.now(), { limit: page.limit + 1, after: page.after }));
  }

  /** Gives the statement of one month; undefined for what is no month, or one in which the wallet was not there. */
  async ofMonth(wallet: StatementWallet, name: string): Promise<StatementSummary | undefined> {
    const month = monthOf(name);
    if (!month) return undefined;
    // The month after the one that is asked for is where a page would begin: so the same rule says which there are.
    const [found] = await this.page(wallet, { limit: 0, after: nextOf(month) });
    return found?.month.name === month.name ? found : undefined;
  }

  /** Gives a page of lines after a version, and one more if there is one. */
  async lines({ walletId, versions }: StatementSummary, page: { limit: number; after?: bigint | undefined }): Promise<StatementLine[]> {
    const after = page.after !== undefined && page.after > versions.after ? page.after : versions.after;
    const { dataSource, sealer } = this.parts;
    const rows: LineRow[] = await dataSource.query(LINES, [walletId, after.toString(), versions.last.toString(), page.limit + 1]);
    const others = [...new Set(rows.flatMap(({ otherPersonId }) => otherPersonId ?? []))];
    const names = await displayNames(dataSource.manager, sealer, others);
    return rows.map(({ otherPersonId, description, ...row }) => ({
      ...row,
      counterparty: otherPersonId === null ? undefined : names.get(otherPersonId),
      description: description === null ? undefined : sealer.open(description, row.transactionId),
    }));
  }

  /** Writes a statement as a file; undefined where it has more than {@link DOCUMENT_LINES_MAX} lines. */
  async document(summary: StatementSummary, format: StatementFormat): Promise<StatementDocument | undefined> {
    if (summary.creditCount + summary.debitCount > DOCUMENT_LINES_MAX) return undefined;
    const lines = await this.lines(summary, { limit: DOCUMENT_LINES_MAX });
    const problems = tieOut(summary, lines);
    // A statement that does not tie out is never shown: it is a fault of ours, whoever asks.
    if (problems.length > 0) throw new Error(`the statement ${summary.month.name} of wallet ${summary.walletId} does not tie out: ${problems[0]}`);
    const name = `statement-${summary.month.name}-${summary.currency}`;
    return format === 'CSV'
      ? { fileName: `${name}.csv`, mediaType: 'text/csv; charset=utf-8', content: statementCsv(summary, lines) }
      : { fileName: `${name}.camt.053.xml`, mediaType: 'application/xml', content: statementCamt(summary, lines, this.parts.now()) };
  }

  private async summaries(wallet: StatementWallet, months: readonly Month[]): Promise<StatementSummary[]> {
    if (months.length === 0) return [];
    const rows: SummaryRow[] = await this.parts.dataSource.query(SUMMARIES, [
      wallet.id, months.map(({ name }) => name), months.map(({ from }) => from), months.map(({ to }) => to),
    ]);
    const now = this.parts.now().getTime();
    return rows.map(({ after, last, opening, closing, credits, debits, creditCount, debitCount }, index) => ({
      walletId: wallet.id, currency: wallet.currency, month: months[index]!, opening, closing, credits, debits, creditCount, debitCount,
      versions: { after, last }, final: months[index]!.to.getTime() + FINAL_AFTER_MS <= now,
    }));
  }
}

const nextOf = ({ to }: Month): string => to.toISOString().slice(0, 7);
