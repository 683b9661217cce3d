import { countByKey, firstFound, type ResealTask, underKey } from '@tael/platform/reseal';
import type { Sealer } from '@tael/platform/seal';
import type { MerchantService } from './merchant.service';

/** The merchants whose newest event has its name sealed under another key than the first: each is told of again. */
export function resealTasks(sealer: Sealer, merchants?: Pick<MerchantService, 'tellAgain'>): ResealTask[] {
  const [table, column] = ['merchant', 'toldUnder'];
  return [
    {
      table,
      column,
      left: (manager) => countByKey(manager, { table, keyId: `"${column}"`, where: 'true' }, sealer.keyId),
      async step(tx, limit) {
        const rows = await firstFound<{ id: string }>(['', ...sealer.oldKeyIds], (keyId) =>
          tx.query(
            `/* merchants.toldUnder */ SELECT id FROM merchant WHERE ${underKey('"toldUnder"')}
             ORDER BY "toldUnder" LIMIT $2 FOR UPDATE SKIP LOCKED`,
            [keyId, limit],
          ),
        );
        if (rows.length > 0) await merchants?.tellAgain(tx, rows.map(({ id }) => id));
        return rows.length;
      },
    },
  ];
}
