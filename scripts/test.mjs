// `npm test`: sets up what it needs on a fresh clone, runs every suite, and says last how many tests passed and failed.
import path from 'node:path';
import process from 'node:process';
import { build, install } from './stack/install.mjs';
import { Problem } from './stack/problem.mjs';
import { createScreen, seconds } from './stack/screen.mjs';
import { ROOT } from './stack/settings.mjs';
import { CHECKS, HELP, readOptions } from './suites/options.mjs';
import { broken, failedNames, failureList, skipList, table, total } from './suites/results.mjs';
import { runChecks, runFaults, runInfraTests, runIntegration, runScriptTests, runStories } from './suites/suites.mjs';

const screen = createScreen();
const interruption = new AbortController();

/**
 * @param {ReturnType<typeof readOptions>} options
 * @returns {Promise<import('./suites/results.mjs').Result[]>}
 */
async function runAll({ only, filter }) {
  const run = { signal: interruption.signal, filter, note: screen.note };
  /** @type {import('./suites/results.mjs').Result[]} */
  const results = [];
  /** @type {(name: string, work: () => Promise<import('./suites/results.mjs').Result[]>) => Promise<void>} */
  const suite = async (name, work) => {
    interruption.signal.throwIfAborted();
    screen.note(`\n── ${name}`);
    results.push(
      ...(await work().catch((error) => {
        if (interruption.signal.aborted) throw error;
        explain(error);
        return [broken(name, 'could not be run')];
      })),
    );
  };
  const checks = CHECKS.filter((name) => only.has(name));
  if (checks.length) await suite(checks.join(', '), () => runChecks(checks, run));
  if (only.has('scripts')) await suite('scripts', () => runScriptTests(run));
  if (only.has('infra')) await suite('infra', () => runInfraTests(run));
  if (only.has('int')) await suite('int', () => runIntegration(run));
  if (only.has('e2e')) await suite('e2e', () => runStories(run));
  if (only.has('faults')) await suite('faults', () => runFaults(run));
  return results;
}

/** @returns {Promise<number>} the exit status */
async function main() {
  const begun = performance.now();
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const work = { logs: path.join(ROOT, '.tael', 'test', 'logs'), signal: interruption.signal };
  await screen.step('Install', (say) => install({ ...work, say }));
  await screen.step('Build', (say) => build({ ...work, say, compose: 'check' }));
  const results = await runAll(options);
  const { passed, failed, skipped } = total(results);
  const took = seconds(performance.now() - begun);
  const list = [skipList(results), failureList(results)].filter(Boolean).join('\n\n');
  process.stdout.write(`\n${list ? `${list}\n\n` : ''}${table(results)}\n\n${skipped ? `${skipped} skipped, ` : ''}${took}\n`);
  const names = failedNames(results);
  process.stdout.write(`${names && `${names}\n`}${passed} passed, ${failed} failed\n`);
  return failed || !passed ? 1 : 0;
}

/** @param {unknown} error */
function explain(error) {
  const text =
    error instanceof Problem
      ? `${error.message}\n${error.advice ?? ''}`
      : String(/** @type {Error} */ (error)?.stack ?? error);
  process.stderr.write(`\n${text}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interruption.abort());

main().then(
  (status) => process.exit(status),
  (error) => {
    explain(interruption.signal.aborted ? new Problem('Interrupted: everything that was started is stopped.') : error);
    process.stdout.write('0 passed, 1 failed\n');
    process.exit(1);
  },
);
