import type { CurrencyCode } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { NUMBER_PURPOSE, plainNumber } from '../history-imports/account-number.domain';
import type { HistoryDetails } from '../history-imports/history-row.domain';
import { uuidOf } from '../ids.domain';
import { type Month, monthOf, monthsBack } from '../statements/month.domain';
import { statementCamt } from '../statements/statement.camt.domain';
import { statementCsv } from '../statements/statement.csv.domain';
import { type StatementLine, type StatementSummary, tieOut } from '../statements/statement.domain';
import type { StatementDocument, StatementFormat } from '../statements/statement.service';
import { ACCOUNTS, LINES, SUMMARIES } from './partner-account.sql';

export interface PartnerAccount {
  readonly id: string;
  readonly partnerId: string;
  readonly currency: CurrencyCode;
  readonly number: string;
  readonly balance: bigint;
  /** How far below zero it may go. */
  readonly overdraft: bigint;
  /** Days of its first and last booking: `1993-01-31`. */
  readonly firstBookedOn: string;
  readonly lastBookedOn: string;
}

export interface PartnerStatementLine extends StatementLine {
  readonly details: HistoryDetails;
}

type SummaryRow = Pick<StatementSummary, 'opening' | 'closing' | 'credits' | 'debits' | 'creditCount' | 'debitCount'> & { readonly after: bigint; readonly last: bigint };

export const DOCUMENT_LINES_MAX = 10_000;

/** A bank's accounts and their statements, by the days that the bank booked on. Every statement names the bank. */
export class PartnerAccountService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date }) {}

  /** Gives a page of the bank's open accounts in the order in which they came, and one more if there is one. */
  async page(partnerId: string, page: { limit: number; after?: string | undefined }): Promise<PartnerAccount[]> {
    return this.accounts(`AND ($2::uuid IS NULL OR p.id > $2) ORDER BY p.id LIMIT $3`, [partnerId, page.after ?? null, page.limit + 1]);
  }

  /** Gives an account of the bank by its number; undefined for another bank's, and for one that is not open. */
  async byNumber(partnerId: string, number: string, currency: string): Promise<PartnerAccount | undefined> {
    if (number.length > 64) return undefined;
    const names = this.parts.sealer.blindIndexes(plainNumber(number), NUMBER_PURPOSE);
    return (await this.accounts('AND p."numberIndex" = ANY ($2) AND p.currency = $3', [partnerId, names, currency]))[0];
  }

  /** Gives the statements of some months of an account, newest first, back from its last booking, and one more if there is one. */
  async statements(account: PartnerAccount, page: { limit: number; after?: string | undefined }): Promise<StatementSummary[]> {
    const [first, last] = [account.firstBookedOn, account.lastBookedOn].map((day) => new Date(`${day}T00:00:00Z`)) as [Date, Date];
    return this.summaries(account, monthsBack(first, last, { limit: page.limit + 1, after: page.after }));
  }

  async statement(account: PartnerAccount, name: string): Promise<StatementSummary | undefined> {
    const month = monthOf(name);
    const covered = month && name >= account.firstBookedOn.slice(0, 7) && name <= account.lastBookedOn.slice(0, 7);
    return covered ? (await this.summaries(account, [month]))[0] : undefined;
  }

  async lines({ walletId, versions }: StatementSummary, page: { limit: number; after?: bigint | undefined }): Promise<PartnerStatementLine[]> {
    const after = page.after !== undefined && page.after > versions.after ? page.after : versions.after;
    const rows: (Omit<StatementLine, 'counterparty' | 'description' | 'merchantId' | 'fee'> & { sealed: string })[] = await this.parts.dataSource.query(
      LINES, [walletId, after.toString(), versions.last.toString(), page.limit + 1],
    );
    return rows.map(({ sealed, ...row }) => {
      const details = JSON.parse(this.parts.sealer.open(sealed, walletId)) as HistoryDetails;
      const description = [details.operation, details.purpose, details.bankReference].filter(Boolean).join(' / ');
      const counterparty = [details.counterpartyBank, details.counterpartyAccount].filter(Boolean).join(' ');
      return { ...row, details, fee: 0n, merchantId: null, counterparty: counterparty || undefined, description: description || undefined };
    });
  }

  /** Writes a statement as a file; undefined where it has more than {@link DOCUMENT_LINES_MAX} lines. */
  async document(summary: StatementSummary, format: StatementFormat): Promise<StatementDocument | undefined> {
    if (summary.creditCount + summary.debitCount > DOCUMENT_LINES_MAX) return undefined;
    const lines = await this.lines(summary, { limit: DOCUMENT_LINES_MAX });
    const problems = tieOut(summary, lines);
    if (problems.length > 0) throw new Error(`the statement ${summary.month.name} of account ${summary.walletId} does not tie out: ${problems[0]}`);
    const name = `statement-${summary.month.name}-${summary.currency}`;
    return format === 'CSV'
      ? { fileName: `${name}.csv`, mediaType: 'text/csv; charset=utf-8', content: statementCsv(summary, lines) }
      : { fileName: `${name}.camt.053.xml`, mediaType: 'application/xml', content: statementCamt(summary, lines, this.parts.now()) };
  }

  private async accounts(where: string, values: unknown[]): Promise<PartnerAccount[]> {
    const partnerId = uuidOf(String(values[0]));
    if (!partnerId) return [];
    const rows: PartnerAccount[] = await this.parts.dataSource.query(`${ACCOUNTS} ${where}`, [partnerId, ...values.slice(1)]);
    return rows.map((row) => ({ ...row, number: this.parts.sealer.open(row.number, row.id) }));
  }

  private async summaries(account: PartnerAccount, months: readonly Month[]): Promise<StatementSummary[]> {
    if (months.length === 0) return [];
    const day = (instant: Date) => instant.toISOString().slice(0, 10);
    const rows: SummaryRow[] = await this.parts.dataSource.query(SUMMARIES, [
      account.id, months.map(({ from }) => day(from)), months.map(({ to }) => day(to)),
    ]);
    return rows.map(({ after, last, ...sums }, index) => ({
      ...sums, walletId: account.id, currency: account.currency, month: months[index]!, versions: { after, last },
      // A bank may bring the rest of a month with the next file.
      final: months[index]!.name < account.lastBookedOn.slice(0, 7),
    }));
  }
}
