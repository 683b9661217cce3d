import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';

/** Keeps what payments need of a merchant, as its newest event says; an older state never replaces a newer one. */
export async function takeMerchant(tx: Tx, merchant: EventData<'merchant.changed'>): Promise<void> {
  await tx.query(
    `/* merchants.copy */ INSERT INTO merchant_copy AS m ("merchantId", version, "categoryCode", currency, status, people, cashiers)
     VALUES ($1, $2, $3, $4, $5, $6::uuid[], $7::uuid[])
     ON CONFLICT ("merchantId") DO UPDATE SET version = excluded.version, "categoryCode" = excluded."categoryCode",
       currency = excluded.currency, status = excluded.status, people = excluded.people,
       cashiers = excluded.cashiers
     WHERE m.version < excluded.version`,
    [
      merchant.merchantId, merchant.version, merchant.categoryCode, merchant.currency, merchant.status, merchant.people,
      merchant.roles.filter(({ role }) => role === 'CASHIER').map(({ personId }) => personId),
    ],
  );
}
