import { createHash } from 'node:crypto';
import type { CurrencyCode } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Operator } from '../approvals/approval.handler';
import { reasonRefusals } from '../audit/audit.domain';
import { audit } from '../audit/audit.service';
import { openBreaks } from '../breaks/break.opening';
import { readChunk } from '../history-imports/history-chunk.reader';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { whileSessionLives } from '../sessions/session.service';
import { type BankPeriod, checkFile, fileRefused, readBankFile } from './bank-file.domain';
import { readBooksBalances, readOwnLines } from './own-lines.reader';
import { type BankLine, compare, type ComparedLine, differenceOf, isBreak, type LineClass } from './reconciliation.domain';
import type { ReconciliationEntity, ReconciliationLineEntity } from './reconciliation.entity';

/** A file of a bank, as an operator brings it. */
export interface BankFile extends BankPeriod {
  readonly csv: string;
  readonly reason: string;
}

export type Reconciliation = ReconciliationEntity;

/** What the lines of a class come to. */
export interface ClassTotal {
  readonly class: LineClass;
  readonly count: number;
  readonly bankAmount: bigint;
  readonly booksAmount: bigint;
}

/** So many characters a file may have: a request holds no more. A larger one is brought day by day. */
const FILE_MAX = 200_000;

/** Holds what the bank says of Tael's own account against the books. */
export class ReconciliationService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  /** Compares a file with the books and opens a break for each line that does not fit. The same file again gives the same comparison. */
  async reconcile(by: Operator, file: BankFile): Promise<Outcome<{ reconciliation: Reconciliation }>> {
    const invalid = reasonRefusals(file.reason);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    if (file.csv.length > FILE_MAX) return refuse('INVALID_INPUT', ['input', 'csv'], 'TOO_LONG');
    const chunk = readChunk(file.csv, 1);
    if ('wrongLine' in chunk) return fileRefused({ line: chunk.wrongLine, column: 'csv' });
    const read = readBankFile(chunk.rows, file.currency);
    if ('problem' in read) return fileRefused(read.problem);
    const checked = checkFile(file, read.lines, this.parts.now().toISOString().slice(0, 10));
    if (!checked.ok) return checked;
    return inTransaction(this.parts.dataSource, (tx) => whileSessionLives(tx, by, () => this.keep(tx, by, file, read.lines)));
  }

  private async keep(tx: Tx, by: Operator, file: BankFile, bank: readonly BankLine[]): Promise<Outcome<{ reconciliation: Reconciliation }>> {
    const { currency, reason } = file;
    const digest = digestOf(file);
    await tx.query('/* reconciliation.turn */ SELECT pg_advisory_xact_lock(hashtextextended($1, 31))', [currency]);
    const [known]: Reconciliation[] = await tx.query('/* reconciliation.known */ SELECT * FROM reconciliation WHERE digest = $1', [digest]);
    if (known) return { ok: true, reconciliation: known };
    const at = this.parts.now();
    const id = uuidv7();
    const lines = compare(bank, await readOwnLines(tx, file, bank.map(({ reference }) => reference), at));
    const [kept]: Reconciliation[] = await this.write(tx, { id, digest, file, by, at });
    await keepLines(tx, id, lines);
    const breaks = lines.filter(isBreak);
    await openBreaks(tx, breaks.map((line) => ({
      currency, class: line.class as never, reason: line.reason, ...sideOf(line), bookingId: line.bank?.bookingId, difference: differenceOf(line),
    })), { reconciliationId: id, at });
    await audit(tx, { kind: 'RECONCILIATION', id }, {
      actorId: by.personId, action: 'RECONCILED', before: null, reason, at,
      after: { currency, from: file.from, to: file.to, digest, lines: lines.length, breaks: breaks.length },
    });
    return { ok: true, reconciliation: kept! };
  }

  private async write(
    tx: Tx, { id, digest, file, by, at }: { id: string; digest: string; file: BankFile; by: Operator; at: Date },
  ): Promise<Reconciliation[]> {
    const books = await readBooksBalances(tx, file);
    return tx.query(
      `/* reconciliation.keep */ INSERT INTO reconciliation (id, currency, "periodFrom", "periodTo", digest, "bankOpening", "bankClosing",
         "booksOpening", "booksClosing", "uploadedBy", "createdAt") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING *`,
      [
        id, file.currency, file.from, file.to, digest, String(file.opening), String(file.closing), String(books.opening), String(books.closing),
        by.personId, at,
      ],
    );
  }

  async find(id: string): Promise<Reconciliation | undefined> {
    const known = uuidOf(id);
    if (!known) return undefined;
    const rows: Reconciliation[] = await this.parts.dataSource.query('/* reconciliation.byId */ SELECT * FROM reconciliation WHERE id = $1', [known]);
    return rows[0];
  }

  /** Gives comparisons, the newest first. */
  list({ limit, after }: { limit: number; after: string | undefined }): Promise<Reconciliation[]> {
    return this.parts.dataSource.query(
      `/* reconciliation.list */ SELECT * FROM reconciliation WHERE id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
       ORDER BY id DESC LIMIT $2`,
      [after ?? null, limit],
    );
  }

  /** Gives what each class comes to; of the books only what stands in them. */
  totals(id: string): Promise<ClassTotal[]> {
    return this.parts.dataSource.query(
      `/* reconciliation.totals */ SELECT class, count(*)::int AS count, coalesce(sum("bankAmount"), 0)::bigint AS "bankAmount",
         coalesce(sum("ownAmount") FILTER (WHERE "ownBooked"), 0)::bigint AS "booksAmount"
       FROM reconciliation_line WHERE "reconciliationId" = $1 GROUP BY class ORDER BY class`,
      [id],
    );
  }

  /** Gives lines in their order, of one class where it is given. */
  lines(id: string, page: { class: LineClass | undefined; limit: number; after: number | undefined }): Promise<ReconciliationLineEntity[]> {
    return this.parts.dataSource.query(
      `/* reconciliation.lines */ SELECT seq, class, reason, reference, kind, "bookingId", "bankAmount", "bankBookedOn"::text AS "bankBookedOn",
         "ownAmount", "ownBookedOn"::text AS "ownBookedOn", "ownBooked"
       FROM reconciliation_line WHERE "reconciliationId" = $1 AND seq > $2 AND ($3::text IS NULL OR class = $3) ORDER BY seq LIMIT $4`,
      [id, page.after ?? 0, page.class ?? null, page.limit],
    );
  }
}

