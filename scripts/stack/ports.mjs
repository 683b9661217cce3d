import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { Problem } from './problem.mjs';
import { readLink } from './processes.mjs';

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Refuses to go on where a port that a part needs is taken; says which, by whom, and how to take others.
 * @param {Record<string, number>} needed port by part
 */
export async function checkPorts(needed) {
  const entries = Object.entries(needed);
  const free = await Promise.all(entries.map(([, port]) => isFree(port)));
  const taken = entries.filter((_entry, index) => !free[index]);
  if (!taken.length) return;
  const lines = taken.map(([part, port]) => {
    const owner = ownerOf(port);
    return `Port ${port}, which ${part} needs, is taken${owner ? ` by ${owner}` : ''}.`;
  });
  throw new Problem(lines.join('\n'), 'Stop what uses it, or take other ports: TAEL_PORT=5000 npm start');
}

/**
 * A base port from which all ports of a stack are free.
 * @param {(base: number) => Record<string, number>} portsFrom
 * @param {number} [from]
 */
export async function findBase(portsFrom, from = 20_000 + Math.floor(Math.random() * 100) * 100) {
  for (let base = from; base < from + 5_000; base += 100) {
    const free = await Promise.all(Object.values(portsFrom(base)).map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Problem(`No free ports from ${from} on.`);
}

/**
 * Who listens on a port, as far as the machine tells.
 * @param {number} port
 * @returns {string | null}
 */
export function ownerOf(port) {
  try {
    return process.platform === 'linux' ? ownerByProc(port) : ownerByLsof(port);
  } catch {
    return null;
  }
}

/** @param {number} port */
function ownerByProc(port) {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].filter(fs.existsSync).flatMap((table) => listeners(table, port));
  if (!inodes.length) return null;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!holdsSocket(pid, wanted)) continue;
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return `process ${pid} (${command.slice(0, 120)})`;
  }
  return null;
}

/**
 * The socket numbers that listen on a port.
 * @param {string} table
 * @param {number} port
 */
function listeners(table, port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = fs
    .readFileSync(table, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/));
  return rows.filter((row) => row[1]?.endsWith(suffix) && row[3] === '0A').map((row) => row[9]);
}

/**
 * @param {string} pid
 * @param {Set<string>} wanted
 */
function holdsSocket(pid, wanted) {
  const folder = `/proc/${pid}/fd`;
  try {
    return fs.readdirSync(folder).some((name) => wanted.has(readLink(`${folder}/${name}`)));
  } catch {
    return false;
  }
}

/** @param {number} port */
function ownerByLsof(port) {
  const options = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
  const fields = execFileSync('lsof', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n');
  const pid = fields.find((field) => field.startsWith('p'))?.slice(1);
  return pid ? `process ${pid} (${fields.find((field) => field.startsWith('c'))?.slice(1)})` : null;
}
