import { DatabaseUnavailable, inTransaction, ranOutOfTime, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { keepReferences, readOwnLines } from '../reconciliations/own-lines.reader';
import { type BankLine, cutPart } from '../reconciliations/reconciliation.domain';
import type { ReconciliationEntity } from '../reconciliations/reconciliation.entity';
import { auditRun, findByDigest, keepPart, keepRun } from '../reconciliations/reconciliation.keeping';
import type { BankFileEntity } from './bank-file.entity';
import { noteFault } from './bank-file.faults';
import { comparisonOf, periodOf } from './bank-file.period';

/** Lines of a side that one transaction compares, and that one clears away. */
const PART = 1_000;

type Work = Pick<
  BankFileEntity,
  'id' | 'currency' | 'periodFrom' | 'periodTo' | 'opening' | 'closing' | 'reason' | 'digest' | 'comparedLines' | 'through' | 'reconciliationId' | 'uploadedBy'
>;

/** The long work of bank files, in small transactions: each leaves the comparison further, or as it was. */
export class BankFileWorkService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }, private readonly part = PART) {}

  /**
   * Does one piece of the work of one file that nobody else has in hand, of any: one that fails rests and holds none of another currency up, and
   * after some faults none of its own. Gives 1, or 0 where there is none.
   */
  async work(): Promise<number> {
    const { dataSource, now } = this.parts;
    let held: string | undefined;
    try {
      return await inTransaction(dataSource, async (tx) => {
        const [found]: Work[] = await tx.query(
          `/* bankFile.work */ SELECT id, currency, "periodFrom"::text AS "periodFrom", "periodTo"::text AS "periodTo", opening, closing, reason, digest,
             "comparedLines", through, "reconciliationId", "uploadedBy" FROM bank_file
           WHERE status = 'COMPARING' AND ("lookAt" IS NULL OR "lookAt" <= $1) ORDER BY random() LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`,
          [now()],
        );
        held = found?.id;
        if (!found) return this.clear(tx);
        if (found.reconciliationId === null) await this.begin(tx, found);
        else await this.goOn(tx, found, found.reconciliationId);
        return 1;
      });
    } catch (error) {
      // A database that is away is no fault of the file's.
      if (held === undefined || error instanceof DatabaseUnavailable) throw error;
      await noteFault(dataSource, held, now(), { inTime: !ranOutOfTime(error) });
      throw new Error(`bank file ${held} could not be compared`, { cause: error });
    }
  }

  /** Keeps what is to be expected now; the same bookings with the same balances are the comparison that was made of them before. */
  private async begin(tx: Tx, file: Work): Promise<void> {
    const period = periodOf(file);
    const digest = comparisonOf(file);
    const known = await findByDigest(tx, digest);
    // Nobody may submit one; this is the last fence.
    if (known && !known.whole) throw new Error('the same bookings are in a file whose comparison failed');
    if (known) return this.end(tx, file.id, known.id);
    const at = this.parts.now();
    await keepReferences(tx, period, file.id);
    const { id } = await keepRun(tx, { id: uuidv7(), digest, period, personId: file.uploadedBy, at });
    await tx.query('/* bankFile.begin */ UPDATE bank_file SET "reconciliationId" = $2, faults = 0, "lookAt" = NULL WHERE id = $1', [file.id, id]);
  }

  private async goOn(tx: Tx, file: Work, reconciliationId: string): Promise<void> {
    const lines: BankLine[] = await tx.query(
      `/* bankFile.bankPart */ SELECT "bookingId", reference, kind, amount, "bookedOn"::text AS "bookedOn" FROM bank_file_line
       WHERE "fileId" = $1 AND reference >= $2 ORDER BY reference, "bookingId" LIMIT $3`,
      [file.id, file.through, this.part + 1],
    );
    const expected: { reference: string }[] = await tx.query(
      '/* bankFile.ownPart */ SELECT reference FROM bank_file_own WHERE "fileId" = $1 AND reference >= $2 ORDER BY reference LIMIT $3',
      [file.id, file.through, this.part + 1],
    );
    const { bank, references, stop, open } = cutPart(lines, expected.map(({ reference }) => reference), this.part);
    const at = this.parts.now();
    const own = await readOwnLines(tx, periodOf(file), { references, named: bank.map(({ reference }) => reference) }, at);
    const compared = await keepPart(tx, { id: reconciliationId, currency: file.currency, at }, { bank, own, open }, file.comparedLines);
    await this.clearPart(tx, file.id, { stop, done: open ? compared.flatMap((line) => line.bank?.bookingId ?? []) : undefined });
    await tx.query(
      `/* bankFile.compared */ UPDATE bank_file SET "comparedLines" = "comparedLines" + $2, through = coalesce($3, through), faults = 0, "lookAt" = NULL WHERE id = $1`,
      [file.id, compared.length, stop ?? null],
    );
    if (stop === undefined) await this.finish(tx, file, reconciliationId);
  }

  /** Takes away what is compared: all before the reference at which the next part begins or, of one that goes on, those bookings. */
  private async clearPart(tx: Tx, fileId: string, { stop, done }: { stop: string | undefined; done: readonly string[] | undefined }): Promise<void> {
    const [, cleared]: [unknown, number] = done
      ? await tx.query('/* bankFile.clearSome */ DELETE FROM bank_file_line WHERE "fileId" = $1 AND "bookingId" = ANY ($2)', [fileId, done])
      : await tx.query('/* bankFile.clearPart */ DELETE FROM bank_file_line WHERE "fileId" = $1 AND ($2::text IS NULL OR reference < $2)', [fileId, stop ?? null]);
    await tx.query('/* bankFile.clearOwn */ DELETE FROM bank_file_own WHERE "fileId" = $1 AND ($2::text IS NULL OR reference < $2)', [fileId, stop ?? null]);
    await tx.query('/* bankFile.cleared */ UPDATE bank_file SET staged = staged - $2 WHERE id = $1', [fileId, cleared]);
  }

  private async finish(tx: Tx, { id, reason }: Work, reconciliationId: string): Promise<void> {
    const [run]: ReconciliationEntity[] = await tx.query('/* bankFile.run */ SELECT * FROM reconciliation WHERE id = $1', [reconciliationId]);
    await auditRun(tx, run!, { reason, at: this.parts.now() });
    await this.end(tx, id, reconciliationId);
  }

  private async end(tx: Tx, id: string, reconciliationId: string): Promise<void> {
    await tx.query(
      `/* bankFile.end */ UPDATE bank_file SET status = 'DONE', "reconciliationId" = $2, "endedAt" = $3, faults = 0, "lookAt" = NULL WHERE id = $1`,
      [id, reconciliationId, this.parts.now()],
    );
  }

  /** Clears away some of the lines of a file that was given up, or was compared before. */
  private async clear(tx: Tx): Promise<number> {
    const [left]: { id: string }[] = await tx.query(
      `/* bankFile.left */ SELECT id FROM bank_file WHERE staged > 0 AND status IN ('DONE', 'DISCARDED') ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`,
    );
    if (!left) return 0;
    const [, cleared]: [unknown, number] = await tx.query(
      `/* bankFile.clear */ DELETE FROM bank_file_line WHERE "fileId" = $1 AND "bookingId" IN (
         SELECT "bookingId" FROM bank_file_line WHERE "fileId" = $1 ORDER BY "bookingId" LIMIT $2)`,
      [left.id, this.part],
    );
    await tx.query('/* bankFile.leftLess */ UPDATE bank_file SET staged = staged - $2 WHERE id = $1', [left.id, cleared]);
    return 1;
  }
}
