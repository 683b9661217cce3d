import { spawn } from 'node:child_process';
import process from 'node:process';

/**
 * Runs a program to its end, its output on the screen and kept; ends it when `signal` says so or `timeoutMs` have passed.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, signal: AbortSignal, timeoutMs: number, quiet?: boolean }} options
 * @returns {Promise<{ status: number | null, output: string }>} status null where it was ended
 */
export function runShown(command, args, { cwd, env, signal, timeoutMs, quiet }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    // The whole group: a runner's own children end with it.
    const end = () => child.pid && killGroup(child.pid);
    const limit = setTimeout(() => {
      process.stderr.write(`\n${args.join(' ')} was ended after ${timeoutMs / 60_000} minutes\n`);
      end();
    }, timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (!quiet) process.stdout.write(text);
      });
    }
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(limit);
      signal.removeEventListener('abort', end);
      resolve({ status, output });
    });
  });
}

/** @param {number} leader */
function killGroup(leader) {
  try {
    process.kill(-leader, 'SIGTERM');
    setTimeout(() => killNow(leader), 5_000).unref();
  } catch {
    // The group has ended.
  }
}

/** @param {number} leader */
function killNow(leader) {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // The group has ended.
  }
}
