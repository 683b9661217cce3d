import type { Tx } from '@tael/platform/postgres';
import { countByKey, firstFound, type ResealTask, underKey } from '@tael/platform/reseal';
import type { Sealer } from '@tael/platform/seal';

/** Who tells the present state of things again, whose rows the caller has locked. */
export interface Retelling {
  readonly table: 'merchant' | 'partner';
  tellAgain?: ((tx: Tx, ids: readonly string[]) => Promise<void>) | undefined;
}

/** Makes the task for what was told of last with its name sealed under another key than the first: it is told of again. */
export function toldUnderTask(sealer: Sealer, { table, tellAgain }: Retelling): ResealTask {
  const column = 'toldUnder';
  return {
    table,
    column,
    left: (manager) => countByKey(manager, { table, keyId: `"${column}"`, where: 'true' }, sealer.keyId),
    async step(tx, limit) {
      const rows = await firstFound<{ id: string }>(['', ...sealer.oldKeyIds], (keyId) =>
        tx.query(
          `/* told-under.next */ SELECT id FROM ${table} WHERE ${underKey('"toldUnder"')}
           ORDER BY "toldUnder" LIMIT $2 FOR UPDATE SKIP LOCKED`,
          [keyId, limit],
        ),
      );
      if (rows.length > 0)
        await tellAgain?.(
          tx,
          rows.map(({ id }) => id),
        );
      return rows.length;
    },
  };
}
