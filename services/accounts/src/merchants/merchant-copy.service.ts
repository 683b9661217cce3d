import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';

/** Keeps what payments need of a merchant, as its newest event says; an older state never replaces a newer one. */
export async function takeMerchant(tx: Tx, merchant: EventData<'merchant.changed'>): Promise<void> {
  await tx.query(
    `/* merchants.copy */ INSERT INTO merchant_copy AS m ("merchantId", version, "categoryCode", currency, status, people, cashiers, owners, "feeBasisPoints")
     VALUES ($1, $2, $3, $4, $5, $6::uuid[], $7::uuid[], $8::uuid[], $9)
     ON CONFLICT ("merchantId") DO UPDATE SET version = excluded.version, "categoryCode" = excluded."categoryCode",
       currency = excluded.currency, status = excluded.status, people = excluded.people,
       cashiers = excluded.cashiers, owners = excluded.owners, "feeBasisPoints" = excluded."feeBasisPoints"
     WHERE m.version < excluded.version`,
    [
      merchant.merchantId, merchant.version, merchant.categoryCode, merchant.currency, merchant.status, merchant.people,
      merchant.roles.filter(({ role }) => role === 'CASHIER').map(({ personId }) => personId),
      // Whoever has no line acts as OWNER, as in events of before.
      merchant.people.filter((person) => merchant.roles.every(({ personId, role }) => personId !== person || role === 'OWNER')),
      merchant.feePlan.basisPoints,
    ],
  );
}
