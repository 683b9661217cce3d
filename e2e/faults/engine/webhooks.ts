import type pg from 'pg';
import type { Journal } from './journal';
import type { World } from './people';
import type { Receiver } from './receiver';

const TOLD = { PAYMENT: 'payment.settled', REFUND: 'payment.refunded' } as const;

/**
 * Every acknowledged payment and refund was told to its shop, signed, under one id however often it came, a refund after its payment, and nothing
 * else was told; and the log of deliveries says the same.
 */
export async function webhookBreaches(
  { merchants }: { readonly merchants: pg.Client }, receiver: Receiver, { shops }: World, journal: Journal,
): Promise<string[]> {
  const { rows } = await merchants.query<{ eventType: string; status: string; n: string }>(
    `/* faults.webhooks */ SELECT d."eventType", d.status, count(*)::text AS n FROM webhook_delivery d
     JOIN webhook_endpoint e ON e.id = d."endpointId" AND e."ownerId" = ANY($1::uuid[]) GROUP BY 1, 2`, [shops.map(({ id }) => id)],
  );
  const breaches = receiver.unsigned.map((what) => `a webhook that no key has signed: ${what}`);
  const due = new Set<string>();
  for (const kind of ['PAYMENT', 'REFUND'] as const) {
    const operations = journal.acknowledged(kind);
    for (const { key, transactionId, input } of operations) {
      due.add(`${TOLD[kind]} ${transactionId}`);
      const found = receiver.of(TOLD[kind], transactionId!);
      if (!found) breaches.push(`the shop was not told of ${key} (${transactionId})`);
      else if (found.ids.size > 1) breaches.push(`the shop was told of ${key} under ${found.ids.size} ids`);
      const payment = kind === 'REFUND' ? receiver.of('payment.settled', String(input['transactionId'])) : undefined;
      if (found && payment && payment.place > found.place) breaches.push(`the shop was told of ${key} before its payment`);
    }
    const logged = rows.filter(({ eventType }) => eventType === TOLD[kind]);
    const delivered = logged.filter(({ status }) => status === 'DELIVERED').reduce((sum, { n }) => sum + Number(n), 0);
    if (delivered !== operations.length) breaches.push(`${delivered} webhooks ${TOLD[kind]} are delivered, of ${operations.length}`);
    for (const { status, n } of logged) if (status !== 'DELIVERED') breaches.push(`${n} webhooks ${TOLD[kind]} are ${status}`);
  }
  return [...breaches, ...[...receiver.all.keys()].filter((what) => !due.has(what)).map((what) => `a shop was told of what nobody did: ${what}`)];
}

/** Every code that a till was given is known where it is paid, once: the broker told accounts of it. */
export async function codeBreaches({ accounts }: { readonly accounts: pg.Client }, journal: Journal): Promise<string[]> {
  const { rows } = await accounts.query<{ id: string }>(
    '/* faults.codes */ SELECT "codeId" AS id FROM payment_code WHERE "codeId" = ANY($1::uuid[])', [journal.codes],
  );
  const known = new Set(rows.map(({ id }) => id));
  return journal.codes.filter((id) => !known.has(id)).map((id) => `a till was given the code ${id}, and accounts does not know it`);
}
