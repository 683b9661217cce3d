import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import { systemAccountId } from '../ledger/account.ids';
import type { BankLine, BookingKind, OwnLine } from './reconciliation.domain';

/** A period of an account at the bank. Both days belong to it. */
export interface Period {
  readonly currency: CurrencyCode;
  readonly from: string;
  readonly to: string;
}

// What moved the account that mirrors ours at the bank since an instant; money that came in is positive. Entries are numbered nearly in the order
// of their instants, so the newest are walked back only as far as that goes.
const movedSince = (instant: '$2' | '$3'): string => `SELECT e."txId", -e.amount AS amount, e."recordedAt" FROM entry e WHERE e."accountId" = $1 AND e."recordedAt" >= ${instant}::timestamptz
    AND e."accountVersion" > coalesce((SELECT max("accountVersion") FROM entry WHERE "accountId" = $1 AND "recordedAt" < ${instant}::timestamptz - interval '1 day'), 0)
  UNION ALL
  SELECT "txId", debits - credits, "recordedAt" FROM pending_delta WHERE "accountId" = $1 AND "recordedAt" >= ${instant}::timestamptz`;

/** How the bank and we name an order, and the order that a name is of. */
const OURS = `'^order-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'`;
const NAMED = `SELECT DISTINCT substr(n.reference, 7)::uuid AS id FROM unnest($4::text[]) AS n (reference) WHERE n.reference ~ ${OURS}`;
const OF_PERIOD = `SELECT coalesce(t."parentId", t.id) AS id FROM (${movedSince('$3')}) m JOIN ledger_tx t ON t.id = m."txId"
    WHERE m."recordedAt" < timezone('UTC', $4::date + interval '1 day') AND t.kind <> 'BREAK_WRITE_OFF'
  UNION SELECT o.id FROM bank_order o WHERE o.status = 'PENDING' AND o.currency = $2
    AND o."createdAt" >= $3::timestamptz AND o."createdAt" < timezone('UTC', $4::date + interval '1 day')`;

/**
 * Our lines of the orders that `ids` gives: what they moved at the bank, whenever that was, and what is under way. The booking that was taken
 * for a line is that of the first file that matched it, or that a person has found different and closed, or that of the daily statement. What
 * was written off is not expected any more; a booking of the bank's that was written off is none that we could have booked since.
 */
const ownOf = (ids: string): string => `WITH ids AS MATERIALIZED (${ids}),
  txs AS (
    SELECT i.id AS "orderId", t.id, t.kind, t."recordedAt" FROM ids i JOIN ledger_tx t ON t.id = i.id AND t."parentId" IS NULL
    UNION ALL SELECT i.id, t.id, t.kind, t."recordedAt" FROM ids i JOIN ledger_tx t ON t."parentId" = i.id),
  own AS (
    SELECT 'order-' || x."orderId" AS reference, CASE WHEN x.kind IN ('TOP_UP', 'BANK_SETTLEMENT') THEN 'BOOKED' ELSE 'RETURNED' END AS kind,
      sum(CASE WHEN p."debitAccountId" = $1 THEN p.amount ELSE -p.amount END)::bigint AS amount,
      min((x."recordedAt" AT TIME ZONE 'UTC')::date) AS day, true AS booked, false AS young
    FROM txs x JOIN posting p ON p."txId" = x.id AND $1 IN (p."debitAccountId", p."creditAccountId")
    WHERE x.kind <> 'BREAK_WRITE_OFF' GROUP BY 1, 2
    UNION ALL
    SELECT 'order-' || o.id, 'BOOKED', CASE o.direction WHEN 'DEBIT' THEN o.amount ELSE -o.amount END, (o."createdAt" AT TIME ZONE 'UTC')::date, false,
      o."createdAt" > $3::timestamptz - interval '1 day'
    FROM ids i JOIN bank_order o ON o.id = i.id AND o.status = 'PENDING' AND o.currency = $2)
  SELECT w.reference, w.kind, w.amount, w.day AS "bookedOn", w.booked, w.young, coalesce(
      (SELECT r."bookingId" FROM reconciliation_line r WHERE r.reference = w.reference AND r.kind = w.kind AND r.class = 'MATCHED'
       ORDER BY r."reconciliationId" LIMIT 1),
      (SELECT b."bookingId" FROM reconciliation_break b WHERE b.reference = w.reference AND b.kind = w.kind AND b.class = 'DIFFERENT'
       AND b.status IN ('RESOLVED', 'WRITTEN_OFF') ORDER BY b.id LIMIT 1),
      (SELECT l."bookingId" FROM bank_statement_line l WHERE l."orderKey" = w.reference AND l.kind = w.kind AND l.misfit IS NULL AND w.booked LIMIT 1)
    ) AS "bookingId",
    ARRAY(SELECT l."bookingId" FROM bank_statement_line l WHERE l."orderKey" = w.reference AND l.kind = w.kind AND l.misfit = 'BOOKED_TWICE'
      UNION SELECT b."bookingId" FROM reconciliation_break b WHERE b.reference = w.reference AND b.kind = w.kind AND b.class = 'EXTRA'
        AND b.status = 'WRITTEN_OFF' AND b."bookingId" IS NOT NULL) AS aside
  FROM own w WHERE NOT EXISTS (SELECT 1 FROM reconciliation_break b WHERE b.about = 'order/' || w.kind || '/' || w.reference AND b.status = 'WRITTEN_OFF')`;

