import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { Problem } from '../stack/problem.mjs';
import { ROOT } from '../stack/settings.mjs';

const require = createRequire(path.join(ROOT, 'package.json'));

/** Folders of which only the folder belongs into a backup: a server makes their content anew. */
const EMPTIED = new Set(['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans']);
/** Files that belong to a running server, or to an earlier restore, and temporary ones. */
const LEFT_OUT = /^(postmaster\.(pid|opts)|backup_label.*|tablespace_map.*|recovery\.signal|standby\.signal|pg_internal\.init.*|pgsql_tmp.*|t\d+_\d+.*)$/;
const CONTROL = path.join('global', 'pg_control');
const SEGMENT = /^[0-9A-F]{24}$/;
const chunk = Buffer.alloc(4 * 1024 * 1024);
const FLUSHED_AT_ONCE = 16;

/**
 * Copies the files of a running server, which goes on writing: Postgres says from where to where its log is needed to make
 * them whole again, and a slot keeps that part of the log until it is copied too.
 * @param {{ url: string, target: string, say: (text: string) => void }} options url of the superuser; target: an empty folder
 */
export async function copyServer({ url, target, say }) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'tael-backup', keepAlive: true });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows: [server] } = await client.query(
      `/* backup.server */ SELECT current_setting('data_directory') AS data, current_setting('server_version') AS "serverVersion",
         system_identifier::text AS "systemId" FROM pg_control_system()`,
    );
    const data = ownFolder(server.data);
    await client.query(`/* backup.slot */ SELECT pg_create_physical_replication_slot($1, true, true)`, [`tael_backup_${process.pid}`]);
    const { rows: [start] } = await client.query(
      `/* backup.start */ SELECT clock_timestamp() AS at, pg_walfile_name(pg_backup_start('tael', fast => true)) AS segment`,
    );
    const files = copyFolder(data, target, say);
    const { rows: [stop] } = await client.query(
      `/* backup.stop */ SELECT s.lsn::text AS lsn, pg_walfile_name(s.lsn) AS segment, s.labelfile, clock_timestamp() AS at
       FROM pg_backup_stop(wait_for_archive => false) s`,
    );
    Object.assign(files, write(target, 'backup_label', Buffer.from(stop.labelfile)));
    const names = fs.readdirSync(path.join(data, 'pg_wal')).filter((name) => SEGMENT.test(name) && name >= start.segment && name <= stop.segment);
    for (const name of names) Object.assign(files, write(target, path.join('pg_wal', name), fs.readFileSync(path.join(data, 'pg_wal', name))));
    await flush(target, Object.keys(files));
    return {
      startedAt: start.at.toISOString(),
      endedAt: stop.at.toISOString(),
      timeline: Number.parseInt(start.segment.slice(0, 8), 16),
      stopLsn: String(stop.lsn),
      firstSegment: String(start.segment),
      systemId: String(server.systemId),
      serverVersion: String(server.serverVersion),
      bytes: Object.keys(files).reduce((sum, name) => sum + fs.statSync(path.join(target, name)).size, 0),
      files,
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @param {string} data */
function ownFolder(data) {
  if (!fs.existsSync(path.join(data, 'PG_VERSION')))
    throw new Problem(`The files of this Postgres (${data}) are not on this machine.`, 'A server that is not ours is backed up by whoever runs it: docs/runbooks/restore.md.');
  if (fs.readdirSync(path.join(data, 'pg_tblspc')).length > 0)
    throw new Problem('This Postgres keeps tables outside of its folder (tablespaces), which this backup does not copy.');
  return data;
}

/**
 * @param {string} data
 * @param {string} target
 * @param {(text: string) => void} say
 */
function copyFolder(data, target, say) {
  /** @type {Record<string, string>} */
  const sums = {};
  /** @param {string} folder */
  const copy = (folder) => {
    fs.mkdirSync(path.join(target, folder), { recursive: true, mode: 0o700 });
    for (const entry of fs.readdirSync(path.join(data, folder), { withFileTypes: true })) {
      const name = path.join(folder, entry.name);
      if (EMPTIED.has(folder) || LEFT_OUT.test(entry.name) || name === CONTROL) continue;
      if (entry.isDirectory()) copy(name);
      else if (entry.isFile()) Object.assign(sums, copyFile(data, target, name));
    }
    say(`${Object.keys(sums).length} files`);
  };
  copy('');
  // Last: it names the checkpoint to begin from, which the copied files must not be older than.
  return Object.assign(sums, write(target, CONTROL, readSteadily(path.join(data, CONTROL))));
}

/**
 * @param {string} data
 * @param {string} target
 * @param {string} name
 */
function copyFile(data, target, name) {
  const from = openIfThere(path.join(data, name));
  if (from === undefined) return {};
  const to = fs.openSync(path.join(target, name), 'w', 0o600);
  const sum = createHash('sha256');
  try {
    for (let read = fs.readSync(from, chunk); read > 0; read = fs.readSync(from, chunk)) {
      sum.update(chunk.subarray(0, read));
      fs.writeSync(to, chunk, 0, read);
    }
  } finally {
    fs.closeSync(from);
    fs.closeSync(to);
  }
  return { [name]: sum.digest('hex') };
}

/** @param {string} file */
function openIfThere(file) {
  try {
    return fs.openSync(file, 'r');
  } catch (error) {
    // A table that was dropped meanwhile: the log says so too.
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Many at a time: the disk then writes its journal once for all of them.
 * @param {string} target
 * @param {readonly string[]} names
 */
async function flush(target, names) {
  const left = names.values();
  await Promise.all(
    Array.from({ length: FLUSHED_AT_ONCE }, async () => {
      for (const name of left) {
        const file = await fs.promises.open(path.join(target, name), 'r+');
        await file.sync().finally(() => file.close());
      }
    }),
  );
}

/**
 * Reads a file that is overwritten in place until two readings are alike: no half-written one.
 * @param {string} file
 */
function readSteadily(file) {
  for (let before = fs.readFileSync(file); ; ) {
    const now = fs.readFileSync(file);
    if (now.equals(before)) return now;
    before = now;
  }
}

/**
 * @param {string} target
 * @param {string} name
 * @param {Buffer} content
 */
function write(target, name, content) {
  fs.writeFileSync(path.join(target, name), content, { mode: 0o600 });
  return { [name]: createHash('sha256').update(content).digest('hex') };
}
