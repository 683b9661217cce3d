import { CsvError, parse } from 'csv-parse/sync';

/** A line of a chunk as its cells, and the line of the file that it begins in. */
export interface CellRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Splits a chunk of CSV (RFC 4180) into rows. Empty lines are passed over, and a byte order mark at the beginning.
 * @param firstLine the line of the file in which the chunk begins
 * @returns the line of the file from which on it is no CSV, such as a quote that is never closed, where it is none
 */
export function readChunk(text: string, firstLine: number): { readonly rows: readonly CellRow[] } | { readonly wrongLine: number } {
  try {
    const records = parse(text, { bom: true, record_delimiter: ['\r\n', '\n'], relax_column_count: true, skip_empty_lines: true, info: true }) as unknown as {
      record: string[]; info: { lines: number };
    }[];
    // The library tells the line in which a record ends; of ours each has one line, since texts have no line breaks.
    return { rows: records.map(({ record, info }) => ({ line: firstLine + info.lines - 1, cells: record })) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as CsvError & { lines?: number };
    return { wrongLine: firstLine + (lines ?? 1) - 1 };
  }
}
