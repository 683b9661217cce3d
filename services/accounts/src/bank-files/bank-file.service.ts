import { createHash } from 'node:crypto';
import { formatAmount } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Operator } from '../approvals/approval.handler';
import { reasonRefusals } from '../audit/audit.domain';
import { audit, auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type BankPeriod, checkBalances, checkDays, checkPeriod, type FileLine, fileRefused, movedBy } from '../reconciliations/bank-file.domain';
import { digestOn, findByDigest, NO_LINES, takeTurn } from '../reconciliations/reconciliation.keeping';
import { whileSessionLives } from '../sessions/session.service';
import { CHUNK_MAX, endsOf, linesOf, placeOf } from '../uploads/chunk.domain';
import { isReference } from '../uploads/file-text.domain';
import { type BankFileStatus, type BankFileStep, statusAfter } from './bank-file-status.domain';
import type { BankFileEntity, BankFileFormat } from './bank-file.entity';
import { comparisonOf } from './bank-file.period';
import { checkWhole, readPartOfFile } from './bank-file.reader';

/** What an operator says of a file before it comes. */
export interface NewBankFile extends BankPeriod {
  readonly reference: string;
  readonly format: BankFileFormat;
  readonly reason: string;
}

export type BankFileOutcome = Outcome<{ file: BankFileEntity }>;

// What no text of a bank has, and the database does not take: control characters but tabs and ends of lines, and halves of characters.
const UNUSABLE = /(?![\t\n\r])[\p{Cc}\p{Cs}]/u;
// More than all banks have booked: a sum of chunks stays within what the database counts.
const MOVED_MAX = 10n ** 18n;
const COLUMNS = `id, reference, currency, format, "periodFrom"::text AS "periodFrom", "periodTo"::text AS "periodTo", opening, closing, reason, status, reader,
  "nextChunk", "nextLine", "lineCount", staged, moved, digest, "comparedLines", through, faults, "lookAt", "reconciliationId", "uploadedBy", "createdAt", "endedAt"`;

