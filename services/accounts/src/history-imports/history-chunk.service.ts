import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import { v7 as uuidv7 } from 'uuid';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { CHUNK_MAX, linesOf, placeOf } from '../uploads/chunk.domain';
import { NUMBER_PURPOSE, plainNumber } from './account-number.domain';
import { readChunk } from '../uploads/csv-chunk.reader';
import { mayTake } from './history-import.domain';
import type { HistoryImportEntity } from './history-import.entity';
import { ADD_LINES } from './history-import.sql';
import { type HistoryRow, isProblem, type Problem, readHeader, readRow } from './history-row.domain';

export interface Chunk {
  /** 0 for the first. */
  readonly number: number;
  /** Whole lines of the file; the first chunk begins with the header. */
  readonly text: string;
}

interface TakenChunk extends Chunk {
  readonly digest: Buffer;
  /** `2026-11-28`: no booking is later. */
  readonly today: string;
  readonly now: Date;
  readonly sealer: Sealer;
}

/** What is kept of problems for the bank to read; all are counted. */
export const PROBLEMS_KEPT = 1_000;

/** Takes a chunk into an import that this transaction holds. */
export async function addChunk(tx: Tx, held: HistoryImportEntity, chunk: TakenChunk): Promise<Outcome<object>> {
  if (chunk.text.length > CHUNK_MAX) return refuse('INVALID_INPUT', ['input', 'csv'], 'TOO_LONG');
  const place = placeOf(chunk.number, held.nextChunk);
  if (place === 'NOT_DUE') return refuse('INVALID_INPUT', ['input', 'number'], 'CHUNK_NOT_DUE');
  if (place === 'BEFORE') return takenBefore(tx, held, chunk);
  const lines = linesOf(chunk.text);
  const may = mayTake(held, lines);
  if (!may.ok) return may;
  const read = readChunk(chunk.text, held.nextLine);
  if ('wrongLine' in read) return refuse('INVALID_INPUT', ['input', 'csv', String(read.wrongLine)], 'CSV');
  const [first, ...others] = read.rows;
  const headerCells = held.header ?? first?.cells ?? [];
  const header = readHeader(headerCells);
  if ('wrong' in header) return refuse('INVALID_INPUT', ['input', 'csv'], 'CSV_HEADER');
  const cells = held.header ? read.rows : others;
  const shape = { at: header.at, columns: headerCells.length, currency: held.currency, today: chunk.today };
  const rows = cells.map((row) => readRow(row.cells, row.line, shape));
  const good = rows.filter((row): row is HistoryRow => !isProblem(row));
  const problems = rows.filter(isProblem);
  await addRows(tx, held, good, chunk.sealer);
  await addProblems(tx, held, problems);
  await tx.query('/* history.chunk */ INSERT INTO history_chunk ("importId", number, digest) VALUES ($1, $2, $3)', [held.id, chunk.number, chunk.digest]);
  await tx.query(
    `/* history.chunkTaken */ UPDATE history_import SET header = $2, "nextChunk" = "nextChunk" + 1, "nextLine" = "nextLine" + $3, "heardAt" = $6,
       "lineCount" = "lineCount" + $4, "problemCount" = "problemCount" + $5 WHERE id = $1`,
    [held.id, headerCells, lines, good.length, problems.length, chunk.now],
  );
  return { ok: true };
}

async function takenBefore(tx: Tx, { id }: HistoryImportEntity, chunk: TakenChunk): Promise<Outcome<object>> {
  const [row]: { digest: Buffer }[] = await tx.query('/* history.chunkBefore */ SELECT digest FROM history_chunk WHERE "importId" = $1 AND number = $2', [id, chunk.number]);
  return row?.digest.equals(chunk.digest) ? { ok: true } : refuse('IDEMPOTENCY_KEY_REUSED', ['input', 'number']);
}

async function addRows(tx: Tx, held: HistoryImportEntity, rows: readonly HistoryRow[], sealer: Sealer): Promise<void> {
  if (rows.length === 0) return;
  const ids = await accountIds(tx, held, { numbers: [...new Set(rows.map(({ account }) => plainNumber(account)))], sealer });
  const accounts = rows.map(({ account }) => ids.get(plainNumber(account))!);
  await tx.query(ADD_LINES, [
    held.id, rows.map(() => uuidv7()), rows.map(({ line }) => line), accounts, rows.map(({ bookedOn }) => bookedOn),
    rows.map(({ amount }) => amount.toString()), rows.map(({ balanceAfter }) => balanceAfter.toString()),
    rows.map(({ details }, index) => sealer.seal(JSON.stringify(details), accounts[index]!)),
  ]);
}

/** Finds the accounts of numbers, and makes those that the bank did not name before; they open with the import. */
async function accountIds(
  tx: Tx, { partnerId, currency }: { partnerId: string; currency: CurrencyCode }, { numbers, sealer }: { numbers: readonly string[]; sealer: Sealer },
): Promise<Map<string, string>> {
  const byName = new Map(numbers.flatMap((number) => sealer.blindIndexes(number, NUMBER_PURPOSE).map((name) => [name, number] as const)));
  const rows: { id: string; name: string }[] = await tx.query(
    '/* history.accounts */ SELECT id, "numberIndex" AS name FROM partner_account WHERE "partnerId" = $1 AND currency = $2 AND "numberIndex" = ANY ($3)',
    [partnerId, currency, [...byName.keys()]],
  );
  const ids = new Map(rows.map(({ id, name }) => [byName.get(name)!, id]));
  const missing = numbers.filter((number) => !ids.has(number)).map((number) => ({ number, id: uuidv7() }));
  for (const { number, id } of missing) ids.set(number, id);
  if (missing.length > 0) {
    // The bank's imports are ordered by their lock: nobody makes the same account at the same time.
    await tx.query(
      `/* history.newAccounts */ INSERT INTO partner_account (id, "partnerId", currency, "numberIndex", "numberIndexKey", number)
       SELECT a.id, $1, $2, a.name, $3, a.number FROM unnest($4::uuid[], $5::text[], $6::text[]) AS a (id, name, number)`,
      [partnerId, currency, sealer.keyId, missing.map(({ id }) => id), missing.map(({ number }) => sealer.blindIndex(number, NUMBER_PURPOSE)),
        missing.map(({ number, id }) => sealer.seal(number, id))],
    );
  }
  return ids;
}

async function addProblems(tx: Tx, { id, problemCount }: HistoryImportEntity, problems: readonly Problem[]): Promise<void> {
  const kept = problems.slice(0, Math.max(0, PROBLEMS_KEPT - problemCount));
  if (kept.length === 0) return;
  await tx.query(
    '/* history.addProblems */ INSERT INTO history_problem ("importId", line, code) SELECT $1, p.line, p.code FROM unnest($2::integer[], $3::text[]) AS p (line, code)',
    [id, kept.map(({ line }) => line), kept.map(({ code }) => code)],
  );
}
