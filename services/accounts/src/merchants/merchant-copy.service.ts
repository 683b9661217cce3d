import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';

/**
 * Keeps what payments and payouts need of a merchant, as its newest event says; an older state never replaces a newer one. What may
 * be paid out now, the next round of the loop finds. The cursors come first, as with whoever pays it out. Who is its owner no more is kept: they
 * hear where its money goes for a while.
 */
export async function takeMerchant(tx: Tx, merchant: EventData<'merchant.changed'>): Promise<void> {
  const { merchantId } = merchant;
  await tx.query('/* merchants.cursors */ SELECT 1 FROM settlement_cursor WHERE "merchantId" = $1 ORDER BY "inflowId" FOR NO KEY UPDATE', [merchantId]);
  // Whoever has no line acts as OWNER, as in events of before.
  const owners = merchant.people.filter((person) => merchant.roles.every(({ personId, role }) => personId !== person || role === 'OWNER'));
  await tx.query(
    `/* merchants.former */ INSERT INTO merchant_former_owner AS f ("merchantId", "personId", until)
     SELECT m."merchantId", o.id, $3 FROM (SELECT * FROM merchant_copy WHERE "merchantId" = $1 AND version < $2 FOR NO KEY UPDATE) m
     CROSS JOIN LATERAL unnest(m.owners) AS o (id) WHERE o.id <> ALL ($4::uuid[])
     ON CONFLICT ("merchantId", "personId") DO UPDATE SET until = excluded.until`,
    [merchantId, merchant.version, merchant.occurredAt, owners],
  );
  const taken: unknown[] = await tx.query(
    `/* merchants.copy */ INSERT INTO merchant_copy AS m
       ("merchantId", version, "categoryCode", currency, status, people, cashiers, owners, "feeBasisPoints", verified)
     VALUES ($1, $2, $3, $4, $5, $6::uuid[], $7::uuid[], $8::uuid[], $9, $10)
     ON CONFLICT ("merchantId") DO UPDATE SET version = excluded.version, "categoryCode" = excluded."categoryCode",
       currency = excluded.currency, status = excluded.status, people = excluded.people,
       cashiers = excluded.cashiers, owners = excluded.owners,
       "ownersChangedAt" = CASE WHEN m.owners <@ excluded.owners AND m.owners @> excluded.owners THEN m."ownersChangedAt"
         WHEN m.owners IS NOT NULL THEN $11 END, "feeBasisPoints" = excluded."feeBasisPoints", verified = excluded.verified
     WHERE m.version < excluded.version RETURNING 1`,
    [
      merchantId, merchant.version, merchant.categoryCode, merchant.currency, merchant.status, merchant.people,
      merchant.roles.filter(({ role }) => role === 'CASHIER').map(({ personId }) => personId),
      owners, merchant.feePlan.basisPoints, merchant.verified, merchant.occurredAt,
    ],
  );
  if (taken.length === 0) return;
  await tx.query('/* merchants.payAgain */ UPDATE settlement_cursor SET "payAt" = coalesce("payAt", now()) WHERE "merchantId" = $1', [merchantId]);
}
