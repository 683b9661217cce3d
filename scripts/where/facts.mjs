import pg from 'pg';

/** @typedef {Record<string, any>} Row */

/**
 * What the databases know of a transaction. Every list may be empty; `transaction` is undefined where nothing is booked.
 * @typedef {object} Facts
 * @property {string} id
 * @property {Row | undefined} transaction
 * @property {Row | undefined} topUp the charge of a card, booked or not
 * @property {Row | undefined} bankOrder the order to a bank: a top-up is not booked before it is SETTLED
 * @property {Row[]} related transactions: refunds, cashback, what it refunds
 * @property {Row[]} postings
 * @property {Row | undefined} idempotency
 * @property {Row[]} unfolded parts of deferred accounts' balances
 * @property {{ database: string, type: string, eventId: string, ageMs: number }[]} waiting events in an outbox
 * @property {Row[]} grants that rewards asked accounts for
 * @property {Row | undefined} payment as rewards knows it
 * @property {Row[]} decisions
 * @property {Row[]} benefits
 * @property {Row[]} intents messages that were asked for
 * @property {Row[]} deliveries
 * @property {Row[]} endpoints of the merchant, to which webhooks go
 * @property {Row[]} webhooks
 * @property {Date} askedAt by the clock of accounts
 * @property {number} aheadMs how far that clock was moved on
 */

export const DATABASES = /** @type {const} */ (['accounts', 'merchants', 'rewards', 'notifications']);

const SETTINGS = { statement_timeout: 10_000, connectionTimeoutMillis: 3_000, application_name: 'tael-where' };

/**
 * Runs `work` with a connection to each database, and closes them.
 * @template T
 * @param {Record<string, string>} urls
 * @param {(databases: Record<string, pg.Client>) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withDatabases(urls, work) {
  /** @type {Record<string, pg.Client>} */
  const open = {};
  try {
    for (const name of DATABASES) {
      const client = new pg.Client({ connectionString: urls[name], ...SETTINGS });
      client.on('error', () => undefined);
      await client.connect();
      open[name] = client;
    }
    return await work(open);
  } finally {
    await Promise.all(Object.values(open).map((client) => client.end().catch(() => undefined)));
  }
}

const rows = async (/** @type {pg.Client} */ client, /** @type {string} */ sql, /** @type {unknown[]} */ values) =>
  (await client.query(sql, values)).rows;

/**
 * The time of a database, and how far it was moved on: the clock of a sandbox is.
 * @param {pg.Client} accounts
 */
async function clockOf(accounts) {
  const [clock] = await rows(accounts, `/* where.clock */ SELECT now() AS "askedAt", to_regclass('tael_clock.shift') IS NOT NULL AS movable`, []);
  const [shift] = clock?.movable ? await rows(accounts, '/* where.shift */ SELECT "aheadMs" FROM tael_clock.shift', []) : [];
  return { askedAt: /** @type {Date} */ (clock?.askedAt), aheadMs: Number(shift?.aheadMs ?? 0) };
}

/**
 * @param {pg.Client} accounts
 * @param {string} id
 */
