import type { CurrencyCode } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { displayNames } from '../people/person.service';
import { type Month, monthOf, monthsBack } from './month.domain';
import { DOCUMENT_LINES_MAX, fitsFile, type StatementDocument, statementDocument, type StatementFormat } from './statement.document.domain';
import type { StatementLine, StatementSummary } from './statement.domain';
import { LINES, SUMMARIES } from './statement.sql';

/** The wallet that a statement is of, as the caller found it to be the viewer's own. */
export interface StatementWallet {
  readonly id: string;
  readonly currency: CurrencyCode;
}

interface LineRow extends Omit<StatementLine, 'counterparty' | 'description'> {
  readonly otherPersonId: string | null;
  /** The transaction that the description is sealed for. */
  readonly sealedFor: string;
  readonly description: string | null;
}

interface SummaryRow extends Omit<StatementSummary, 'walletId' | 'currency' | 'month' | 'versions' | 'final'> {
  readonly after: bigint;
  readonly last: bigint;
}

/** By then every transaction that began in a month has committed: none is open so long. */
const FINAL_AFTER_MS = 60_000;
/** So many descriptions are opened before others have their turn: some milliseconds. */
const OPENED_AT_ONCE = 500;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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
    const lines: StatementLine[] = [];
    for (const { otherPersonId, description, sealedFor, ...row } of rows) {
      lines.push({
        ...row,
        counterparty: otherPersonId === null ? undefined : names.get(otherPersonId),
        description: description === null ? undefined : sealer.open(description, sealedFor),
      });
      // A file has up to ten thousand: payments go on in between.
      if (lines.length % OPENED_AT_ONCE === 0) await turn();
    }
    return lines;
  }

  /** Writes a statement as a file; undefined where it has more than {@link DOCUMENT_LINES_MAX} lines. */
  async document(summary: StatementSummary, format: StatementFormat): Promise<StatementDocument | undefined> {
    if (!fitsFile(summary)) return undefined;
    const lines = await this.lines(summary, { limit: DOCUMENT_LINES_MAX });
    return statementDocument(summary, lines, { format, now: this.parts.now() });
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
