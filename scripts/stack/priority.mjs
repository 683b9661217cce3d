import fs from 'node:fs';
import os from 'node:os';
import process from 'node:process';

/**
 * Lets a process, with all its threads, have only what others leave of the processor. It is asked for, not insisted on: where a system does not
 * give it, everything runs alike.
 * @param {number} pid
 * @param {number} nice from 0, as anybody's, to 19, what nobody else wants
 */
export function lowerPriority(pid, nice) {
  try {
    os.setPriority(pid, nice);
    if (process.platform !== 'linux') return;
    // A thread has a priority of its own, that of its maker when it was made.
    for (const thread of fs.readdirSync(`/proc/${pid}/task`)) os.setPriority(Number(thread), nice);
    // Linux weighs whole sessions first, and each part is the leader of its own.
    fs.writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // No such right, or no such file.
  }
}