async function fromAccounts(accounts, id) {
  const [transaction] = await rows(
    accounts,
    `/* where.transaction */ SELECT id, kind, currency, amount::text, fee::text, "feeWaived"::text, "personId", "walletId",
       "counterpartyId", "merchantId", "parentId", "campaignId", "recordedAt" FROM ledger_tx WHERE id = $1`,
    [id],
  );
  const [topUp] = await rows(
    accounts,
    `/* where.top_up */ SELECT status, "failureReason", currency, amount::text, attempts, "leaseUntil" AS "lookAt", "createdAt"
     FROM top_up WHERE id = $1`,
    [id],
  );
  const [bankOrder] = await rows(
    accounts,
    `/* where.bank_order */ SELECT direction, status, "failureReason", currency, amount::text, attempts, "lookAt", "createdAt", "merchantId"
     FROM bank_order WHERE id = $1`,
    [id],
  );
  const related = await rows(
    accounts,
    `/* where.related */ SELECT id, kind, currency, amount::text, "recordedAt" FROM ledger_tx
     WHERE ("parentId" = $1 OR id = $2) AND id <> $1 ORDER BY "recordedAt"`,
    [id, transaction?.parentId ?? null],
  );
  const postings = await rows(
    accounts,
    `/* where.postings */ SELECT p.seq, p.asset AS currency, p.amount::text, d.purpose AS debit, c.purpose AS credit
     FROM posting p JOIN account d ON d.id = p."debitAccountId" JOIN account c ON c.id = p."creditAccountId"
     WHERE p."txId" = $1 ORDER BY p.seq`,
    [id],
  );
  const [idempotency] = await rows(
    accounts,
    `/* where.idempotency */ SELECT mutation, "createdAt" FROM idempotency WHERE scope = $2 AND "transactionId" = $1`,
    [id, transaction?.personId ?? null],
  );
  const unfolded = await rows(accounts, '/* where.unfolded */ SELECT id FROM pending_delta WHERE "txId" = $1', [id]);
  const grants = await rows(
    accounts,
    `/* where.grants */ SELECT "grantId", kind, currency, amount::text, status, "transactionId" FROM reward_grant
     WHERE "sourceTransactionId" = $1 OR "transactionId" = $1`,
    [id],
  );
  return { transaction, topUp, bankOrder, related, postings, idempotency, unfolded, grants, ...(await clockOf(accounts)) };
}

/**
 * @param {pg.Client} rewards
 * @param {string} id
 */
async function fromRewards(rewards, id) {
  const [payment] = await rows(rewards, '/* where.payment */ SELECT ordinal FROM payment WHERE id = $1', [id]);
  const decisions = await rows(
    rewards,
    `/* where.decisions */ SELECT c.name AS campaign, d.outcome, d."decidedAt" FROM reward_decision d
     JOIN campaign c ON c.id = d."campaignId" WHERE d."paymentId" = $1 ORDER BY d."decidedAt", c.name`,
    [id],
  );
  const benefits = await rows(
    rewards,
    `/* where.benefits */ SELECT id, kind, currency, amount::text, status, reversed::text FROM benefit
     WHERE "paymentId" = $1 ORDER BY "createdAt", kind`,
    [id],
  );
  return { payment, decisions, benefits };
}

/**
 * @param {pg.Client} notifications
 * @param {readonly string[]} ids of the transaction and of those that came of it
 */
async function fromNotifications(notifications, ids) {
  const intents = await rows(
    notifications,
    `/* where.intents */ SELECT i.id, i.template, i.status, i.reason, i."dueAt", n.id AS "notificationId", n."inInbox", n."readAt"
     FROM intent i LEFT JOIN notification n ON n."intentId" = i.id WHERE i."transactionId" = ANY($1) ORDER BY i."createdAt"`,
    [ids],
  );
  const deliveries = await rows(
    notifications,
    `/* where.deliveries */ SELECT "notificationId", channel, status, reason, attempts, "dueAt", "updatedAt" FROM delivery
     WHERE "notificationId" = ANY($1) ORDER BY "notificationId", channel`,
    [intents.flatMap(({ notificationId }) => (notificationId ? [notificationId] : []))],
  );
  return { intents, deliveries };
}

/**
 * What a merchant is told of events, and by which endpoints.
 * @param {Record<string, pg.Client>} databases
 * @param {string | null | undefined} merchantId
 * @param {readonly string[]} eventIds
 */
export async function webhooksOf(databases, merchantId, eventIds) {
  if (!merchantId) return { endpoints: [], webhooks: [] };
  const merchants = /** @type {pg.Client} */ (databases.merchants);
  const endpoints = await rows(
    merchants,
    `/* where.endpoints */ SELECT id, status, "disabledReason", "eventTypes", "createdAt" FROM webhook_endpoint
     WHERE "ownerKind" = 'MERCHANT' AND "ownerId" = $1 AND "deletedAt" IS NULL ORDER BY id`,
    [merchantId],
  );
  const webhooks = await rows(
    merchants,
    `/* where.webhooks */ SELECT d."endpointId", d."eventId", d."eventType", d.status, d.attempts, d.reason, d."updatedAt", l."dueAt"
     FROM webhook_endpoint e JOIN webhook_delivery d ON d."endpointId" = e.id
     LEFT JOIN webhook_lane l ON l."endpointId" = d."endpointId" AND l."orderKey" = d."orderKey"
     WHERE e."ownerKind" = 'MERCHANT' AND e."ownerId" = $1 AND d."eventId" = ANY($2) ORDER BY d."endpointId", d.position`,
    [merchantId, eventIds],
  );
  return { endpoints, webhooks };
}

