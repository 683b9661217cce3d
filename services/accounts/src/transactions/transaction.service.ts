import type { CurrencyCode } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { uuidOf } from '../ids.domain';
import { displayNames } from '../people/person.service';
import { type TransactionRecord, type TransactionView, type Viewer, viewTransaction } from './transaction.domain';

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly status: TransactionRecord['status'];
  readonly failureReason: string | null;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly refunded: bigint | null;
  readonly personId: string;
  readonly counterpartyId: string | null;
  readonly merchantId: string | null;
  readonly merchantPeople: readonly string[] | null;
  readonly balanceAfter: bigint | null;
  readonly description: string | null;
  readonly recordedAt: Date;
  /** The instant to the microsecond: what a list is ordered by. */
  readonly position: string;
}

/** One page of a person's transactions, newest first. `after` is the position of the last row of the page before. */
export interface TransactionPage {
  readonly limit: number;
  readonly after: readonly string[] | undefined;
  readonly walletId?: string | undefined;
  readonly kinds?: readonly string[] | undefined;
}

export interface PagedTransaction {
  readonly view: TransactionView;
  readonly position: readonly string[];
}

// $1 is the viewer. Booked transactions stand in the books; a top-up that is pending or failed only in its own table. What an
// order to the bank came to stands with the order, that a card's money went back with its top-up; what was booked because of it is nobody's transaction.
const BOOKED = `SELECT t.id, t.kind, coalesce(CASE o.status WHEN 'RETURNED' THEN 'FAILED' ELSE o.status END, CASE WHEN c."returnedAt" IS NULL THEN 'SETTLED' ELSE 'FAILED' END) AS status,
    coalesce(o."failureReason", CASE WHEN c."returnedAt" IS NOT NULL THEN 'RETURNED' END) AS "failureReason", t.currency, t.amount, t.fee, g.refunded, t."personId", t."counterpartyId",
    t."merchantId", m.people AS "merchantPeople", e."postedAfter" AS "balanceAfter", t.description, t."recordedAt"
  FROM ledger_tx t
  LEFT JOIN bank_order o ON o.id = t.id AND t.kind IN ('TOP_UP', 'WITHDRAWAL')
  LEFT JOIN top_up c ON c.id = t.id AND t.kind = 'TOP_UP'
  LEFT JOIN refund_guard g ON g."paymentId" = t.id
  LEFT JOIN merchant_copy m ON m."merchantId" = t."merchantId"
  LEFT JOIN entry e ON e."txId" = t.id
    AND e."accountId" = CASE $1::uuid WHEN t."personId" THEN t."walletId" WHEN t."counterpartyId" THEN t."counterWalletId" END`;
const SHOWN = `t.kind NOT IN ('WITHDRAWAL_REVERSAL', 'TOP_UP_RETURN', 'BANK_SETTLEMENT', 'BANK_RECEIVABLE', 'CARD_RECEIVABLE',
  'DEBT_COLLECTION', 'DEBT_WRITE_OFF', 'HISTORY_CREDIT', 'HISTORY_DEBIT', 'BREAK_WRITE_OFF', 'MERCHANT_SETTLEMENT', 'PAYOUT', 'PAYOUT_REVERSAL',
  'MERCHANT_WRITE_OFF')`;
const UNBOOKED = `SELECT u.id, 'TOP_UP' AS kind, u.status, u."failureReason", u.currency, u.amount, 0::bigint AS fee, NULL::bigint AS refunded,
    u."personId", NULL::uuid AS "counterpartyId", NULL::uuid AS "merchantId", NULL::uuid[] AS "merchantPeople",
    NULL::bigint AS "balanceAfter", NULL::text AS description, u."createdAt" AS "recordedAt"
  FROM top_up u`;
const UNBOOKED_AT_BANK = UNBOOKED.replace('FROM top_up u', 'FROM bank_order u');
const OPEN_AT_BANK = `u.direction = 'DEBIT' AND u.status IN ('PENDING', 'FAILED')`;
const POSITION = `to_char("recordedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position`;

const UUID_MAX = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

/** Says whether a cursor's values are a position in a list of transactions: an instant and an id. */
export function isTransactionPosition(position: readonly string[]): boolean {
  const [instant = '', id = ''] = position;
  return position.length === 2 && INSTANT.test(instant) && !Number.isNaN(Date.parse(instant)) && uuidOf(id) !== undefined;
}

