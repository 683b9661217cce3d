import { isCurrencyCode } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { NUMBER_PURPOSE, plainNumber } from '../history-imports/account-number.domain';
import type { HistoryDetails } from '../history-imports/history-row.domain';
import { type Month, monthOf, monthsBack } from '../statements/month.domain';
import { DOCUMENT_LINES_MAX, fitsFile, type StatementDocument, statementDocument, type StatementFormat } from '../statements/statement.document.domain';
import type { StatementLine, StatementSummary } from '../statements/statement.domain';
import type { PartnerAccount, PartnerStatement } from './partner-account.domain';
import { ACCOUNTS, LINES, SUMMARIES } from './partner-account.sql';

export interface PartnerStatementLine extends StatementLine {
  readonly details: HistoryDetails;
}

type SummaryRow = Pick<StatementSummary, 'opening' | 'closing' | 'credits' | 'debits' | 'creditCount' | 'debitCount'> & { readonly after: bigint; readonly last: bigint };

/** A bank's accounts and their statements, by the days that the bank booked on. Every statement names the bank. */
export class PartnerAccountService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date }) {}

  /** Gives a page of the bank's open accounts in the order in which they came, and one more if there is one. */
  async page(partnerId: string, page: { limit: number; after?: string | undefined }): Promise<PartnerAccount[]> {
    return this.opened(await this.parts.dataSource.query(
      `/* partnerAccounts.page */ ${ACCOUNTS} AND ($2::uuid IS NULL OR p.id > $2) ORDER BY p.id LIMIT $3`, [partnerId, page.after ?? null, page.limit + 1],
    ));
  }

  /** Gives an account of the bank by its number; undefined for another bank's, and for one that is not open. */
  async byNumber(partnerId: string, number: string, currency: string): Promise<PartnerAccount | undefined> {
    if (number.length > 64 || !isCurrencyCode(currency)) return undefined;
    const names = this.parts.sealer.blindIndexes(plainNumber(number), NUMBER_PURPOSE);
    return this.opened(await this.parts.dataSource.query(
      `/* partnerAccounts.byNumber */ ${ACCOUNTS} AND p."numberIndex" = ANY ($2) AND p.currency = $3`, [partnerId, names, currency],
    ))[0];
  }

  /** Gives the statements of some months of an account, newest first, back from its last booking, and one more if there is one. */
  async statements(account: PartnerAccount, page: { limit: number; after?: string | undefined }): Promise<PartnerStatement[]> {
    const [first, last] = [account.firstBookedOn, account.lastBookedOn].map((day) => new Date(`${day}T00:00:00Z`)) as [Date, Date];
    return this.summaries(account, monthsBack(first, last, { limit: page.limit + 1, after: page.after }));
  }

  async statement(account: PartnerAccount, name: string): Promise<PartnerStatement | undefined> {
    const month = monthOf(name);
    const covered = month && name >= account.firstBookedOn.slice(0, 7) && name <= account.lastBookedOn.slice(0, 7);
    return covered ? (await this.summaries(account, [month]))[0] : undefined;
  }

  async lines({ walletId, partnerId, versions }: PartnerStatement, page: { limit: number; after?: bigint | undefined }): Promise<PartnerStatementLine[]> {
    const after = page.after !== undefined && page.after > versions.after ? page.after : versions.after;
    const rows: (Omit<StatementLine, 'counterparty' | 'description' | 'merchantId' | 'fee'> & { sealed: string })[] = await this.parts.dataSource.query(
      LINES, [walletId, after.toString(), versions.last.toString(), page.limit + 1, partnerId],
    );
    return rows.map(({ sealed, ...row }) => {
      const details = JSON.parse(this.parts.sealer.open(sealed, walletId)) as HistoryDetails;
      const description = [details.operation, details.purpose, details.bankReference].filter(Boolean).join(' / ');
      const counterparty = [details.counterpartyBank, details.counterpartyAccount].filter(Boolean).join(' ');
      return { ...row, details, fee: 0n, merchantId: null, counterparty: counterparty || undefined, description: description || undefined };
    });
  }

  /** Writes a statement as a file; undefined where it has more than {@link DOCUMENT_LINES_MAX} lines. */
  async document(summary: PartnerStatement, format: StatementFormat): Promise<StatementDocument | undefined> {
    if (!fitsFile(summary)) return undefined;
    const lines = await this.lines(summary, { limit: DOCUMENT_LINES_MAX });
    return statementDocument(summary, lines, { format, now: this.parts.now() });
  }

  private opened(rows: readonly PartnerAccount[]): PartnerAccount[] {
    return rows.map((row) => ({ ...row, number: this.parts.sealer.open(row.number, row.id) }));
  }

  private async summaries(account: PartnerAccount, months: readonly Month[]): Promise<PartnerStatement[]> {
    if (months.length === 0) return [];
    const day = (instant: Date) => instant.toISOString().slice(0, 10);
    const rows: SummaryRow[] = await this.parts.dataSource.query(SUMMARIES, [
      account.id, months.map(({ from }) => day(from)), months.map(({ to }) => day(to)), account.partnerId,
    ]);
    return rows.map(({ after, last, ...sums }, index) => ({
      ...sums, walletId: account.id, partnerId: account.partnerId, currency: account.currency, month: months[index]!, versions: { after, last },
      // A bank may bring the rest of a month with the next file.
      final: months[index]!.name < account.lastBookedOn.slice(0, 7),
    }));
  }
}
