import type { DataSource } from 'typeorm';
import type { Price } from '../payments/payment.domain';

const EXPIRED_REMOVED_MAX = 20;

/**
 * Keeps the waiver that a quote shows, so that the payment is charged the same when the offer is paused or changed
 * meanwhile. Each statement is a transaction of its own; a quote is given only where this succeeded.
 */
export async function keepPromise(
  dataSource: DataSource, promise: { personId: string; walletId: string; price: Price },
): Promise<void> {
  const { personId, walletId, price } = promise;
  if (!price.waiver) return;
  // More than a quote adds, so that the table stays as small as what is valid.
  await dataSource.query(
    `/* quotes.removeExpired */ DELETE FROM quote_promise WHERE ("personId", "walletId", "merchantId", amount, "campaignId") IN (
       SELECT "personId", "walletId", "merchantId", amount, "campaignId" FROM quote_promise
       WHERE "validUntil" < now() - interval '1 minute' ORDER BY "validUntil" LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    [EXPIRED_REMOVED_MAX],
  );
  // What was promised before and is still valid is never made less.
  await dataSource.query(
    `/* quotes.promise */ INSERT INTO quote_promise AS q
       ("personId", "walletId", "merchantId", amount, "campaignId", currency, waived, "validUntil")
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT ("personId", "walletId", "merchantId", amount, "campaignId") DO UPDATE SET currency = excluded.currency,
       waived = CASE WHEN q."validUntil" > now() THEN greatest(q.waived, excluded.waived) ELSE excluded.waived END,
       "validUntil" = greatest(q."validUntil", excluded."validUntil")`,
    [
      personId, walletId, price.merchant.id, String(price.amount), price.waiver.campaignId, price.currency,
      String(price.waiver.waived), price.validUntil,
    ],
  );
}
