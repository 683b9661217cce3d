import type { Tx } from '../postgres';
import type { Sealer } from '../seal';
import { countByKey, firstFound, type OnFault, type ResealTask, underKey, Unreadable } from './reseal.task';

/** A column of sealed text. Needs the index on its key's id that {@link sealedColumnIndex} makes. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The column by which a row is found; with the sealed text it names one row. */
  readonly key: string;
  /** The column with the id that the text is sealed for. */
  readonly owner: string;
  /** A function (uuid[], text[], text[]) that alone may change the column: key, text of before, text of after. */
  readonly through?: string;
  /** Rows of one transaction at most, where they are long: sealing is work of one moment, in the process that answers people. */
  readonly rowsMax?: number;
  /** What else is to be done in the transaction that has sealed rows anew, by their keys. */
  readonly afterwards?: (tx: Tx, keys: readonly string[]) => Promise<void>;
}

interface Row {
  readonly key: string;
  readonly owner: string;
  readonly sealed: string;
}

const keyIdIn = (column: string): string => `split_part("${column}", '.', 2)`;

/** The statement for a migration by which rows under an old key are found without reading the table. */
export function sealedColumnIndex({ table, column }: Pick<SealedColumn, 'table' | 'column'>): string {
  const name = `${table}_${column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_sealed_by`;
  return `CREATE INDEX ${name} ON "${table}" (${keyIdIn(column)}) WHERE "${column}" IS NOT NULL`;
}

/** Makes the task that seals the texts of a column anew. */
export function sealedColumn(sealer: Sealer, spec: SealedColumn, onFault: OnFault = () => undefined): ResealTask {
  const { table, column, key, owner, through, rowsMax = Infinity, afterwards } = spec;
  const unreadable = new Unreadable();
  // Rows that somebody holds are left for later, instead of waiting for them with locks on others. What only a function may
  // change nobody else changes, and so needs no lock.
  const lock = through ? '' : 'FOR NO KEY UPDATE SKIP LOCKED';

  async function replace(tx: Tx, rows: readonly { key: string; before: string; after: string }[]): Promise<string[]> {
    const values = [rows.map((row) => row.key), rows.map(({ before }) => before), rows.map(({ after }) => after)];
    const done: { key: string }[] = through
      ? await tx.query(`/* reseal.through */ SELECT key FROM ${through}($1::uuid[], $2::text[], $3::text[]) AS t (key)`, values)
      : await tx.query(
          `/* reseal.replace */ WITH done AS (
             UPDATE "${table}" AS t SET "${column}" = v.after
             FROM unnest($1::uuid[], $2::text[], $3::text[]) AS v (key, before, after)
             WHERE t."${key}" = v.key AND t."${key}" = ANY ($1::uuid[]) AND t."${column}" = v.before RETURNING t."${key}" AS key)
           SELECT key FROM done`,
          values,
        );
    return done.map((row) => row.key);
  }

  return {
    table,
    column,
    left: (manager) => countByKey(manager, { table, keyId: keyIdIn(column), where: `"${column}" IS NOT NULL` }, sealer.keyId),
    async step(tx, limit) {
      const rows = await firstFound<Row>(sealer.oldKeyIds, (keyId) =>
        tx.query(
          `/* reseal.rows */ SELECT "${key}"::text AS key, "${owner}"::text AS owner, "${column}" AS sealed FROM "${table}"
           WHERE "${column}" IS NOT NULL AND ${underKey(keyIdIn(column))} AND "${key}" <> ALL ($2::uuid[])
           ORDER BY ${keyIdIn(column)} LIMIT $3 ${lock}`,
          [keyId, unreadable.list(), Math.min(limit, rowsMax)],
        ),
      );
      const renewed = unreadable.each(
        rows,
        (row) => ({ key: row.key, before: row.sealed, after: sealer.seal(sealer.open(row.sealed, row.owner), row.owner) }),
        (row, error) => onFault({ table, column, key: row.key, error }),
      );
      if (renewed.length === 0) return 0;
      const done = await replace(tx, renewed);
      if (done.length > 0) await afterwards?.(tx, done);
      return done.length;
    },
  };
}
