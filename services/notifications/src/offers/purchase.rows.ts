import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';
import { type Affinity, withPayment } from './offer.domain';

export type Payment = EventData<'payment.settled'>;

const PURCHASE_DAYS = 60;
const DAY_MS = 86_400_000;

/** Gives the instant before which a payment is too old to count for any habit. */
export function forgottenBefore(now: Date): Date {
  return new Date(now.getTime() - PURCHASE_DAYS * DAY_MS);
}

/** Writes purchases, each once. Gives the ids of those that are new. */
export async function insertPurchases(tx: Tx, payments: readonly Payment[]): Promise<Set<string>> {
  if (payments.length === 0) return new Set();
  const rows: { transactionId: string }[] = await tx.query(
    `/* offer.purchase */ INSERT INTO purchase ("transactionId", "personId", "merchantId", "merchantCategoryCode",
       currency, amount, "occurredAt")
     SELECT p.* FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[],
       $7::timestamptz[]) AS p (id, person, merchant, category, currency, amount, at)
     ORDER BY p.id ON CONFLICT ("transactionId") DO NOTHING RETURNING "transactionId"`,
    [
      payments.map(({ transactionId }) => transactionId),
      payments.map(({ personId }) => personId),
      payments.map(({ merchantId }) => merchantId),
      payments.map(({ merchantCategoryCode }) => merchantCategoryCode),
      payments.map(({ currency }) => currency),
      payments.map(({ amount }) => amount.toString()),
      payments.map(({ occurredAt }) => occurredAt),
    ],
  );
  return new Set(rows.map((row) => row.transactionId));
}

interface AffinityRow extends Affinity {
  readonly personId: string;
  readonly merchantCategoryCode: string;
}

const keyOf = (row: { personId: string; merchantCategoryCode: string }): string =>
  `${row.personId}/${row.merchantCategoryCode}`;

/** Adds payments to how much people are drawn to categories. The rows are locked in one order, whatever the payments'. */
export async function countAffinities(tx: Tx, payments: readonly Payment[]): Promise<void> {
  if (payments.length === 0) return;
  const keys = [...new Map(payments.map((payment) => [keyOf(payment), payment])).values()];
  const parameters = [keys.map(({ personId }) => personId), keys.map((payment) => payment.merchantCategoryCode)];
  let rows = await lockAffinities(tx, parameters);
  if (rows.length < keys.length) {
    await tx.query(
      `/* offer.affinity-begin */ INSERT INTO affinity ("personId", "merchantCategoryCode", score, at)
       SELECT k.person, k.category, 0, k.at FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])
         AS k (person, category, at) ORDER BY k.person, k.category ON CONFLICT DO NOTHING`,
      [...parameters, keys.map(({ occurredAt }) => occurredAt)],
    );
    rows = await lockAffinities(tx, parameters);
  }
  const affinities = new Map<string, AffinityRow>(rows.map((row) => [keyOf(row), row]));
  for (const payment of payments) {
    const before = affinities.get(keyOf(payment))!;
    affinities.set(keyOf(payment), { ...before, ...withPayment(before, payment.occurredAt) });
  }
  const after = [...affinities.values()];
  await tx.query(
    `/* offer.affinity */ UPDATE affinity SET score = n.score, at = n.at
     FROM unnest($1::uuid[], $2::text[], $3::float8[], $4::timestamptz[]) AS n (person, category, score, at)
     WHERE "personId" = n.person AND "merchantCategoryCode" = n.category AND "personId" = ANY ($1::uuid[])`,
    [
      after.map(({ personId }) => personId),
      after.map(({ merchantCategoryCode }) => merchantCategoryCode),
      after.map(({ score }) => score),
      after.map(({ at }) => at),
    ],
  );
}

function lockAffinities(tx: Tx, parameters: readonly unknown[]): Promise<AffinityRow[]> {
  return tx.query(
    `/* offer.affinity-lock */ SELECT a."personId", a."merchantCategoryCode", a.score, a.at FROM affinity a
     WHERE (a."personId", a."merchantCategoryCode") IN (
       SELECT k.person, k.category FROM unnest($1::uuid[], $2::text[]) AS k (person, category)) AND a."personId" = ANY ($1::uuid[])
     ORDER BY a."personId", a."merchantCategoryCode" FOR UPDATE OF a`,
    [...parameters],
  );
}
