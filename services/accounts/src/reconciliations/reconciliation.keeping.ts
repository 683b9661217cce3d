import { createHash } from 'node:crypto';
import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import { audit } from '../audit/audit.service';
import { factsOf } from '../breaks/break-fact.domain';
import { followBreaks } from '../breaks/break.following';
import { openBreaks } from '../breaks/break.opening';
import type { BankPeriod } from './bank-file.domain';
import { readBooksBalances, readShown } from './own-lines.reader';
import { type BankLine, type ComparedLine, comparePart, differenceOf, isBreak, type Part } from './reconciliation.domain';
import type { ReconciliationEntity } from './reconciliation.entity';
import { WHOLE } from './reconciliation.sql';

/** One comparison of the currency after the other: each sees what the one before has shown. */
export async function takeTurn(tx: Tx, currency: CurrencyCode): Promise<void> {
  await tx.query('/* reconciliation.turn */ SELECT pg_advisory_xact_lock(hashtextextended($1, 31))', [currency]);
}

/** What is known of no booking yet. */
export const NO_LINES = '';

/**
 * Continues the digest of a file over its next bookings. It is the same however the file was cut into parts, and whatever its format and its
 * other columns are.
 */
export function digestOn(before: string, lines: readonly BankLine[]): string {
  return lines.reduce((digest, { bookingId, reference, kind, amount, bookedOn }) =>
    createHash('sha256').update(JSON.stringify([digest, bookingId, reference, kind, String(amount), bookedOn])).digest('hex'), before);
}

/** Gives the SHA-256 of a file's bookings with its period and balances, in hexadecimal: the name of its comparison. */
export function digestOf({ currency, from, to, opening, closing }: BankPeriod, lines: string): string {
  return createHash('sha256').update(JSON.stringify([currency, from, to, String(opening), String(closing), lines])).digest('hex');
}

/** Finds the comparison of this name, and says whether it is whole: half of one is no answer. */
export async function findByDigest(tx: Tx, digest: string): Promise<(ReconciliationEntity & { readonly whole: boolean }) | undefined> {
  const [known]: (ReconciliationEntity & { whole: boolean })[] = await tx.query(
    `/* reconciliation.known */ SELECT r.*, ${WHOLE} AS whole FROM reconciliation r WHERE r.digest = $1`, [digest],
  );
  return known;
}

/** Writes the head of a comparison, with what the books say now. */
export async function keepRun(
  tx: Tx, { id, digest, period, personId, at }: { id: string; digest: string; period: BankPeriod; personId: string; at: Date },
): Promise<ReconciliationEntity> {
  const books = await readBooksBalances(tx, period);
  const [kept]: ReconciliationEntity[] = await tx.query(
    `/* reconciliation.keep */ INSERT INTO reconciliation (id, currency, "periodFrom", "periodTo", digest, "bankOpening", "bankClosing",
       "booksOpening", "booksClosing", "uploadedBy", "createdAt") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING *`,
    [
      id, period.currency, period.from, period.to, digest, String(period.opening), String(period.closing), String(books.opening), String(books.closing),
      personId, at,
    ],
  );
  return kept!;
}

/** Compares a part of a file and keeps what it says: its lines, new breaks, and what it says of breaks that are open. */
export async function keepPart(
  tx: Tx, run: { readonly id: string; readonly currency: CurrencyCode; readonly at: Date }, part: Omit<Part, 'earlier'>, after: number,
): Promise<ComparedLine[]> {
  const { id, currency, at } = run;
  const earlier = await readShown(tx, currency, part.own, { but: id });
  const compared = comparePart({ ...part, earlier });
  const lines = compared.filter((line) => !line.earlier);
  await keepLines(tx, id, lines, after);
  // Of what an earlier file has shown too: what was on the way then may be left over by now. Of what has a break there is none more.
  await openBreaks(tx, compared.filter(isBreak).map((line) => ({
    currency, class: line.class as never, reason: line.reason, ...sideOf(line), bookingId: line.bank?.bookingId, difference: differenceOf(line),
  })), { reconciliationId: id, at });
  await followBreaks(tx, currency, factsOf(compared), { at, reason: `Shown by the bank's file of comparison ${id}` });
  return lines;
}

const sideOf = ({ bank, own }: ComparedLine): Pick<BankLine, 'reference' | 'kind'> => {
  const { reference, kind } = (bank ?? own)!;
  return { reference, kind };
};

async function keepLines(tx: Tx, reconciliationId: string, lines: readonly ComparedLine[], after: number): Promise<void> {
  await tx.query(
    `/* reconciliation.keepLines */ INSERT INTO reconciliation_line ("reconciliationId", seq, class, reason, reference, kind, "bookingId", "bankAmount",
       "bankBookedOn", "ownAmount", "ownBookedOn", "ownBooked")
     SELECT $1, l.* FROM jsonb_to_recordset($2::jsonb) AS l (seq int, class text, reason text, reference text, kind text, "bookingId" text,
       "bankAmount" bigint, "bankBookedOn" date, "ownAmount" bigint, "ownBookedOn" date, "ownBooked" boolean)`,
    [reconciliationId, JSON.stringify(lines.map((line, index) => ({
      seq: after + index + 1, class: line.class, reason: line.reason, ...sideOf(line), bookingId: line.bank?.bookingId ?? null,
      bankAmount: line.bank ? String(line.bank.amount) : null, bankBookedOn: line.bank?.bookedOn ?? null,
      ownAmount: line.own ? String(line.own.amount) : null, ownBookedOn: line.own?.bookedOn ?? null, ownBooked: line.own?.booked ?? null,
    })))],
  );
}

/** Tells the trail of a comparison that is whole. */
export async function auditRun(tx: Tx, run: ReconciliationEntity, told: { readonly reason: string; readonly at: Date }): Promise<void> {
  const [counts]: [{ lines: number; breaks: number }] = await tx.query(
    `/* reconciliation.count */ SELECT count(*)::int AS lines, (count(*) FILTER (WHERE class IN ('MISSING', 'EXTRA', 'DIFFERENT')))::int AS breaks
     FROM reconciliation_line WHERE "reconciliationId" = $1`,
    [run.id],
  );
  const [{ from, to }]: [{ from: string; to: string }] = await tx.query(
    '/* reconciliation.days */ SELECT "periodFrom"::text AS from, "periodTo"::text AS to FROM reconciliation WHERE id = $1', [run.id],
  );
  await audit(tx, { kind: 'RECONCILIATION', id: run.id }, {
    actorId: run.uploadedBy, action: 'RECONCILED', before: null, ...told, after: { currency: run.currency, from, to, digest: run.digest, ...counts },
  });
}
