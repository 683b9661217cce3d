import type { DataSource } from 'typeorm';
import type { Tx } from '../postgres';

/** Rows of one column that do not stand under the first key of their ring, by the id of the key that they stand under. */
export type RowsByKey = ReadonlyMap<string, number>;

/** One column whose values are bound to a key, and how they come under the first key of the ring. */
export interface ResealTask {
  readonly table: string;
  readonly column: string;
  /** What is left to do. Rows under a key that is not in the ring count too: nobody can put them under another. */
  left(manager: DataSource | Tx): Promise<RowsByKey>;
  /**
   * Puts up to `limit` rows under the first key, in the given transaction; gives how many. Where somebody else has changed
   * or holds a row, theirs stands and the row is looked at again later.
   */
  step(tx: Tx, limit: number): Promise<number>;
}

/** Tells of a row that could not be put under another key. */
export type OnFault = (fault: { table: string; column: string; key: string; error: unknown }) => void;

// So many rows that cannot be opened are passed over one by one; more than that is no accident of single rows.
const UNREADABLE_MAX = 1_000;

/** Rows that a task cannot put under another key: passed over, so that they do not stand in the way of all others. */
export class Unreadable {
  private readonly keys = new Set<string>();

  /** Gives what `work` gives for each row; a row for which it throws is told of once and left out from then on. */
  each<Row extends { key: string }, Done>(rows: readonly Row[], work: (row: Row) => Done, fault: (row: Row, error: unknown) => void): Done[] {
    return rows.flatMap((row) => {
      try {
        return [work(row)];
      } catch (error) {
        if (this.keys.size < UNREADABLE_MAX) this.keys.add(row.key);
        fault(row, error);
        return [];
      }
    });
  }

  list(): string[] {
    return [...this.keys];
  }
}

/**
 * Gives the condition for rows under the key $1, in the order of the index on it. Written as a range: a plan that is kept does
 * not know the value, and where all rows stand under one key an equality looks to the planner as if it gave them all.
 */
export function underKey(keyId: string): string {
  return `${keyId} >= $1 AND ${keyId} <= $1`;
}

/** Gives the rows that `find` gives for the first of these keys for which there are any. */
export async function firstFound<Row>(keyIds: readonly string[], find: (keyId: string) => Promise<Row[]>): Promise<Row[]> {
  for (const keyId of keyIds) {
    const rows = await find(keyId);
    if (rows.length > 0) return rows;
  }
  return [];
}

/**
 * Counts the rows under each key but the first. The keys are found by jumps in the index, one a key: where nothing is left
 * the table is not read. The first jump compares too, since a partial index is not seen to hold a column that is never null.
 */
export async function countByKey(
  manager: DataSource | Tx,
  column: { table: string; keyId: string; where: string },
  first: string,
): Promise<RowsByKey> {
  const { table, keyId, where } = column;
  const ids: { id: string }[] = await manager.query(
    `/* reseal.keys */ WITH RECURSIVE k AS (
       (SELECT ${keyId} AS id FROM "${table}" WHERE ${where} AND ${keyId} >= '' ORDER BY 1 LIMIT 1)
       UNION ALL
       SELECT (SELECT ${keyId} FROM "${table}" WHERE ${where} AND ${keyId} > k.id ORDER BY 1 LIMIT 1)
       FROM k WHERE k.id IS NOT NULL)
     SELECT id FROM k WHERE id <> $1`,
    [first],
  );
  const left = new Map<string, number>();
  for (const { id } of ids) {
    const [row]: { rows: bigint }[] = await manager.query(
      `/* reseal.count */ SELECT count(*) AS rows FROM "${table}" WHERE ${where} AND ${underKey(keyId)}`,
      [id],
    );
    left.set(id, Number(row!.rows));
  }
  return left;
}