const sideOf = ({ bank, own }: ComparedLine): Pick<BankLine, 'reference' | 'kind'> => {
  const { reference, kind } = (bank ?? own)!;
  return { reference, kind };
};

/** Gives the SHA-256 of a file with what was said of it, in hexadecimal. */
function digestOf({ currency, from, to, opening, closing, csv }: BankFile): string {
  const said: (CurrencyCode | string)[] = [currency, from, to, String(opening), String(closing), csv];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

async function keepLines(tx: Tx, reconciliationId: string, lines: readonly ComparedLine[]): Promise<void> {
  await tx.query(
    `/* reconciliation.keepLines */ INSERT INTO reconciliation_line ("reconciliationId", seq, class, reason, reference, kind, "bookingId", "bankAmount",
       "bankBookedOn", "ownAmount", "ownBookedOn", "ownBooked")
     SELECT $1, l.* FROM jsonb_to_recordset($2::jsonb) AS l (seq int, class text, reason text, reference text, kind text, "bookingId" text,
       "bankAmount" bigint, "bankBookedOn" date, "ownAmount" bigint, "ownBookedOn" date, "ownBooked" boolean)`,
    [reconciliationId, JSON.stringify(lines.map((line, index) => ({
      seq: index + 1, class: line.class, reason: line.reason, ...sideOf(line), bookingId: line.bank?.bookingId ?? null,
      bankAmount: line.bank ? String(line.bank.amount) : null, bankBookedOn: line.bank?.bookedOn ?? null,
      ownAmount: line.own ? String(line.own.amount) : null, ownBookedOn: line.own?.bookedOn ?? null, ownBooked: line.own?.booked ?? null,
    })))],
  );
}