/** Bank files of any length: chunks are stored as they come, then the whole is compared with the books, in small transactions of a loop. */
export class BankFileService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  /** Begins a file, or gives the one that was begun under the reference. */
  async open(by: Operator, command: NewBankFile): Promise<BankFileOutcome> {
    const invalid = reasonRefusals(command.reason);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    if (!isReference(command.reference)) return refuse('INVALID_INPUT', ['input', 'reference'], 'CHARACTERS');
    const at = this.parts.now();
    const checked = checkPeriod(command, at.toISOString().slice(0, 10));
    if (!checked.ok) return checked;
    return inTransaction(this.parts.dataSource, (tx) => whileSessionLives(tx, by, async (): Promise<BankFileOutcome> => {
      const { reference, currency, format, from, to, opening, closing, reason } = command;
      const id = uuidv7();
      const begun: unknown[] = await tx.query(
        `/* bankFile.open */ INSERT INTO bank_file (id, reference, currency, format, "periodFrom", "periodTo", opening, closing, reason, status,
           "nextChunk", "nextLine", "lineCount", staged, moved, digest, "comparedLines", through, "uploadedBy", "createdAt")
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'UPLOADING', 0, 1, 0, 0, 0, $10, 0, '', $11, $12) ON CONFLICT (reference) DO NOTHING RETURNING 1`,
        [id, reference, currency, format, from, to, String(opening), String(closing), reason, NO_LINES, by.personId, at],
      );
      if (begun.length > 0) {
        const after = { status: 'UPLOADING', reference, currency, format, from, to, opening: formatAmount(opening, currency), closing: formatAmount(closing, currency) };
        await audit(tx, { kind: 'BANK_FILE', id }, { actorId: by.personId, action: 'FILE_OPENED', before: null, after, reason, at });
      }
      const [file]: BankFileEntity[] = await tx.query(`/* bankFile.byReference */ SELECT ${COLUMNS} FROM bank_file WHERE reference = $1`, [reference]);
      const isTheSame = file!.currency === currency && file!.format === format && file!.periodFrom === from && file!.periodTo === to
        && file!.opening === opening && file!.closing === closing;
      return isTheSame ? { ok: true, file: file! } : refuse('IDEMPOTENCY_KEY_REUSED', ['input', 'reference']);
    }));
  }

  /** Takes the next chunk. One that was taken before is passed over; nothing of a chunk with a wrong row is taken. */
  add(by: Operator, { fileId, number, text }: { fileId: string; number: number; text: string }): Promise<BankFileOutcome> {
    return this.step(by, fileId, 'ADD', async (tx, file) => {
      if (text.length > CHUNK_MAX) return refuse('INVALID_INPUT', ['input', 'text'], 'TOO_LONG');
      if (UNUSABLE.test(text)) return refuse('INVALID_INPUT', ['input', 'text'], 'CHARACTERS');
      const place = placeOf(number, file.nextChunk);
      if (place === 'NOT_DUE') return refuse('INVALID_INPUT', ['input', 'number'], 'BANK_FILE_CHUNK_NOT_DUE');
      const digest = createHash('sha256').update(text).digest();
      if (place === 'BEFORE') return takenBefore(tx, file, { number, digest });
      const read = readPartOfFile({ ...file, text, firstLine: file.nextLine });
      if (!read.ok) return read;
      const days = checkDays({ from: file.periodFrom, to: file.periodTo }, read.lines, 'text');
      if (!days.ok) return days;
      const moved = file.moved + movedBy(read.lines);
      if (moved > MOVED_MAX || moved < -MOVED_MAX) return refuse('INVALID_INPUT', ['input', 'text'], 'BANK_BALANCES');
      const kept = await keepLines(tx, file, read.lines);
      if (!kept.ok) return kept;
      await tx.query('/* bankFile.chunk */ INSERT INTO bank_file_chunk ("fileId", number, digest) VALUES ($1, $2, $3)', [file.id, number, digest]);
      await tx.query(
        `/* bankFile.chunkTaken */ UPDATE bank_file SET reader = $2, "nextChunk" = "nextChunk" + 1, "nextLine" = "nextLine" + $3, digest = $6,
           "lineCount" = "lineCount" + $4, staged = staged + $4, moved = $5 WHERE id = $1`,
        [
          file.id, JSON.stringify(read.reader), file.format === 'CSV' ? linesOf(text) : endsOf(text), read.lines.length, String(moved), digestOn(file.digest, read.lines),
        ],
      );
      const lineCount = file.lineCount + read.lines.length;
      await audit(tx, { kind: 'BANK_FILE', id: file.id }, {
        actorId: by.personId, action: 'FILE_CHUNK_ADDED', before: { lineCount: file.lineCount }, after: { number, lineCount, sha256: digest.toString('hex') },
        reason: 'Handed in', at: this.parts.now(),
      });
      return { ok: true };
    });
  }

  /** Ends the upload: from here on the service compares the whole. Balances to which the bookings do not lead say that chunks are missing. */
  compare(by: Operator, fileId: string): Promise<BankFileOutcome> {
    return this.step(by, fileId, 'COMPARE', async (tx, file) => {
      if (file.nextChunk === 0) return refuse('INVALID_INPUT', ['input', 'fileId'], 'EMPTY');
      const whole = checkWhole(file);
      if (!whole.ok) return whole;
      const balances = checkBalances(file, file.moved);
      if (!balances.ok) return refuse('INVALID_INPUT', ['input', 'fileId'], 'BANK_BALANCES');
      const may = await mayBegin(tx, file);
      if (!may.ok) return may;
      await tx.query(`/* bankFile.compare */ UPDATE bank_file SET status = 'COMPARING' WHERE id = $1`, [file.id]);
      await this.note(tx, by, file, { action: 'FILE_SUBMITTED', status: 'COMPARING', reason: 'Submitted for comparison' });
      return { ok: true };
    });
  }

  /** Lets a comparison that has failed go on from where it was, once its cause is mended. */
  async retry(by: Operator, { fileId, reason }: { fileId: string; reason: string }): Promise<BankFileOutcome> {
    const invalid = reasonRefusals(reason);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    return this.step(by, fileId, 'RETRY', async (tx, file) => {
      const may = await mayBegin(tx, file);
      if (!may.ok) return may;
      await tx.query(`/* bankFile.retry */ UPDATE bank_file SET status = 'COMPARING', faults = 0, "lookAt" = NULL WHERE id = $1`, [file.id]);
      await this.note(tx, by, file, { action: 'FILE_RETRIED', status: 'COMPARING', reason });
      return { ok: true };
    });
  }

  /** Gives a file up whose comparison has not begun. Under its row's lock: a worker that has it in hand begins first, or finds it given up. */
  discard(by: Operator, fileId: string): Promise<BankFileOutcome> {
    return this.step(by, fileId, 'DISCARD', async (tx, file) => {
      await tx.query(`/* bankFile.discard */ UPDATE bank_file SET status = 'DISCARDED', "endedAt" = $2, "lookAt" = NULL WHERE id = $1`, [file.id, this.parts.now()]);
      await this.note(tx, by, file, { action: 'FILE_DISCARDED', status: 'DISCARDED', reason: 'Given up before its comparison' });
      return { ok: true };
    });
  }

  /** Gives up to `page.limit` entries about a file, the newest first. */
  trail(id: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'BANK_FILE', id }, page);
  }

  async find(fileId: string): Promise<BankFileEntity | undefined> {
    const id = uuidOf(fileId);
    if (!id) return undefined;
    const [file]: BankFileEntity[] = await this.parts.dataSource.query(`/* bankFile.byId */ SELECT ${COLUMNS} FROM bank_file WHERE id = $1`, [id]);
    return file;
  }

  /** Gives files, the newest first, of one status where it is given. */
  list({ status, limit, after }: { status: BankFileStatus | undefined; limit: number; after: string | undefined }): Promise<BankFileEntity[]> {
    return this.parts.dataSource.query(
      `/* bankFile.list */ SELECT ${COLUMNS} FROM bank_file WHERE ($1::text IS NULL OR status = $1)
         AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC LIMIT $3`,
      [status ?? null, after ?? null, limit],
    );
  }

  private async note(
    tx: Tx, { personId: actorId }: Operator, { id, status: before }: BankFileEntity, { action, status, reason }: { action: string; status: BankFileStatus; reason: string },
  ): Promise<void> {
    await audit(tx, { kind: 'BANK_FILE', id }, { actorId, action, before: { status: before }, after: { status }, reason, at: this.parts.now() });
  }

  private async step(by: Operator, fileId: string, step: BankFileStep, work: (tx: Tx, file: BankFileEntity) => Promise<Outcome<object>>): Promise<BankFileOutcome> {
    const id = uuidOf(fileId);
    const field = ['input', 'fileId'];
    if (!id) return refuse('NOT_FOUND', field);
    return inTransaction(this.parts.dataSource, (tx) => whileSessionLives(tx, by, async (): Promise<BankFileOutcome> => {
      const take = async (): Promise<BankFileEntity[]> => tx.query(`/* bankFile.take */ SELECT ${COLUMNS} FROM bank_file WHERE id = $1 FOR NO KEY UPDATE`, [id]);
      const [file] = await take();
      if (!file) return refuse('NOT_FOUND', field);
      const after = statusAfter(file, step);
      if (after === undefined) return refuse('NOT_ALLOWED', field, 'BANK_FILE_STATUS');
      const done = after === file.status && step !== 'ADD' ? { ok: true as const } : await work(tx, file);
      return done.ok ? { ok: true, file: (await take())[0]! } : done;
    }));
  }
}