/** Shows transactions to those who may see them. */
export class TransactionService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer }) {}

  /** Gives those of the transactions that exist and that the viewer may see. */
  async views(ids: readonly string[], viewer: Viewer): Promise<Map<string, TransactionView>> {
    const known = ids.map(uuidOf).filter((id) => id !== undefined);
    if (known.length === 0) return new Map();
    const rows: Row[] = await this.parts.dataSource.query(
      `/* transactions.byId */ ${BOOKED} WHERE t.id = ANY ($2::uuid[]) AND ${SHOWN}
       UNION ALL ${UNBOOKED} WHERE u.id = ANY ($2::uuid[]) AND u.status <> 'SETTLED'
       UNION ALL ${UNBOOKED_AT_BANK} WHERE u.id = ANY ($2::uuid[]) AND ${OPEN_AT_BANK}`,
      [viewer.personId, known],
    );
    const views = rows.map((row) => this.view(row, viewer)).filter((view) => view !== undefined);
    return new Map(views.map((view) => [view.id, view]));
  }

  /** Gives one transaction, or undefined where the viewer may not see it or there is none. */
  async viewOf(id: string, viewer: Viewer): Promise<TransactionView | undefined> {
    return (await this.views([id], viewer)).get(id.toLowerCase());
  }

  /** Gives a page of a person's own transactions and one row more, if there is one. */
  async page(personId: string, page: TransactionPage): Promise<PagedTransaction[]> {
    const walletId = page.walletId === undefined ? null : uuidOf(page.walletId);
    if (walletId === undefined) return [];
    const [instant = null, id = null] = page.after ?? [];
    // Without a position the list begins after every row. A comparison with a constant keeps the index usable in a prepared plan.
    const before = (table: string, at: string) =>
      `(${table}."${at}", ${table}.id) < (coalesce($3::timestamptz, 'infinity'), coalesce($4::uuid, '${UUID_MAX}'))`;
    const branch = (select: string, where: string, order: string) =>
      `(${select} WHERE ${where} ORDER BY ${order} LIMIT $2)`;
    const kinds = `($6::text[] IS NULL OR t.kind = ANY ($6::text[])) AND ${SHOWN}`;
    const unbooked = `u."personId" = $1 AND ($5::uuid IS NULL OR u."walletId" = $5)
      AND ($6::text[] IS NULL OR 'TOP_UP' = ANY ($6::text[])) AND ${before('u', 'createdAt')}`;
    const newest = 't."recordedAt" DESC, t.id DESC';
    const rows: Row[] = await this.parts.dataSource.query(
      `/* transactions.page */ SELECT *, ${POSITION} FROM (
         ${branch(BOOKED, `t."personId" = $1 AND ($5::uuid IS NULL OR t."walletId" = $5) AND ${kinds} AND ${before('t', 'recordedAt')}`, newest)}
         UNION ALL
         ${branch(BOOKED, `t."counterpartyId" = $1 AND ($5::uuid IS NULL OR t."counterWalletId" = $5) AND ${kinds} AND ${before('t', 'recordedAt')}`, newest)}
         UNION ALL
         ${branch(UNBOOKED, `u.status <> 'SETTLED' AND ${unbooked}`, 'u."createdAt" DESC, u.id DESC')}
         UNION ALL
         ${branch(UNBOOKED_AT_BANK, `${OPEN_AT_BANK} AND ${unbooked}`, 'u."createdAt" DESC, u.id DESC')}
       ) q ORDER BY q."recordedAt" DESC, q.id DESC LIMIT $2`,
      [personId, page.limit + 1, instant, id, walletId, page.kinds ?? null],
    );
    const viewer = { personId, operator: false };
    return rows.map((row) => ({ view: this.view(row, viewer)!, position: [row.position, row.id] }));
  }

  /** Gives people's names, for those who see them on the other side of a transfer. */
  displayNames(ids: readonly string[]): Promise<Map<string, string>> {
    return displayNames(this.parts.dataSource.manager, this.parts.sealer, ids);
  }

  private view(row: Row, viewer: Viewer): TransactionView | undefined {
    return viewTransaction({
      ...row,
      refunded: row.refunded ?? 0n,
      merchantPeople: row.merchantPeople ?? [],
      description: row.description === null ? undefined : this.parts.sealer.open(row.description, row.id),
    }, viewer);
  }
}
