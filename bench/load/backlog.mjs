import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const LOOK_MS = 250;
/** Quiet for so long, nothing is on its way between two services any more. */
const QUIET_MS = 1_500;
const PATIENCE_MS = 180_000;

/** Of each service, what has not left yet and how much has arrived: they stand still when all is worked off. */
const STATE = {
  accounts: 'SELECT (SELECT count(*) FROM outbox) AS waiting, (SELECT count(*) FROM inbox) AS arrived',
  rewards: 'SELECT (SELECT count(*) FROM outbox) AS waiting, (SELECT count(*) FROM inbox) AS arrived',
  notifications: `SELECT (SELECT count(*) FROM delivery WHERE status IN ('PLANNED', 'CLAIMED')) AS waiting, (SELECT count(*) FROM inbox) AS arrived`,
};

/**
 * Waits until the events of a load are worked off: outboxes and mail queues empty, nothing arriving any more.
 * @param {Record<string, string>} urls - of the services' databases
 * @param {number} [patienceMs]
 * @returns {Promise<number>} how many seconds that took
 */
export async function workedOff(urls, patienceMs = PATIENCE_MS) {
  const begun = performance.now();
  const clients = await Promise.all(
    Object.entries(STATE).map(async ([name, sql]) => {
      const client = new pg.Client({ connectionString: urls[name] });
      client.on('error', () => undefined);
      await client.connect();
      return { client, sql: `/* bench.backlog */ ${sql}` };
    }),
  );
  let last = '';
  let stillSince = performance.now();
  while (performance.now() - stillSince < QUIET_MS) {
    if (performance.now() - begun > patienceMs) throw new Error(`the events of the load were not worked off in ${patienceMs / 1_000} s`);
    const rows = await Promise.all(clients.map(async ({ client, sql }) => (await client.query(sql)).rows[0]));
    const state = rows.map(({ arrived }) => arrived).join();
    if (state !== last || rows.some(({ waiting }) => Number(waiting) > 0)) stillSince = performance.now();
    last = state;
    await pause(LOOK_MS);
  }
  await Promise.all(clients.map(({ client }) => client.end()));
  return Math.round((performance.now() - begun - QUIET_MS) / 100) / 10;
}
