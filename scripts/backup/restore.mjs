import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { urlsOf } from '../stack/databases.mjs';
import { checkJava, ensureJars } from '../stack/kafka.mjs';
import { findBase } from '../stack/ports.mjs';
import { locateCluster } from '../stack/postgres.mjs';
import { Problem } from '../stack/problem.mjs';
import { RunLock } from '../stack/run-lock.mjs';
import { DATA_SERVICES } from '../stack/services.mjs';
import { portsFrom, ROOT } from '../stack/settings.mjs';
import { removeStackFiles } from '../stack/stack-files.mjs';
import { databaseOf } from '../subgraphs.mjs';
import { archiveSettings, placesIn } from './archive.mjs';
import { cutAt } from './cut.mjs';
import { cutTopics, endCodes } from './events.mjs';
import { basesIn, checkFiles, marksOf } from './manifest.mjs';
import { layOut, RecoveredServer, recoverySettings } from './recovery.mjs';
import { baseFor, branchesOf, newestTimeline } from './timelines.mjs';

/**
 * @typedef {object} Order what is to be restored
 * @property {import('../stack/settings.mjs').Settings} settings
 * @property {string} from folder of backups
 * @property {Date | undefined} until
 * @property {number | undefined} timeline
 * @property {boolean} withoutTopics
 */

/**
 * Restores beside what is there, proves the books, and only then puts one in the place of the other.
 * @param {Order} order
 * @param {import('../stack/screen.mjs').Screen} screen
 * @returns {Promise<string[]>} what a person should know
 */
export async function restore(order, screen) {
  const { home } = order.settings;
  const lock = new RunLock(home);
  lock.take();
  try {
    await lock.endLeftovers();
    removeStackFiles(home);
    /** @type {Record<string, import('../stack/run-lock.mjs').PartMark>} */
    let known = {};
    return await restoreInto(order, screen, (processes) => lock.record((known = { ...known, ...processes })));
  } finally {
    lock.release();
  }
}

/**
 * @param {Order} order
 * @param {import('../stack/screen.mjs').Screen} screen
 * @param {import('./topics.mjs').Running} running
 */
async function restoreInto(order, screen, running) {
  const { home } = order.settings;
  const folder = path.resolve(order.from);
  const secrets = secretsOf(home);
  const timeline = order.timeline ?? newestTimeline(walOf(folder));
  const base = choose(folder, order.until, timeline);
  checkKeys(base, secrets.sealKeys);
  const hasTopics = fs.existsSync(path.join(home, 'kafka', 'data', 'meta.properties'));
  checkTopics(base, { hasTopics, withoutTopics: order.withoutTopics });
  const ports = portsFrom(await findBase(portsFrom));
  const present = locateCluster({ home, port: ports.postgres, password: secrets.databasePasswords.postgres });
  const cluster = { ...present, data: `${present.data}.restoring` };
  const draft = path.join(home, 'restoring');
  const stamp = new Date().toISOString().replaceAll(':', '-');
  const report = path.join(home, `undone-${stamp}.jsonl`);
  fs.rmSync(draft, { recursive: true, force: true });

  await screen.step('Files', async (say) => {
    checkFiles(base);
    const more = layOut(base, { data: cluster.data, lost: present.data, user: cluster.user });
    say(`the backup of ${base.endedAt}${more ? `, and what joins on of the ${more} pieces of log that the server before has` : ''}`);
  });
  const goal = { folder, until: order.until, timeline };
  const archive = fs.existsSync(placesIn(folder).wal) ? archiveSettings(folder, cluster) : {};
  const server = await screen.step('Recovery', (say) =>
    RecoveredServer.start(cluster, { log: path.join(home, 'logs', 'restore-postgres.log'), settings: { ...recoverySettings(goal), ...archive }, say, running }),
  );
  try {
    const { urls, ownerUrls } = urlsOf(cluster.url, secrets.databasePasswords);
    const lastCommit = await server.lastCommit();
    await screen.step('Books', () => verifyBooks(home, urls.tael_accounts));
    await endCodes(ownerUrls[databaseOf('accounts')] ?? '');
    const cut = cutAt({ until: order.until, lastCommit, endedAt: new Date(base.endedAt) });
    const byService = Object.fromEntries(DATA_SERVICES.map((name) => [name, ownerUrls[databaseOf(name)]]));
    const outcome = hasTopics
      ? await screen.step('Topics', (say) => cutTopics({ home, draft, report, ports, urls: byService, cut, say, running }))
      : undefined;
    await server.stop();
    const before = swap({ home, present: present.data, cluster, draft, stamp, hasTopics });
    return summary({ moment: order.until ?? lastCommit ?? new Date(base.endedAt), cut, outcome, report, before, timeline });
  } finally {
    await server.stop();
  }
}

/** @param {string} folder */
function walOf(folder) {
  const { wal } = placesIn(folder);
  return fs.existsSync(wal) ? fs.readdirSync(wal) : [];
}

/**
 * @param {string} home
 * @returns {import('../stack/secrets.mjs').Secrets}
 */
