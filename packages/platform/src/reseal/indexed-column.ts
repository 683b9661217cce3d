import type { Sealer } from '../seal';
import { countByKey, firstFound, type OnFault, type ResealTask, underKey, Unreadable } from './reseal.task';

/**
 * A blind index, and beside it the column with the id of its key; empty where the name was made before ids were kept. The
 * value that is named stands sealed in the same row. The column with the id needs an index.
 */
export interface IndexedColumn {
  readonly table: string;
  readonly column: string;
  readonly keyIdColumn: string;
  readonly key: string;
  readonly owner: string;
  /** The column in which the named value stands sealed for the owner. */
  readonly sealed: string;
  readonly purpose: string;
  /** Gives the value that is named of the text that was sealed. */
  readonly valueOf: (plain: string) => string;
}

interface Row {
  readonly key: string;
  readonly owner: string;
  readonly sealed: string;
  readonly name: string;
}

/** Makes the task that puts the names of a column under the first key. Look-ups ask under all keys meanwhile. */
export function indexedColumn(sealer: Sealer, spec: IndexedColumn, onFault: OnFault = () => undefined): ResealTask {
  const { table, column, keyIdColumn, key, owner, sealed, purpose, valueOf } = spec;
  const unreadable = new Unreadable();
  return {
    table,
    column,
    left: (manager) => countByKey(manager, { table, keyId: `"${keyIdColumn}"`, where: 'true' }, sealer.keyId),
    async step(tx, limit) {
      const rows = await firstFound<Row>(['', ...sealer.oldKeyIds], (keyId) =>
        tx.query(
          `/* reseal.names */ SELECT "${key}"::text AS key, "${owner}"::text AS owner, "${sealed}" AS sealed, "${column}" AS name
           FROM "${table}" WHERE ${underKey(`"${keyIdColumn}"`)} AND "${key}" <> ALL ($2::uuid[])
           ORDER BY "${keyIdColumn}" LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED`,
          [keyId, unreadable.list(), limit],
        ),
      );
      const renewed = unreadable.each(
        rows,
        (row) => ({ ...row, renamed: sealer.blindIndex(valueOf(sealer.open(row.sealed, row.owner)), purpose) }),
        (row, error) => onFault({ table, column, key: row.key, error }),
      );
      if (renewed.length === 0) return 0;
      const done: unknown[] = await tx.query(
        `/* reseal.rename */ WITH done AS (
           UPDATE "${table}" AS t SET "${column}" = v.after, "${keyIdColumn}" = $4
           FROM unnest($1::uuid[], $2::text[], $3::text[]) AS v (key, before, after)
           WHERE t."${key}" = v.key AND t."${key}" = ANY ($1::uuid[]) AND t."${column}" = v.before RETURNING 1)
         SELECT 1 FROM done`,
        [renewed.map((row) => row.key), renewed.map((row) => row.name), renewed.map((row) => row.renamed), sealer.keyId],
      );
      return done.length;
    },
  };
}
