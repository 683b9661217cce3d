import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';

function commit() {
  try {
    const text = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return `${text('rev-parse', '--short', 'HEAD')}${text('status', '--porcelain') ? ' with changes' : ''}`;
  } catch {
    return 'unknown';
  }
}

/**
 * Adds when, on what and of which commit a result is, writes it to results/ and gives it back.
 * @param {string} name
 * @param {Record<string, unknown>} result
 */
export function writeResult(name, result) {
  const whole = {
    ...result,
    date: new Date().toISOString(),
    commit: commit(),
    machine: `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  };
  writeFileSync(new URL(`../results/${name}.json`, import.meta.url), `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}
