import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import { systemAccountId } from '../ledger/account.ids';
import type { OwnLine } from './reconciliation.domain';

// What moved the account that mirrors ours at the bank since an instant; money that came in is positive. Entries are numbered nearly in the order
// of their instants, so the newest are walked back only as far as that goes.
const MOVED = `SELECT e."txId", -e.amount AS amount, e."recordedAt" FROM entry e WHERE e."accountId" = $1 AND e."recordedAt" >= $2::timestamptz
    AND e."accountVersion" > coalesce((SELECT max("accountVersion") FROM entry WHERE "accountId" = $1 AND "recordedAt" < $2::timestamptz - interval '1 day'), 0)
  UNION ALL
  SELECT "txId", debits - credits, "recordedAt" FROM pending_delta WHERE "accountId" = $1 AND "recordedAt" >= $2::timestamptz`;

/** A period of an account at the bank. Both days belong to it. */
export interface Period {
  readonly currency: CurrencyCode;
  readonly from: string;
  readonly to: string;
}

/**
 * Reads what we expect the bank to show in a period, and what its file names besides. What another file has shown is not expected again, and
 * what was written off is not expected any more.
 */
export async function readOwnLines(tx: Tx, { currency, from, to }: Period, references: readonly string[], now: Date): Promise<OwnLine[]> {
  const rows: (Omit<OwnLine, 'bookingId'> & { bookingId: string | null })[] = await tx.query(
    `/* reconciliation.own */ WITH moved AS (${MOVED}),
     own AS (
       SELECT 'order-' || coalesce(t."parentId", t.id) AS reference,
         CASE WHEN t.kind IN ('TOP_UP', 'BANK_SETTLEMENT') THEN 'BOOKED' ELSE 'RETURNED' END AS kind,
         sum(m.amount)::bigint AS amount, min((m."recordedAt" AT TIME ZONE 'UTC')::date) AS day, true AS booked, false AS young
       FROM moved m JOIN ledger_tx t ON t.id = m."txId" WHERE t.kind <> 'BREAK_WRITE_OFF' GROUP BY 1, 2
       UNION ALL
       SELECT 'order-' || o.id, 'BOOKED', CASE o.direction WHEN 'DEBIT' THEN o.amount ELSE -o.amount END, (o."createdAt" AT TIME ZONE 'UTC')::date, false,
         o."createdAt" > $6::timestamptz - interval '1 day'
       FROM bank_order o WHERE o.status = 'PENDING' AND o.currency = $3)
     SELECT w.reference, w.kind, w.amount, w.day::text AS "bookedOn", w.booked, w.young, l."bookingId"
     FROM own w LEFT JOIN bank_statement_line l ON l."orderKey" = w.reference AND l.kind = w.kind AND l.misfit IS NULL AND w.booked
     WHERE NOT EXISTS (SELECT 1 FROM reconciliation_break b WHERE b.about = 'order/' || w.kind || '/' || w.reference AND b.status = 'WRITTEN_OFF')
       AND (w.reference = ANY ($7::text[]) OR (w.day BETWEEN $4::date AND $5::date
       AND NOT EXISTS (SELECT 1 FROM reconciliation_line r WHERE r.reference = w.reference AND r.kind = w.kind AND r.class = 'MATCHED')))`,
    [systemAccountId('BANK_SETTLEMENT', currency), `${daysBefore(from, 7)}T00:00:00Z`, currency, from, to, now, references],
  );
  return rows.map(({ bookingId, ...row }) => ({ ...row, bookingId: bookingId ?? undefined }));
}

/** Reads what the books say of the account at the bank as a period begins and as it ends. */
export async function readBooksBalances(tx: Tx, { currency, from, to }: Period): Promise<{ opening: bigint; closing: bigint }> {
  const [row] = await tx.query(
    `/* reconciliation.balances */ WITH moved AS (${MOVED}),
     now_at AS (SELECT a."debitsPosted" - a."creditsPosted" + coalesce((SELECT sum(debits - credits) FROM pending_delta WHERE "accountId" = $1), 0) AS amount
       FROM account a WHERE a.id = $1)
     SELECT ((SELECT amount FROM now_at) - coalesce((SELECT sum(amount) FROM moved), 0))::bigint AS opening,
       ((SELECT amount FROM now_at) - coalesce((SELECT sum(amount) FROM moved WHERE "recordedAt" >= $3::timestamptz), 0))::bigint AS closing`,
    [systemAccountId('BANK_SETTLEMENT', currency), `${from}T00:00:00Z`, `${daysBefore(to, -1)}T00:00:00Z`],
  );
  return row;
}

/** Gives the day so many days before another. */
function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
}