type OwnRow = Omit<OwnLine, 'bookingId'> & { readonly bookingId: string | null };
const ownLineOf = ({ bookingId, ...row }: OwnRow): OwnLine => ({ ...row, bookingId: bookingId ?? undefined });

const bankAccount = (currency: CurrencyCode): string => systemAccountId('BANK_SETTLEMENT', currency);

/** Reads our lines under some names, of whatever day. */
export async function readOwnOf(tx: Tx, currency: CurrencyCode, references: readonly string[], now: Date): Promise<OwnLine[]> {
  const rows: OwnRow[] = await tx.query(
    `/* reconciliation.own */ SELECT e.*, e."bookedOn"::text AS "bookedOn" FROM (${ownOf(NAMED)}) e`, [bankAccount(currency), currency, now, references],
  );
  return rows.map(ownLineOf);
}

/** What we expect to find of a period, and what a file names besides. */
export interface Expected {
  /** Names of the orders of the period. */
  readonly references: readonly string[];
  readonly named: readonly string[];
}

/** Reads what we expect the bank to show: of the orders of the period those lines that are of it, and of those that its file names all. */
export async function readOwnLines(tx: Tx, { currency, from, to }: Period, { references, named }: Expected, now: Date): Promise<OwnLine[]> {
  const isNamed = new Set(named);
  const lines = await readOwnOf(tx, currency, [...new Set([...references, ...named])], now);
  return lines.filter(({ reference, bookedOn }) => isNamed.has(reference) || (bookedOn >= from && bookedOn <= to));
}

/** Reads the names of the orders that moved our account at the bank in a period, and of those that are under way since. */
export async function readReferences(tx: Tx, { currency, from, to }: Period): Promise<string[]> {
  const rows: { reference: string }[] = await tx.query(
    `/* reconciliation.references */ SELECT 'order-' || p.id AS reference FROM (${OF_PERIOD}) p`, [bankAccount(currency), currency, `${from}T00:00:00Z`, to],
  );
  return rows.map(({ reference }) => reference);
}

/** Keeps these names for a file that came in parts: it is compared part by part, and what comes to be meanwhile is none of its. */
export async function keepReferences(tx: Tx, { currency, from, to }: Period, fileId: string): Promise<void> {
  await tx.query(
    `/* bankFile.references */ INSERT INTO bank_file_own ("fileId", reference) SELECT $5::uuid, 'order-' || p.id FROM (${OF_PERIOD}) p`,
    [bankAccount(currency), currency, `${from}T00:00:00Z`, to, fileId],
  );
}

/** Reads the bookings that files (`but` one comparison's) have shown under some names before, and those that the daily statement has kept aside; `only` one. */
export function readShown(
  tx: Tx, currency: CurrencyCode, keys: readonly { readonly reference: string; readonly kind: BookingKind }[],
  { but = null, only = null }: { readonly but?: string | undefined | null; readonly only?: string | undefined | null },
): Promise<BankLine[]> {
  return tx.query(
    `/* reconciliation.shown */ SELECT DISTINCT ON ("bookingId") "bookingId", reference, kind, amount, "bookedOn"::text AS "bookedOn" FROM (
       SELECT l."bookingId", l.reference, l.kind, l."bankAmount" AS amount, l."bankBookedOn" AS "bookedOn", r.id AS run
       FROM unnest($1::text[], $2::text[]) AS k (reference, kind) JOIN reconciliation_line l ON l.reference = k.reference AND l.kind = k.kind
         AND l."bookingId" IS NOT NULL JOIN reconciliation r ON r.id = l."reconciliationId" AND r.currency = $3
       WHERE l."reconciliationId" IS DISTINCT FROM $4::uuid
       UNION ALL
       SELECT l."bookingId", l."orderKey", l.kind, l.amount, (l."bookedAt" AT TIME ZONE 'UTC')::date, NULL
       FROM unnest($1::text[], $2::text[]) AS k (reference, kind) JOIN bank_statement_line l ON l."orderKey" = k.reference AND l.kind = k.kind
         AND l.misfit IS NOT NULL AND l.currency = $3) s
     WHERE $5::text IS NULL OR "bookingId" = $5
     ORDER BY "bookingId", run DESC NULLS LAST`,
    [keys.map(({ reference }) => reference), keys.map(({ kind }) => kind), currency, but, only],
  );
}

/** Reads what the books say of the account at the bank as a period begins and as it ends. */
export async function readBooksBalances(tx: Tx, { currency, from, to }: Period): Promise<{ opening: bigint; closing: bigint }> {
  const [row] = await tx.query(
    `/* reconciliation.balances */ WITH moved AS (${movedSince('$2')}),
     now_at AS (SELECT a."debitsPosted" - a."creditsPosted" + coalesce((SELECT sum(debits - credits) FROM pending_delta WHERE "accountId" = $1), 0) AS amount
       FROM account a WHERE a.id = $1)
     SELECT ((SELECT amount FROM now_at) - coalesce((SELECT sum(amount) FROM moved), 0))::bigint AS opening,
       ((SELECT amount FROM now_at) - coalesce((SELECT sum(amount) FROM moved WHERE "recordedAt" >= $3::timestamptz), 0))::bigint AS closing`,
    [systemAccountId('BANK_SETTLEMENT', currency), `${from}T00:00:00Z`, `${dayAfter(to)}T00:00:00Z`],
  );
  return row;
}

const dayAfter = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
