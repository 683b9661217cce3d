import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { CashierBounds } from './refund.domain';

/** What bounds a cashier now, with the counter of their day locked: all their refunds of a currency stand in one line. */
export interface LockedBounds extends CashierBounds {
  readonly counter: { readonly limitId: string; readonly day: string };
}

interface LimitRow {
  readonly id: string;
  readonly cap: bigint;
  readonly isOfDay: boolean;
  readonly day: string;
}

/** Reads a cashier's limits and locks what they gave back today. The guard of the payment is locked before it: what cashiers gave back of it stands. */
export async function lockCashierDay(tx: Tx, personId: string, { id: paymentId, currency }: { readonly id: string; readonly currency: CurrencyCode }): Promise<LockedBounds> {
  const limits: LimitRow[] = await tx.query(
    `/* refunds.limits */ SELECT s.id, f.cap, 'CASHIER_REFUND_DAY' = ANY (s.kinds) AS "isOfDay", (clock_timestamp() AT TIME ZONE 'UTC')::date::text AS day
     FROM limit_definition s CROSS JOIN LATERAL (
       SELECT n.cap FROM limit_definition n WHERE n.id = s.id AND n."effectiveFrom" <= clock_timestamp() ORDER BY n.version DESC LIMIT 1) f
     WHERE s.version = 1 AND s.currency = $1 AND s.kinds && '{CASHIER_REFUND,CASHIER_REFUND_DAY}'`,
    [currency],
  );
  const [payment, day] = [limits.find(({ isOfDay }) => !isOfDay), limits.find(({ isOfDay }) => isOfDay)];
  if (!payment || !day) throw new Error(`no limits on the refunds of cashiers in ${currency}`);
  const key = [personId, day.id, day.day];
  await tx.query(
    `/* refunds.day */ INSERT INTO limit_counter ("personId", "limitId", "windowStart", used, cap) VALUES ($1, $2, $3, 0, $4)
     ON CONFLICT ("personId", "limitId", "windowStart") DO NOTHING`,
    [...key, String(day.cap)],
  );
  const [{ used }] = await tx.query(
    '/* refunds.used */ SELECT used FROM limit_counter WHERE "personId" = $1 AND "limitId" = $2 AND "windowStart" = $3 FOR NO KEY UPDATE', key,
  );
  const [{ usedOfPayment }] = await tx.query(
    `/* refunds.byCashiers */ SELECT coalesce(sum(t.amount), 0)::bigint AS "usedOfPayment" FROM ledger_tx t
     JOIN refund_person r ON r."refundId" = t.id AND r.role = 'CASHIER' WHERE t."parentId" = $1 AND t.kind = 'REFUND'`,
    [paymentId],
  );
  return { payment: { cap: payment.cap, used: usedOfPayment }, day: { cap: day.cap, used }, counter: { limitId: day.id, day: day.day } };
}

/** Counts what a cashier gives back, in the transaction that books it; the table's constraint is the last fence. */
export async function countCashierRefund(tx: Tx, personId: string, { counter, day }: LockedBounds, refund: bigint): Promise<void> {
  await tx.query(
    `/* refunds.taken */ UPDATE limit_counter SET used = used + $4, cap = $5 WHERE "personId" = $1 AND "limitId" = $2 AND "windowStart" = $3`,
    [personId, counter.limitId, counter.day, String(refund), String(day.cap)],
  );
}