function secretsOf(home) {
  const file = path.join(home, 'secrets.json');
  if (!fs.existsSync(file))
    throw new Problem(`There are no keys in ${home}: without those of the stack that was backed up its data cannot be read.`, `Put its secrets.json there, with mode 0600.`);
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/**
 * @param {string} folder
 * @param {Date | undefined} until
 * @param {number} timeline
 */
function choose(folder, until, timeline) {
  const bases = basesIn(folder);
  if (bases.length === 0) throw new Problem(`There is no backup in ${folder}.`, 'npm run backup -- --to <folder> makes one.');
  const history = path.join(placesIn(folder).wal, `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`);
  const branches = branchesOf(fs.existsSync(history) ? fs.readFileSync(history, 'utf8') : '');
  const base = baseFor(bases, { until, timeline, branches });
  if (base) return base;
  throw new Problem(
    `No backup in ${folder} is older than the moment and lies on timeline ${timeline}.`,
    bases.map(({ endedAt, timeline: line }) => `There is one of ${endedAt}, timeline ${line}.`).join('\n'),
  );
}

/**
 * @param {import('./manifest.mjs').Base} base
 * @param {string} ring
 */
function checkKeys(base, ring) {
  const known = marksOf(ring);
  const missing = Object.entries(base.sealKeys).filter(([id, mark]) => known[id] !== mark).map(([id]) => id);
  if (missing.length === 0) return;
  throw new Problem(
    `What is sealed in this backup cannot be opened: the keys here are not those of then (${missing.join(', ')}).`,
    'Put the secrets.json of the stack that was backed up into TAEL_HOME.',
  );
}

/**
 * @param {import('./manifest.mjs').Base} base
 * @param {{ hasTopics: boolean, withoutTopics: boolean }} given
 */
function checkTopics(base, { hasTopics, withoutTopics }) {
  if (base.eventBus === 'postgres' || hasTopics || withoutTopics) return;
  throw new Problem(
    "Kafka's data is not here. What had been sent, and was not worked off by every service at the moment, stands in it alone.",
    'Put it back (TAEL_HOME/kafka/data), or give --without-topics: docs/runbooks/restore.md says what is then to be looked at by hand.',
  );
}

/**
 * @param {string} home
 * @param {string} url
 */
async function verifyBooks(home, url) {
  const { TAEL_ARCHIVE: _archive, ...env } = process.env;
  const args = [path.join(ROOT, 'scripts', 'ledger-verify.mjs')];
  const child = spawn(process.execPath, args, { env: { ...env, TAEL_HOME: home, DATABASE_URL: url }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Problem('The restored books are not sound. Nothing was put in place.', said);
}

/**
 * Puts what was restored in the place of what is there, which is kept beside it.
 * @param {{ home: string, present: string, cluster: import('../stack/postgres.mjs').Cluster, draft: string, stamp: string, hasTopics: boolean }} options
 */
function swap({ home, present, cluster, draft, stamp, hasTopics }) {
  const kafka = path.join(home, 'kafka', 'data');
  const moves = [
    ...(fs.existsSync(present) ? [[present, `${present}.before-${stamp}`]] : []),
    ...(hasTopics ? [[kafka, `${kafka}.before-${stamp}`]] : []),
  ];
  for (const [from = '', to = ''] of moves) fs.renameSync(from, to);
  fs.renameSync(cluster.data, present);
  if (hasTopics) fs.renameSync(path.join(draft, 'kafka', 'data'), kafka);
  fs.rmSync(draft, { recursive: true, force: true });
  // The next start looks whether the databases are of an older version.
  fs.rmSync(path.join(home, 'migrated.json'), { force: true });
  return moves.map(([, to = '']) => to);
}

/**
 * @param {{ moment: Date, cut: import('./cut.mjs').Cut, outcome: import('./events.mjs').Outcome | undefined, report: string, before: string[], timeline: number }} result
 */
function summary({ moment, cut, outcome, report, before, timeline }) {
  const types = Object.entries(outcome?.undoneByType ?? {}).map(([type, count]) => `${count} ${type}`).join(', ');
  return [
    `All databases are as of ${moment.toISOString()}, and the books are sound.`,
    ...(outcome ? [`${outcome.kept} events stay in the topics, ${outcome.sentAgain} are sent again by the outboxes, and every service reads all of them anew.`] : []),
    ...(outcome?.undone ? [`${outcome.undone} events told of what is not in the books any more (${types}):`, `  ${report}`, '  Go through them: docs/runbooks/restore.md says what for.'] : []),
    ...(outcome?.endedSessions ? [`${outcome.endedSessions} sessions were ended, of people who had ended some, or changed their password, after the moment.`] : []),
    ...(outcome?.unsure ? [`${outcome.unsure} events were sent in the millisecond of the last commit (${new Date(cut.unsureMs ?? 0).toISOString()}); they are kept, and may tell of what is lost.`] : []),
    ...(before.length ? ['What was there before is kept:', ...before.map((at) => `  ${at}`)] : []),
    `npm start goes on from here, along a new line of the log (the one until now was ${timeline}). Take a backup then.`,
  ];
}
