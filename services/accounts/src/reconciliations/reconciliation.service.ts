import type { CurrencyCode } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Operator } from '../approvals/approval.handler';
import { reasonRefusals } from '../audit/audit.domain';
import { readChunk } from '../uploads/csv-chunk.reader';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { whileSessionLives } from '../sessions/session.service';
import { CHUNK_MAX } from '../uploads/chunk.domain';
import { type BankPeriod, checkFile, fileRefused, readBankFile } from './bank-file.domain';
import { readOwnLines, readReferences } from './own-lines.reader';
import type { BankLine, LineClass } from './reconciliation.domain';
import type { ReconciliationEntity, ReconciliationLineEntity } from './reconciliation.entity';
import { auditRun, digestOf, digestOn, findByDigest, keepPart, keepRun, NO_LINES, takeTurn } from './reconciliation.keeping';
import { WHOLE } from './reconciliation.sql';

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

/** Holds what the bank says of Tael's own account against the books. A comparison of a file that came in parts is shown once it is whole. */
export class ReconciliationService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  /** Compares a file with the books and opens a break for each line that does not fit. The same file again gives the same comparison. */
  async reconcile(by: Operator, file: BankFile): Promise<Outcome<{ reconciliation: Reconciliation }>> {
    const invalid = reasonRefusals(file.reason);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    if (file.csv.length > CHUNK_MAX) return refuse('INVALID_INPUT', ['input', 'csv'], 'TOO_LONG');
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
    const digest = digestOf(file, digestOn(NO_LINES, bank));
    await takeTurn(tx, currency);
    if (await isComparing(tx, currency)) return refuse('NOT_ALLOWED', ['input', 'currency'], 'COMPARISON_UNDER_WAY');
    const known = await findByDigest(tx, digest);
    if (known && !known.whole) return refuse('NOT_ALLOWED', ['input', 'csv'], 'COMPARISON_FAILED');
    if (known) return { ok: true, reconciliation: known };
    const at = this.parts.now();
    const own = await readOwnLines(tx, file, { references: await readReferences(tx, file), named: bank.map(({ reference }) => reference) }, at);
    const reconciliation = await keepRun(tx, { id: uuidv7(), digest, period: file, personId: by.personId, at });
    await keepPart(tx, { id: reconciliation.id, currency, at }, { bank, own, open: false }, 0);
    await auditRun(tx, reconciliation, { reason, at });
    return { ok: true, reconciliation };
  }

  async find(id: string): Promise<Reconciliation | undefined> {
    const known = uuidOf(id);
    if (!known) return undefined;
    const rows: Reconciliation[] = await this.parts.dataSource.query(`/* reconciliation.byId */ SELECT r.* FROM reconciliation r WHERE r.id = $1 AND ${WHOLE}`, [known]);
    return rows[0];
  }

  /** Gives comparisons, the newest first. */
  list({ limit, after }: { limit: number; after: string | undefined }): Promise<Reconciliation[]> {
    return this.parts.dataSource.query(
      `/* reconciliation.list */ SELECT r.* FROM reconciliation r WHERE r.id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AND ${WHOLE}
       ORDER BY r.id DESC LIMIT $2`,
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

  /** Gives lines by day, of one class where it is given. */
  lines(id: string, page: { class: LineClass | undefined; limit: number; after: number | undefined }): Promise<ReconciliationLineEntity[]> {
    const day = 'coalesce("bankBookedOn", "ownBookedOn")';
    return this.parts.dataSource.query(
      `/* reconciliation.lines */ SELECT seq, class, reason, reference, kind, "bookingId", "bankAmount", "bankBookedOn"::text AS "bankBookedOn",
         "ownAmount", "ownBookedOn"::text AS "ownBookedOn", "ownBooked"
       FROM reconciliation_line WHERE "reconciliationId" = $1 AND ($3::text IS NULL OR class = $3) AND ($2::int IS NULL OR
         (${day}, seq) > (SELECT ${day}, seq FROM reconciliation_line WHERE "reconciliationId" = $1 AND seq = $2)) ORDER BY ${day}, seq LIMIT $4`,
      [id, page.after ?? null, page.class ?? null, page.limit],
    );
  }
}

/** Says whether a file of the currency that came in parts is being compared: the next waits for what it says. */
async function isComparing(tx: Tx, currency: CurrencyCode): Promise<boolean> {
  const rows: unknown[] = await tx.query(`/* reconciliation.comparing */ SELECT 1 FROM bank_file WHERE currency = $1 AND status = 'COMPARING'`, [currency]);
  return rows.length > 0;
}
