import type { Tx } from '@tael/platform/postgres';

/** Orders whatever begins, changes or ends imports of one bank, and who makes or removes accounts for them, until the transaction ends. */
export async function lockImports(tx: Tx, partnerId: string): Promise<void> {
  await tx.query('/* history.lock */ SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`history-imports/${partnerId}`]);
}
