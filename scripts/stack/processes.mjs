import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * When a process began, in the machine's own terms: together with its id it names one process for ever, so that a
 * reused id is never taken for ours. Null where no such process runs.
 * @param {number} pid
 * @returns {string | null}
 */
export function birthOf(pid) {
  if (!isAlive(pid)) return null;
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : `ticks ${fields[19]}`;
  } catch {
    return birthByPs(pid);
  }
}

/**
 * @param {number} pid
 * @returns {string | null}
 */
function birthByPs(pid) {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * @typedef {{ pid: number, birth: string }} ProcessMark
 * @param {ProcessMark} mark
 */
export const stillRuns = (mark) => birthOf(mark.pid) === mark.birth;

/**
 * Ends a process that is not our child: asks, and after `timeoutMs` forces.
 * @param {ProcessMark} mark
 * @param {{ signal: NodeJS.Signals, timeoutMs: number }} options
 */
export async function endProcess(mark, { signal, timeoutMs }) {
  if (!stillRuns(mark)) return;
  send(mark.pid, signal);
  const until = performance.now() + timeoutMs;
  while (stillRuns(mark)) {
    if (performance.now() > until) send(mark.pid, 'SIGKILL');
    await sleep(50);
  }
}

/**
 * Where a symbolic link leads, as those of /proc; empty where there is none, or nobody is told.
 * @param {string} link
 */
export function readLink(link) {
  try {
    return fs.readlinkSync(link);
  } catch {
    return '';
  }
}

/**
 * Signals a process that may have ended meanwhile.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}
