import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const LOOK_MS = 20;
const PATIENCE_MS = 30_000;

const CASHBACK = `/* bench.cashback */ SELECT "parentId" AS id FROM ledger_tx WHERE "parentId" = ANY ($1::uuid[]) AND kind = 'CASHBACK'`;
const MESSAGE = `/* bench.message */ SELECT "transactionId" AS id FROM notification
  WHERE "personId" = ANY ($2::uuid[]) AND "createdAt" > now() - interval '1 minute' AND "transactionId" = ANY ($1::uuid[])
    AND template LIKE 'payment%'`;

/** Watches for what follows a payment, in one database: looks every 20 ms for those that are still missing. */
async function watch(url, sql) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  /** @type {Map<string, { at: number, personId: string }>} */
  const missing = new Map();
  const times = [];
  let stopped = false;
  const ended = (async () => {
    while (!stopped) {
      if (missing.size > 0) {
        const values = [[...missing.keys()]];
        if (sql.includes('$2')) values.push([...new Set([...missing.values()].map(({ personId }) => personId))]);
        const { rows } = await client.query(sql, values);
        const seen = performance.now();
        for (const { id } of rows) {
          const payment = missing.get(id);
          if (payment) times.push(seen - payment.at);
          missing.delete(id);
        }
      }
      await pause(LOOK_MS);
    }
  })();
  return {
    missing, times,
    async stop() {
      stopped = true;
      await ended;
      await client.end();
    },
  };
}

/**
 * Measures how long after a payment's answer its cashback is in the books (and so in the balance), and its message in the
 * inbox. Both are looked up where they are stored, every 20 ms, so that watching costs the stack next to nothing.
 * @param {Record<string, string>} urls - of the services' databases
 */
export async function watchArrivals(urls) {
  const cashback = await watch(urls.accounts, CASHBACK);
  const message = await watch(urls.notifications, MESSAGE);
  return {
    /** To be called when a payment is answered. */
    answered(transactionId, personId) {
      const payment = { at: performance.now(), personId };
      cashback.missing.set(transactionId, payment);
      message.missing.set(transactionId, payment);
    },
    /** Waits until nothing is missing, or nothing came for long; then gives the times and what is still missing. */
    async end() {
      const until = performance.now() + PATIENCE_MS;
      while (cashback.missing.size + message.missing.size > 0 && performance.now() < until) await pause(LOOK_MS);
      await cashback.stop();
      await message.stop();
      return {
        cashback: { times: cashback.times, missing: cashback.missing.size },
        message: { times: message.times, missing: message.missing.size },
      };
    },
  };
}
