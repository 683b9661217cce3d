import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { lastLines } from './logs.mjs';
import { Problem } from './problem.mjs';

/**
 * Runs a program to its end; its output goes to `log`. A failure is a {@link Problem} with the last lines.
 * @param {string} command
 * @param {string[]} args
 * @param {object} options
 * @param {string} options.title what it does, for the message of a failure
 * @param {string} options.log
 * @param {AbortSignal} [options.signal] ends it early
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {(line: string) => void} [options.onLine]
 * @returns {Promise<void>}
 */
export async function runCommand(command, args, { title, log, signal, cwd, env, onLine }) {
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const sink = fs.createWriteStream(log);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...given({ cwd, env, signal }) });
  for (const stream of [child.stdout, child.stderr]) {
    readline.createInterface({ input: stream }).on('line', (line) => {
      sink.write(`${line}\n`);
      onLine?.(line);
    });
  }
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, by) => resolve(by ? `ended by ${by}` : code));
  });
  await new Promise((resolve) => sink.end(resolve));
  if (outcome === 0) return;
  const how = typeof outcome === 'number' ? `status ${outcome}` : outcome;
  const tail = lastLines(log, 40).map((line) => `  ${line}`);
  throw new Problem(`${title} failed (${how}).`, [`The last lines of ${log}:`, ...tail].join('\n'));
}

/**
 * Leaves out what is undefined.
 * @template {object} Options
 * @param {Options} options
 */
function given(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
