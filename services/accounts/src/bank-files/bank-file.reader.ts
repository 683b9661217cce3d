import type { CurrencyCode } from '@tael/money';
import { readChunk } from '../uploads/csv-chunk.reader';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type FileLine, fileRefused, readBankFile } from '../reconciliations/bank-file.domain';
import type { BankFileFormat } from './bank-file.entity';
import { type CamtState, isWhole, readCamt } from './camt.reader';

/** A chunk of a file, and what its reader knows of those before. */
export interface PartOfFile {
  readonly format: BankFileFormat;
  readonly text: string;
  /** The line of the file in which the chunk begins. */
  readonly firstLine: number;
  readonly currency: CurrencyCode;
  /** What the reader gave with the chunk before; null for the first. */
  readonly reader: unknown;
}

/** The field of the input that a wrong row is in. */
const FIELD = 'text';

/** Reads the bookings of a chunk, and what the next chunk needs of it. A wrong row is named by its line of the file. */
export function readPartOfFile({ format, text, firstLine, currency, reader }: PartOfFile): Outcome<{ lines: readonly FileLine[]; reader: unknown }> {
  if (format === 'CAMT053') {
    const read = readCamt(text, { firstLine, currency, state: reader as CamtState | null });
    return 'problem' in read ? fileRefused(read.problem, FIELD) : { ok: true, lines: read.lines, reader: read.state };
  }
  const chunk = readChunk(text, firstLine);
  if ('wrongLine' in chunk) return fileRefused({ line: chunk.wrongLine, column: 'csv' }, FIELD);
  const read = readBankFile(chunk.rows, currency, (reader as string[] | null) ?? undefined);
  return 'problem' in read ? fileRefused(read.problem, FIELD) : { ok: true, lines: read.lines, reader: read.header };
}

/** Refuses a file that has not ended, or whose own balances are not those that were said of it. */
export function checkWhole({ format, reader, opening, closing }: { format: BankFileFormat; reader: unknown; opening: bigint; closing: bigint }): Outcome<object> {
  if (format === 'CSV') return { ok: true };
  const state = reader as CamtState | null;
  if (!isWhole(state)) return refuse('INVALID_INPUT', ['input', 'fileId'], 'BANK_FILE_OPEN');
  const isSame = (said: string | null, balance: bigint): boolean => said === null || BigInt(said) === balance;
  return isSame(state!.opening, opening) && isSame(state!.closing, closing) ? { ok: true } : refuse('INVALID_INPUT', ['input', 'fileId'], 'BANK_BALANCES');
}
