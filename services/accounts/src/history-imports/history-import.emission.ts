import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';
import { emit } from '../events/emission';

/** Tells that an import has ended, in the transaction in which it does. */
export async function tellEnded(tx: Tx, id: string, at: Date): Promise<void> {
  const [ended]: Omit<EventData<'history-import.ended'>, 'occurredAt'>[] = await tx.query(
    `/* history.tell */ SELECT "partnerId", id AS "importId", status, currency, "lineCount", "problemCount" FROM history_import WHERE id = $1`, [id],
  );
  await emit(tx, {}, [{ type: 'history-import.ended', data: { ...ended!, occurredAt: at } }]);
}
