import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { workspaceFolders } from '../stack/install.mjs';
import { Problem } from '../stack/problem.mjs';
import { ROOT } from '../stack/settings.mjs';
import { runShown } from './processes.mjs';
import { broken, readJestReport, readTap, readTasks } from './results.mjs';
import { TestServers } from './servers.mjs';
import { StackUnderTest } from './stack-under-test.mjs';

const MINUTE_MS = 60_000;
const TURBO = path.join(ROOT, 'node_modules', 'turbo', 'bin', 'turbo');
const JEST = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');

/** Kept in one place under the checkout, so that a run after one that was killed finds and ends what that left. */
const TEST_HOME = path.join(ROOT, '.tael', 'test');

/**
 * @typedef {import('./results.mjs').Result} Result
 * @typedef {object} Run
 * @property {AbortSignal} signal
 * @property {string | undefined} filter a workspace
 * @property {(text: string) => void} note
 */

/**
 * Lint, typecheck and unit tests of every workspace, as far as asked for: in one run of turbo, which does nothing twice.
 * @param {(typeof import('./options.mjs').CHECKS)[number][]} wanted
 * @param {Run} run
 * @returns {Promise<Result[]>}
 */
export async function runChecks(wanted, run) {
  const workspaces = workspacesWith('test', run);
  for (const { folder } of workspaces) fs.rmSync(path.join(folder, '.reports', 'unit.json'), { force: true });
  const tasks = wanted.map((name) => (name === 'unit' ? 'test' : name));
  const options = ['--continue', '--summarize', '--concurrency=2', '--output-logs=errors-only'];
  const { output } = await turbo(['run', ...tasks, ...options, ...filterOf(run)], {
    ...run,
    timeoutMs: 20 * MINUTE_MS,
  });
  const summaryFile = /^Summary: +(\S.*)$/m.exec(output)?.[1]?.trim();
  if (!summaryFile) return [broken(wanted.join(' '), 'turbo did not come to an end')];
  const summary = JSON.parse(fs.readFileSync(summaryFile, 'utf8'));
  fs.rmSync(summaryFile);
  const checks = wanted.filter((name) => name !== 'unit').map((name) => readTasks(name, summary));
  const builds = readTasks('build', summary);
  const units = wanted.includes('unit')
    ? workspaces.map(({ name, folder }) => readJestReport(`unit ${name}`, path.join(folder, '.reports', 'unit.json')))
    : [];
  return [...(builds.failed ? [builds] : []), ...checks, ...units];
}

/**
 * The tests of our scripts.
 * @param {Run} run
 * @returns {Promise<Result[]>}
 */
export const runScriptTests = (run) => runNodeTests('scripts', run, 20 * MINUTE_MS);

/**
 * The tests of images, compose file and cluster manifests.
 * @param {Run} run
 * @returns {Promise<Result[]>}
 */
export const runInfraTests = (run) => runNodeTests('infra', run, 25 * MINUTE_MS);

/**
 * The tests in a folder that node's own runner runs.
 * @param {'scripts' | 'infra'} name
 * @param {Run} run
 * @param {number} timeoutMs
 * @returns {Promise<Result[]>}
 */
async function runNodeTests(name, { signal }, timeoutMs) {
  const folder = path.join(ROOT, name);
  const files = fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.mjs') && !file.includes('node_modules'))
    .map((file) => path.join(folder, file));
  const options = ['--test', '--test-reporter=tap', `--test-concurrency=${os.availableParallelism()}`, ...files];
  const { output } = await runShown(process.execPath, options, { cwd: ROOT, signal, timeoutMs, quiet: true });
  const result = readTap(name, output);
  if (result.failed) process.stdout.write(output);
  return [result];
}

/**
 * Every workspace's integration tests, one workspace after another, on real servers.
 * @param {Run} run
 * @returns {Promise<Result[]>}
 */
export async function runIntegration(run) {
  const workspaces = workspacesWith('test:int', run);
  for (const { folder } of workspaces) fs.rmSync(path.join(folder, '.reports', 'int.json'), { force: true });
  const servers = new TestServers(path.join(TEST_HOME, 'servers'), run.note);
  try {
    const { env, kafka, reason } = await servers.start(process.env);
    run.note(kafka ? `Integration tests on Postgres and Kafka (${kafka})` : `Kafka halves are skipped: ${reason}`);
    const options = ['--continue', '--concurrency=1', '--output-logs=full', '--log-order=stream'];
    // Half of a test's time is the database's: a worker a core keeps both busy, where jest alone would leave one core out.
    const workers = `--maxWorkers=${os.availableParallelism()}`;
    await turbo(['run', 'test:int', ...options, ...filterOf(run), '--', workers], {
      ...run,
      env: { ...process.env, ...env },
      timeoutMs: 40 * MINUTE_MS,
    });
  } finally {
    await servers.stop();
  }
  return workspaces.map(({ name, folder }) => readJestReport(`int ${name}`, path.join(folder, '.reports', 'int.json')));
}

/**
 * The user stories, through the gateway of a stack of its own.
 * @param {Run} run
 * @returns {Promise<Result[]>}
 */
export async function runStories({ signal, note }) {
  const home = path.join(TEST_HOME, 'stack');
  const folder = path.join(ROOT, 'e2e');
  const report = path.join(folder, '.reports', 'e2e.json');
  fs.rmSync(report, { force: true });
  const stack = new StackUnderTest(home);
  try {
    await stack.start(signal);
    note(
      stack.output
        .split('\n')
        .filter((line) => /is ready in|Events {2}/.test(line))
        .join('\n'),
    );
    const options = ['--json', `--outputFile=${report}`];
    await runShown(process.execPath, [JEST, ...options], {
      cwd: folder,
      signal,
      timeoutMs: 20 * MINUTE_MS,
      env: { ...process.env, TAEL_E2E_HOME: home },
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    note(`${error.message}\n${error.advice ?? ''}`);
    return [broken('e2e', error.message)];
  } finally {
    await stack.stop();
  }
  return [readJestReport('e2e', report)];
}

/**
 * Faults of a whole stack under load. Its files start stacks of their own.
 * @param {Run} run
 * @returns {Promise<Result[]>}
 */
export async function runFaults({ signal }) {
  const folder = path.join(ROOT, 'e2e');
  const report = path.join(folder, '.reports', 'faults.json');
  fs.mkdirSync(path.dirname(report), { recursive: true });
  fs.rmSync(report, { force: true });
  const options = ['--config', path.join('faults', 'jest.config.cjs'), '--json', `--outputFile=${report}`];
  await runShown(process.execPath, [JEST, ...options], { cwd: folder, signal, timeoutMs: 55 * MINUTE_MS });
  return [readJestReport('faults', report)];
}

/**
 * The workspaces that have a script of this name.
 * @param {string} script
 * @param {Run} run
 * @returns {{ name: string, folder: string }[]}
 */
function workspacesWith(script, { filter }) {
  return workspaceFolders().flatMap((folder) => {
    const { name, scripts } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return scripts?.[script] && (!filter || filter === name) ? [{ name, folder }] : [];
  });
}

/** @param {Run} run */
const filterOf = ({ filter }) => (filter ? [`--filter=${filter}`] : []);

/**
 * @param {string[]} args
 * @param {{ signal: AbortSignal, timeoutMs: number, env?: NodeJS.ProcessEnv }} options
 */
function turbo(args, { signal, timeoutMs, env = process.env }) {
  const settings = { ...env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
  return runShown(process.execPath, [TURBO, ...args], { cwd: ROOT, signal, timeoutMs, env: settings });
}
