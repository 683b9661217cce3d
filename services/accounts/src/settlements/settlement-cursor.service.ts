import type { Tx } from '@tael/platform/postgres';
import type { SettlementCursorEntity } from './settlement.entity';

export type Cursor = Pick<SettlementCursorEntity, 'inflowId' | 'merchantId' | 'currency' | 'number' | 'closedVersion' | 'closedUntil' | 'owed'>;

/** Locks a merchant's cursor: whoever settles, or pays out, does it one after the other. */
export async function lockCursor(tx: Tx, inflowId: string, elsewhere: '' | 'SKIP LOCKED' = ''): Promise<Cursor | undefined> {
  const select = 'SELECT "inflowId", "merchantId", currency, number, "closedVersion", "closedUntil", owed FROM settlement_cursor WHERE "inflowId" = $1';
  const [row]: Cursor[] = await tx.query(
    elsewhere === '' ? `/* settlements.lock */ ${select} FOR NO KEY UPDATE` : `/* settlements.take */ ${select} FOR NO KEY UPDATE SKIP LOCKED`, [inflowId],
  );
  return row;
}

/** Lets the loop look whether a merchant can be paid, from an instant on. */
export async function payFrom(tx: Tx, merchantId: string, at: Date | null): Promise<void> {
  await tx.query('/* settlements.payFrom */ UPDATE settlement_cursor SET "payAt" = $2 WHERE "merchantId" = $1', [merchantId, at]);
}