/**
 * @param {pg.Client} client
 * @param {string} database
 * @param {readonly string[]} ids
 */
async function waitingIn(client, database, ids) {
  const found = await rows(
    client,
    `/* where.outbox */ SELECT o.headers ->> 'ce_type' AS type, o.headers ->> 'ce_id' AS "eventId",
       (extract(epoch FROM clock_timestamp() - o."createdAt") * 1000)::float8 AS "ageMs"
     FROM outbox o, outbox_cursor c WHERE (o.xid, o.id) > (c.xid, c.id) AND o.value LIKE ANY($1) ORDER BY o.id`,
    [ids.map((id) => `%${id}%`)],
  );
  return found.map((row) => ({ database, type: row.type, eventId: row.eventId, ageMs: row.ageMs }));
}

/** Whether anybody here knows of it: what is booked, or only asked for. */
export const isKnown = (/** @type {Facts} */ { transaction, topUp, bankOrder }) => Boolean(transaction ?? topUp ?? bankOrder);

/** The merchant whom it pays, or who is paid out. */
export const merchantOf = (/** @type {Facts} */ { transaction, bankOrder }) => transaction?.merchantId ?? bankOrder?.merchantId;

/** So much earlier than the row, its events may have been published: clocks differ. */
const MARGIN_MS = 3_600_000;

/** A time before all of its events, by the true clock: topics know no other. */
export function beginOf(/** @type {Facts} */ { transaction, topUp, bankOrder, related, aheadMs }) {
  const times = [transaction?.recordedAt, topUp?.createdAt, bankOrder?.createdAt, ...related.map(({ recordedAt }) => recordedAt)];
  const earliest = Math.min(...times.filter(Boolean).map(Number));
  return new Date(Math.max(0, earliest - aheadMs - MARGIN_MS));
}

/** The ids under which events may speak of a transaction. */
export function idsOf(/** @type {Facts} */ facts) {
  const { id, grants, benefits, intents } = facts;
  return [...new Set([
    id, ...grants.flatMap(({ grantId, transactionId }) => [grantId, transactionId]), ...benefits.map((benefit) => benefit.id),
    ...intents.map(({ notificationId }) => notificationId),
  ])].filter(Boolean);
}

/**
 * Asks every database for all that it has on a transaction.
 * @param {Record<string, pg.Client>} databases
 * @param {string} id
 * @returns {Promise<Facts>}
 */
export async function factsOf(databases, id) {
  const { accounts, rewards, notifications } = /** @type {Record<'accounts' | 'rewards' | 'notifications', pg.Client>} */ (databases);
  const booked = await fromAccounts(accounts, id);
  const decided = await fromRewards(rewards, id);
  const own = [id, ...booked.grants.flatMap(({ transactionId }) => (transactionId ? [transactionId] : []))];
  const told = await fromNotifications(notifications, own);
  const facts = { id, ...booked, ...decided, ...told, waiting: [], endpoints: [], webhooks: [] };
  const ids = idsOf(facts);
  const waiting = await Promise.all(DATABASES.map((name) => waitingIn(/** @type {pg.Client} */ (databases[name]), name, ids)));
  return { ...facts, waiting: waiting.flat() };
}

/**
 * Says of events which consumers have worked them off, and when.
 * @param {Record<string, pg.Client>} databases
 * @param {readonly string[]} eventIds
 * @returns {Promise<Map<string, { consumer: string, at: Date }[]>>}
 */
export async function inboxesOf(databases, eventIds) {
  /** @type {Map<string, { consumer: string, at: Date }[]>} */
  const found = new Map(eventIds.map((id) => [id, []]));
  for (const name of DATABASES) {
    const sql = '/* where.inbox */ SELECT consumer, "eventId", "receivedAt" FROM inbox WHERE "eventId" = ANY($1)';
    for (const row of await rows(/** @type {pg.Client} */ (databases[name]), sql, [eventIds])) {
      found.get(row.eventId)?.push({ consumer: row.consumer, at: row.receivedAt });
    }
  }
  return found;
}