/**
 * Refuses a file while another of its currency is compared, and one whose bookings are in another that is compared in part: two comparisons
 * cannot be of the same bookings, and half of one shows nothing.
 */
async function mayBegin(tx: Tx, file: BankFileEntity): Promise<Outcome<object>> {
  const { currency, reconciliationId } = file;
  await takeTurn(tx, currency);
  const other: unknown[] = await tx.query(`/* bankFile.other */ SELECT 1 FROM bank_file WHERE currency = $1 AND status = 'COMPARING'`, [currency]);
  if (other.length > 0) return refuse('NOT_ALLOWED', ['input', 'fileId'], 'COMPARISON_UNDER_WAY');
  const known = reconciliationId === null ? await findByDigest(tx, comparisonOf(file)) : undefined;
  return known && !known.whole ? refuse('NOT_ALLOWED', ['input', 'fileId'], 'COMPARISON_FAILED') : { ok: true };
}

async function takenBefore(tx: Tx, { id }: BankFileEntity, chunk: { number: number; digest: Buffer }): Promise<Outcome<object>> {
  const [row]: { digest: Buffer }[] = await tx.query('/* bankFile.chunkBefore */ SELECT digest FROM bank_file_chunk WHERE "fileId" = $1 AND number = $2', [id, chunk.number]);
  return row?.digest.equals(chunk.digest) ? { ok: true } : refuse('IDEMPOTENCY_KEY_REUSED', ['input', 'number']);
}

/** Keeps the bookings of a chunk; one whose name an earlier chunk has is named by its line. */
async function keepLines(tx: Tx, { id }: BankFileEntity, lines: readonly FileLine[]): Promise<Outcome<object>> {
  const known: { bookingId: string }[] = await tx.query(
    '/* bankFile.known */ SELECT "bookingId" FROM bank_file_line WHERE "fileId" = $1 AND "bookingId" = ANY ($2)', [id, lines.map(({ bookingId }) => bookingId)],
  );
  const names = new Set(known.map(({ bookingId }) => bookingId));
  const twice = lines.find(({ bookingId }) => names.has(bookingId) || !names.add(bookingId));
  if (twice) return fileRefused({ line: twice.line, column: 'booking_id' }, 'text');
  await tx.query(
    `/* bankFile.lines */ INSERT INTO bank_file_line ("fileId", "bookingId", reference, kind, amount, "bookedOn")
     SELECT $1, l.* FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::date[]) AS l`,
    [
      id, lines.map(({ bookingId }) => bookingId), lines.map(({ reference }) => reference), lines.map(({ kind }) => kind),
      lines.map(({ amount }) => String(amount)), lines.map(({ bookedOn }) => bookedOn),
    ],
  );
  return { ok: true };
}
