import type { Tx } from '@tael/platform/postgres';
import type { BankOfConsents } from './consent-order.domain';

/**
 * Locks a bank, for as long as the transaction lasts, against who orders all its consents to end (`SHARE`), or against whoever lets it see
 * something (`NO KEY UPDATE`); and says what is then known of it.
 */
export async function lockBank(tx: Tx, partnerId: string, strength: 'SHARE' | 'NO KEY UPDATE'): Promise<BankOfConsents | undefined> {
  const [bank]: Pick<BankOfConsents, 'status'>[] = await tx.query(
    strength === 'SHARE'
      ? '/* consentOrders.bank */ SELECT status FROM partner_copy WHERE "partnerId" = $1 FOR SHARE'
      : '/* consentOrders.lockBank */ SELECT status FROM partner_copy WHERE "partnerId" = $1 FOR NO KEY UPDATE',
    [partnerId],
  );
  // A statement of its own: one that waited for the lock would read orders as they were before.
  const [{ ending }]: [{ ending: boolean }] = await tx.query(
    `/* consentOrders.runs */ SELECT EXISTS (SELECT FROM consent_order WHERE "partnerId" = $1 AND "finishedAt" IS NULL) AS ending`, [partnerId],
  );
  return bank && { ...bank, ending };
}
