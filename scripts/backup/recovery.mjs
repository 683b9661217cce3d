import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from '../stack/logs.mjs';
import { postgresPart } from '../stack/postgres.mjs';
import { Problem } from '../stack/problem.mjs';
import { birthOf } from '../stack/processes.mjs';
import { ROOT } from '../stack/settings.mjs';
import { placesIn } from './archive.mjs';

const require = createRequire(path.join(ROOT, 'package.json'));

const SEGMENT = /^[0-9A-F]{24}$/;

/**
 * Puts the files of a base backup into a folder, with the part of the log that the lost server had not handed over yet, and
 * asks Postgres to work the log off from there when it starts.
 * @param {import('./manifest.mjs').Base} base
 * @param {{ data: string, lost: string, user: import('../stack/postgres.mjs').Cluster['user'] }} to lost: the folder of the server before
 */
export function layOut(base, { data, lost, user }) {
  fs.rmSync(data, { recursive: true, force: true });
  fs.cpSync(base.folder, data, { recursive: true });
  fs.rmSync(path.join(data, 'backup.json'));
  fs.writeFileSync(path.join(data, 'recovery.signal'), '');
  const own = path.join(lost, 'pg_wal');
  const left = fs.existsSync(own) ? fs.readdirSync(own).filter((name) => SEGMENT.test(name) && name >= base.firstSegment) : [];
  for (const name of left) fs.cpSync(path.join(own, name), path.join(data, 'pg_wal', name));
  fs.chmodSync(data, 0o700);
  if (user) giveTo(data, user);
  return left.length;
}

/**
 * @param {string} folder
 * @param {{ uid: number, gid: number }} user
 */
function giveTo(folder, user) {
  fs.chownSync(folder, user.uid, user.gid);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) giveTo(at, user);
    else fs.chownSync(at, user.uid, user.gid);
  }
}

/**
 * What tells Postgres where the log is, and where to stop.
 * @param {{ folder: string, until: Date | undefined, timeline: number }} goal
 * @returns {Record<string, string>}
 */
export function recoverySettings({ folder, until, timeline }) {
  const { wal } = placesIn(folder);
  const quoted = `'${wal.replaceAll("'", String.raw`'\''`).replaceAll('%', '%%')}'`;
  return {
    // What is not there is looked for in pg_wal.
    restore_command: fs.existsSync(wal) ? `cp ${quoted}/%f "%p"` : 'false',
    recovery_target_timeline: String(timeline),
    recovery_target_action: 'promote',
    // All that was laid out in one go, and not file by file.
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
    ...(until ? { recovery_target_time: until.toISOString().replace('T', ' ').replace('Z', '+00') } : {}),
  };
}

/** A Postgres on restored files, for as long as a restore looks at them. */
export class RecoveredServer {
  #child;
  #client;

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {import('pg').Client} client
   * @param {string} url
   */
  constructor(child, client, url) {
    this.#child = child;
    this.#client = client;
    this.url = url;
  }

  /**
   * Starts the server, and resolves when it has reached its moment.
   * @param {import('../stack/postgres.mjs').Cluster} cluster
   * @param {object} options
   * @param {string} options.log
   * @param {Record<string, string>} options.settings
   * @param {(text: string) => void} options.say
   * @param {import('./topics.mjs').Running} options.running hears which process it is
   */
  static async start(cluster, { log, settings, say, running }) {
    const part = postgresPart(cluster, { log, more: settings });
    const out = fs.openSync(log, 'a');
    const child = spawn(part.command, part.args, { cwd: '/', env: part.env, detached: true, stdio: ['ignore', out, out], ...part.user });
    fs.closeSync(out);
    const birth = birthOf(child.pid ?? 0);
    if (child.pid && birth) running({ postgres: { pid: child.pid, birth, signal: 'SIGINT', tier: part.tier } });
    const server = new RecoveredServer(child, await clientOf(child, { url: cluster.url, log }), cluster.url);
    try {
      for (;;) {
        const { rows: [row] } = await server.#client.query(
          `/* restore.progress */ SELECT pg_is_in_recovery() AS recovering, pg_last_xact_replay_timestamp() AS at`,
        );
        if (row.at) say(row.at.toISOString());
        if (!row.recovering) return server;
        await sleep(200);
      }
    } catch (error) {
      await server.stop();
      throw hasEnded(child) ? failed(log) : error;
    }
  }

  /** When the last transaction was committed that is in these files; undefined where none was since the backup began. */
  async lastCommit() {
    const { rows } = await this.#client.query('/* restore.lastCommit */ SELECT pg_last_xact_replay_timestamp() AS at');
    return /** @type {Date | null} */ (rows[0].at) ?? undefined;
  }

  async stop() {
    await this.#client.end().catch(() => undefined);
    if (hasEnded(this.#child)) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGINT');
    await gone;
  }
}

/** @param {import('node:child_process').ChildProcess} child */
const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null;

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {{ url: string, log: string }} options
 * @returns {Promise<import('pg').Client>}
 */
async function clientOf(child, { url, log }) {
  const { Client } = require('pg');
  for (;;) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, application_name: 'tael-restore' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (hasEnded(child)) throw failed(log);
      // 57P03: it is starting up. Anything else stays as it is.
      const { code } = /** @type {{ code?: string }} */ (error);
      if (code !== '57P03' && code !== 'ECONNREFUSED') {
        child.kill('SIGINT');
        throw new Problem(`The restored Postgres refuses us: ${/** @type {Error} */ (error).message}`, 'The secrets of TAEL_HOME have to be those of the stack that was backed up.');
      }
    }
    await sleep(100);
  }
}

/** @param {string} log */
function failed(log) {
  const lines = lastLines(log, 40);
  const isEarly = lines.some((line) => line.includes('recovery ended before configured recovery target was reached'));
  const last = lines.findLast((line) => line.includes('last completed transaction was at log time'))?.split('log time ').at(-1);
  if (isEarly) {
    return new Problem(
      `The log that is there does not reach the moment of --until${last ? `: it ends at ${last}` : ''}.`,
      'Restore without --until to its end, or name an earlier moment.',
    );
  }
  return new Problem('Postgres could not bring the backup to the moment.', [`The last lines of ${log}:`, ...lines.slice(-12)].join('\n'));
}
