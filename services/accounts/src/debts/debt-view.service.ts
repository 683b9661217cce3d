import type { CurrencyCode } from '@tael/money';
import type { DataSource } from 'typeorm';
import { auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { uuidOf } from '../ids.domain';
import type { DebtStatus, DebtSums } from './debt.domain';
import { debtsWhere, IS_OPEN } from './debt.store';

/** A debt as operators see it; its id is that of the top-up. */
export interface Debt extends DebtSums {
  readonly id: string;
  readonly personId: string;
  readonly walletId: string;
  readonly currency: CurrencyCode;
  readonly since: Date;
}

const COLUMNS = 'id, "personId", "walletId", currency, owed, collected, "writtenOff", "returnedAt" AS since';
const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

// As `debtStatus` has it.
const OF_STATUS: Readonly<Record<DebtStatus, string>> = {
  OPEN: 'AND owed > collected + "writtenOff"',
  SETTLED: 'AND owed = collected',
  WRITTEN_OFF: 'AND owed = collected + "writtenOff" AND "writtenOff" > 0',
};

/** What is read of debts. */
export class DebtViewService {
  constructor(private readonly parts: { readonly dataSource: DataSource }) {}

  /** Gives what is owed of top-ups of wallets; those of which nothing is are left out. */
  async owedOf(walletIds: readonly string[]): Promise<Map<string, bigint>> {
    const rows: { walletId: string; owed: bigint }[] = await this.parts.dataSource.query(
      `/* debts.ofWallets */ SELECT w.id AS "walletId", sum(d.open)::bigint AS owed FROM wallet w CROSS JOIN LATERAL (
         ${debtsWhere('owed - collected - "writtenOff" AS open', `"personId" = w."personId" AND "walletId" = w.id AND ${IS_OPEN}`)}) d
       WHERE w.id = ANY ($1::uuid[]) GROUP BY w.id`,
      [walletIds],
    );
    return new Map(rows.map(({ walletId, owed }) => [walletId, owed]));
  }

  async find(id: string): Promise<Debt | undefined> {
    const debtId = uuidOf(id);
    if (!debtId) return undefined;
    const [debt]: Debt[] = await this.parts.dataSource.query(`/* debts.find */ ${debtsWhere(COLUMNS, 'owed > 0 AND id = $1')}`, [debtId]);
    return debt;
  }

  /** Gives debts, that of the newest top-up first. */
  list({ status, after, limit }: { status: DebtStatus | undefined; after: string | undefined; limit: number }): Promise<Debt[]> {
    return this.parts.dataSource.query(
      `/* debts.list */ ${debtsWhere(COLUMNS, `owed > 0 ${status ? OF_STATUS[status] : ''} AND id < $1::uuid`)} ORDER BY id DESC LIMIT $2`, [after ?? NEWEST, limit],
    );
  }

  /** Gives what operators did about a debt, the newest first. */
  trail(debtId: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'DEBT', id: debtId }, page);
  }
}
