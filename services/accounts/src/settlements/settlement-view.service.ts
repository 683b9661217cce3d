import type { DataSource } from 'typeorm';
import { uuidOf } from '../ids.domain';
import { DOCUMENT_LINES_MAX, type StatementDocument, type StatementFormat } from '../statements/statement.document.domain';
import type { SettlementEntity } from './settlement.entity';
import { settlementDocument, type SettlementLine } from './settlement-document.domain';
import { type Looker, maySeeSettlements, type MerchantPeople } from './settlement.domain';

/** A batch, and what became of it. */
export interface SettlementView extends Omit<SettlementEntity, 'inflowId' | 'reserveReleasedBy'> {
  readonly inflowId: string;
  readonly payoutStatus: 'PENDING' | 'SETTLED' | 'FAILED' | 'RETURNED' | null;
  readonly payoutFailure: string | null;
  readonly payoutAmount: bigint | null;
  readonly payoutLast4: string | null;
  readonly payoutCreatedAt: Date | null;
  readonly payoutEndedAt: Date | null;
  /** The instant of closing to the microsecond: what a list is ordered by. */
  readonly position: string;
}

interface Page {
  readonly limit: number;
  readonly after: readonly string[] | undefined;
}

const UUID_MAX = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const SELECT = `SELECT s.id, s."inflowId", s."merchantId", s.currency, s.number, s."businessDay"::text AS "businessDay", s."afterVersion", s."lastVersion",
    s."until", s.gross, s.refunds, s.adjustments, s.fees, s."reserveHeld", s."reserveReleased", s.net, s.opening, s.closing, s."paymentCount",
    s."refundCount", s."feeBasisPoints", s."feeFixed", s."reserveReleaseDay"::text AS "reserveReleaseDay", s."transactionId", s."payoutId", s."closedAt",
    o.status AS "payoutStatus", o."failureReason" AS "payoutFailure", o.amount AS "payoutAmount", o.last4 AS "payoutLast4",
    o."createdAt" AS "payoutCreatedAt", coalesce(o."returnedAt", o."endedAt") AS "payoutEndedAt",
    to_char(s."closedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
  FROM settlement s LEFT JOIN bank_order o ON o.id = s."payoutId"`;
const NEWEST = `(s."closedAt", s.id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, '${UUID_MAX}'))
  ORDER BY s."closedAt" DESC, s.id DESC LIMIT $1`;

/** Shows batches: what is stored of them, and their lines from the inflow's own entries. Who may see them, the callers ask here. */
export class SettlementViewService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  /** Says of which of some merchants somebody sees the settlements. */
  async seen(merchantIds: readonly string[], looker: Looker): Promise<ReadonlySet<string>> {
    const ids = merchantIds.map(uuidOf).filter((id) => id !== undefined);
    const rows: (MerchantPeople & { merchantId: string })[] = await this.parts.dataSource.query(
      '/* settlements.people */ SELECT "merchantId", people, cashiers, owners FROM merchant_copy WHERE "merchantId" = ANY ($1::uuid[])', [ids],
    );
    return new Set(rows.filter((row) => maySeeSettlements(row, looker)).map(({ merchantId }) => merchantId));
  }

  /** Gives a page of a merchant's settlements, newest first, and one more if there is one. */
  async ofMerchant(merchantId: string, { limit, after }: Page): Promise<SettlementView[]> {
    const [instant = null, id = null] = after ?? [];
    return this.parts.dataSource.query(
      `/* settlements.ofMerchant */ ${SELECT} WHERE s."merchantId" = $4 AND ${NEWEST}`, [limit + 1, instant, id, merchantId],
    );
  }

  /** The same of all merchants, for operators. */
  async all({ limit, after }: Page): Promise<SettlementView[]> {
    const [instant = null, id = null] = after ?? [];
    return this.parts.dataSource.query(`/* settlements.all */ ${SELECT} WHERE ${NEWEST}`, [limit + 1, instant, id]);
  }

  /** Gives a settlement that somebody may see; undefined where they may not, or there is none. */
  async one(settlementId: string, looker: Looker): Promise<SettlementView | undefined> {
    const id = uuidOf(settlementId);
    if (!id) return undefined;
    const [row]: SettlementView[] = await this.parts.dataSource.query(`/* settlements.one */ ${SELECT} WHERE s.id = $1`, [id]);
    return row && (await this.seen([row.merchantId], looker)).has(row.merchantId) ? row : undefined;
  }

  /** Gives a page of what came and went back in a batch, in the order of booking, and one more if there is one. */
  async lines({ inflowId, afterVersion, lastVersion }: SettlementView, page: { limit: number; after?: bigint | undefined }): Promise<SettlementLine[]> {
    const after = page.after !== undefined && page.after > afterVersion ? page.after : afterVersion;
    return this.parts.dataSource.query(
      `/* settlements.lines */ SELECT e."accountVersion" AS version, t.id AS "transactionId", t.kind, e.amount, e."recordedAt" AS "bookedAt", t."parentId"
       FROM entry e JOIN ledger_tx t ON t.id = e."txId"
       WHERE e."accountId" = $1 AND e."accountVersion" > $2 AND e."accountVersion" <= $3 AND t.kind <> 'MERCHANT_SETTLEMENT'
       ORDER BY e."accountVersion" LIMIT $4`,
      [inflowId, String(after), String(lastVersion), page.limit + 1],
    );
  }

  /** Writes a settlement as a file; undefined where it has too many lines for one. */
  async document(settlement: SettlementView, format: StatementFormat): Promise<StatementDocument | undefined> {
    if (settlement.lastVersion - settlement.afterVersion > BigInt(DOCUMENT_LINES_MAX)) return undefined;
    return settlementDocument(settlement, await this.lines(settlement, { limit: DOCUMENT_LINES_MAX }), { format, now: this.parts.now() });
  }
}
