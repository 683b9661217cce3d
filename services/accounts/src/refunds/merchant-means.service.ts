import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import { merchantInflowId } from '../ledger/account.ids';
import { MERCHANT_FUNDS, merchantAccountIds } from '../settlements/merchant-funds.sql';
import { lockCursor } from '../settlements/settlement-cursor.service';
import type { MerchantMeans } from './refund.domain';

/**
 * Reads what Tael holds of a merchant, with its cursor locked: neither a payout nor another refund takes of it meanwhile. The guard of the payment is
 * locked before it, the wallet after. A merchant of whom nothing was settled gets its cursor here.
 */
export async function lockMerchantMeans(tx: Tx, merchantId: string, currency: CurrencyCode): Promise<MerchantMeans> {
  const accounts = merchantAccountIds(merchantId, currency);
  const inflowId = merchantInflowId(merchantId, currency);
  await tx.query(
    `/* refunds.cursor */ INSERT INTO settlement_cursor ("inflowId", "merchantId", currency, number, "closedVersion", owed, "lookAt")
     VALUES ($1, $2, $3, 0, 0, 0, clock_timestamp()) ON CONFLICT DO NOTHING`,
    [inflowId, merchantId, currency],
  );
  await lockCursor(tx, inflowId);
  const [means]: (Omit<MerchantMeans, 'credit'> & { credit: bigint | null })[] = await tx.query(
    `/* refunds.means */ SELECT ${MERCHANT_FUNDS} AS funds,
       (SELECT n.cap FROM limit_definition n WHERE n.id = 'merchant-owing-' || $2 AND n."effectiveFrom" <= clock_timestamp() ORDER BY n.version DESC LIMIT 1) AS credit`,
    [accounts, currency],
  );
  if (means?.credit === undefined || means.credit === null) throw new Error(`no limit on what a merchant may owe in ${currency}`);
  return { funds: means.funds, credit: means.credit };
}
