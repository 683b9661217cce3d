import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT } from '../stack/settings.mjs';
import { ENDS_SESSIONS, fateOf } from './cut.mjs';
import { dumpTopics, fillTopics, messagesOf, withBroker } from './topics.mjs';

const require = createRequire(path.join(ROOT, 'package.json'));

/**
 * @typedef {object} Outcome
 * @property {number} kept messages that stay in the topics
 * @property {number} sentAgain that the restored outboxes will send
 * @property {number} undone that tell of what the books do not know any more
 * @property {Record<string, number>} undoneByType
 * @property {number} unsure kept ones of the one millisecond of which nobody can tell
 * @property {number} endedSessions
 */

/**
 * Makes the topics of the moment out of those that are there: into a folder of their own, the present ones stay as they are.
 * @param {object} options
 * @param {string} options.home with the present broker's data
 * @param {string} options.draft a folder as `home`, for the new broker's data
 * @param {string} options.report file that takes what is undone, a line each
 * @param {{ kafka: number, kafkaController: number }} options.ports
 * @param {Record<string, string>} options.urls of the restored databases, by service
 * @param {import('./cut.mjs').Cut} options.cut
 * @param {(text: string) => void} options.say
 * @param {import('./topics.mjs').Running} options.running
 * @returns {Promise<Outcome>}
 */
export async function cutTopics({ home, draft, report, ports, urls, cut, say, running }) {
  const waiting = await waitingEvents(urls);
  const file = path.join(draft, 'topics.jsonl');
  fs.mkdirSync(draft, { recursive: true });
  const topics = await withBroker({ home, ports, running, log: path.join(home, 'logs', 'restore-kafka.log') }, async (kafka) => {
    say('reading the topics');
    return dumpTopics(kafka, file);
  });
  const outcome = { kept: 0, sentAgain: 0, undone: 0, undoneByType: /** @type {Record<string, number>} */ ({}), unsure: 0, endedSessions: 0 };
  /** @type {Map<string, string>} */
  const ended = new Map();
  const out = fs.openSync(report, 'w', 0o600);
  for await (const message of messagesOf(file)) {
    const fate = fateOf(message, cut, waiting);
    if (fate === 'kept' && Number(message.timestamp) === cut.unsureMs) outcome.unsure += 1;
    if (fate === 'sent again') outcome.sentAgain += 1;
    if (fate !== 'undone') continue;
    const type = message.headers.ce_type ?? '(no type)';
    outcome.undone += 1;
    outcome.undoneByType[type] = (outcome.undoneByType[type] ?? 0) + 1;
    if (ENDS_SESSIONS[type] && message.headers.ce_subject) ended.set(message.headers.ce_subject, ENDS_SESSIONS[type]);
    fs.writeSync(out, `${JSON.stringify(message)}\n`);
  }
  fs.fsyncSync(out);
  fs.closeSync(out);
  outcome.endedSessions = await endSessions(urls.accounts ?? '', ended);
  outcome.kept = await withBroker({ home: draft, ports, running, log: path.join(home, 'logs', 'restore-kafka.log') }, async (kafka) => {
    say('making the topics of the moment');
    return fillTopics(kafka, { topics, file, isKept: (message) => fateOf(message, cut, waiting) === 'kept' });
  });
  fs.rmSync(file);
  return outcome;
}

/**
 * The ids of the events that the relays will send.
 * @param {Record<string, string>} urls
 */
async function waitingEvents(urls) {
  const ids = new Set();
  for (const url of Object.values(urls)) {
    const rows = await ask(url, `/* restore.waiting */ SELECT headers->>'ce_id' AS id FROM outbox`, []);
    for (const { id } of rows) ids.add(id);
  }
  return ids;
}

/**
 * Ends the sessions of people who had ended some after the moment: nobody comes in again by a session that its owner closed.
 * @param {string} url of the database of accounts
 * @param {Map<string, string>} reasons by person
 */
async function endSessions(url, reasons) {
  if (reasons.size === 0) return 0;
  const rows = await ask(
    url,
    `/* restore.endSessions */ UPDATE session s SET "endedAt" = now(), "endReason" = e.reason
     FROM unnest($1::uuid[], $2::text[]) AS e (id, reason) WHERE s."personId" = e.id AND s."endedAt" IS NULL RETURNING s.id`,
    [[...reasons.keys()], [...reasons.values()]],
  );
  return rows.length;
}

/**
 * Ends the codes for new passwords that stood open at the moment, some of which may have been used since, and the removals of second factors,
 * some of which their owners may have stopped since: who lost a factor says so again.
 * @param {string} url
 */
export async function endCodes(url) {
  // Books of before know of none.
  const [row] = await ask(url, `/* restore.codes */ SELECT to_regclass('password_reset') AS resets, to_regclass('factor_removal') AS removals`, []);
  if (row.resets) await ask(url, '/* restore.endCodes */ UPDATE password_reset SET "usedAt" = now() WHERE "usedAt" IS NULL', []);
  if (row.removals) await ask(url, '/* restore.endRemovals */ DELETE FROM factor_removal', []);
}

/**
 * @param {string} url
 * @param {string} sql
 * @param {unknown[]} values
 * @returns {Promise<any[]>}
 */
async function ask(url, sql, values) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}
