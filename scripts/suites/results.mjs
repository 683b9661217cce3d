import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/**
 * @typedef {object} Result of one suite
 * @property {string} suite
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} ms
 * @property {string} [note] why it failed as a whole
 * @property {string[]} [failures] what failed, each with the first lines of why
 * @property {string[]} [skips] what was skipped, by name: a test that the machine cannot run says in its name what is missing
 */

const LINES_OF_A_FAILURE = 15;

/**
 * The beginning of what a test says of its failure, without colours.
 * @param {string} text
 */
function beginningOf(text) {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim());
  return lines
    .slice(0, LINES_OF_A_FAILURE)
    .map((line) => `      ${line}`)
    .join('\n');
}

/**
 * @param {{ name?: string, message?: string, assertionResults?: { status: string, fullName: string, failureMessages: string[] }[] }} file of jest's report
 * @returns {string[]}
 */
function failuresOf({ name = '', message = '', assertionResults = [] }) {
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  if (failed.length)
    return failed.map(
      ({ fullName, failureMessages }) =>
        `${path.basename(name)}: ${fullName}\n${beginningOf(failureMessages.join('\n'))}`,
    );
  return assertionResults.length === 0 && message ? [`${path.basename(name)}\n${beginningOf(message)}`] : [];
}

/**
 * @param {{ name?: string, assertionResults?: { status: string, fullName: string }[] }} file of jest's report
 * @returns {string[]}
 */
const skipsOf = ({ name = '', assertionResults = [] }) =>
  assertionResults
    .filter(({ status }) => ['pending', 'skipped', 'todo'].includes(status))
    .map(({ fullName }) => `${path.basename(name)}: ${fullName}`);

/**
 * A suite that came to nothing: one failure.
 * @param {string} suite
 * @param {string} note
 * @returns {Result}
 */
export const broken = (suite, note) => ({ suite, passed: 0, failed: 1, skipped: 0, ms: 0, note });

/**
 * Reads jest's JSON report. A test file that could not be run counts as one failure, for jest counts none of its tests;
 * so does a report that says of itself that the run failed, where no test of it did.
 * @param {string} suite
 * @param {string} file
 * @returns {Result}
 */
export function readJestReport(suite, file) {
  if (!fs.existsSync(file)) return broken(suite, 'no report: jest did not come to an end');
  const report = JSON.parse(fs.readFileSync(file, 'utf8'));
  const ends = report.testResults.map((/** @type {{ endTime: number }} */ result) => result.endTime);
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    suite,
    passed: report.numPassedTests,
    failed: report.success || failed > 0 ? failed : 1,
    skipped: report.numPendingTests + report.numTodoTests,
    ms: ends.length ? Math.max(0, Math.max(...ends) - report.startTime) : 0,
    failures: report.testResults.flatMap(failuresOf),
    skips: report.testResults.flatMap(skipsOf),
  };
}

/**
 * Reads turbo's summary of a run: each task is one, passed where it ended with status 0.
 * @param {string} task
 * @param {{ tasks: { taskId?: string, task: string, command: string, execution?: { exitCode?: number, startTime: number, endTime: number } }[] }} summary
 * @returns {Result}
 */
export function readTasks(task, summary) {
  const tasks = summary.tasks.filter((entry) => entry.task === task && entry.command !== '<NONEXISTENT>');
  const passed = tasks.filter((entry) => entry.execution?.exitCode === 0).length;
  const failures = tasks
    .filter((entry) => entry.execution?.exitCode !== 0)
    .map(({ taskId, task: name }) => taskId ?? name);
  const times = tasks.flatMap(({ execution }) => (execution ? [execution.endTime - execution.startTime] : []));
  const ms = times.reduce((sum, time) => sum + time, 0);
  return { suite: task, passed, failed: tasks.length - passed, skipped: 0, ms, failures };
}

/**
 * Reads the counts at the end of the TAP output of `node --test`.
 * @param {string} suite
 * @param {string} output
 * @returns {Result}
 */
export function readTap(suite, output) {
  /** @param {string} name */
  const count = (name) => Number(new RegExp(`^# ${name} (\\d+(?:\\.\\d+)?)`, 'm').exec(output)?.[1] ?? Number.NaN);
  const [passed, failed, cancelled, skipped, ms] = ['pass', 'fail', 'cancelled', 'skipped', 'duration_ms'].map(count);
  if (!Number.isFinite(passed)) return broken(suite, 'no report: node --test did not come to an end');
  const failures = [...output.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => String(name));
  const skips = [...output.matchAll(/^ *ok \d+ - (.*?) # SKIP *(.*)$/gm)].map(([, name, why]) =>
    why ? `${name} [${why}]` : String(name),
  );
  return {
    suite,
    passed: passed ?? 0,
    failed: (failed ?? 0) + (cancelled ?? 0),
    skipped: skipped ?? 0,
    ms: ms ?? 0,
    failures,
    skips,
  };
}

/**
 * @param {Result[]} results
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function total(results) {
  /** @param {'passed' | 'failed' | 'skipped'} field */
  const sum = (field) => results.reduce((all, result) => all + result[field], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/**
 * A table for a person.
 * @param {Result[]} results
 */
export function table(results) {
  const width = Math.max(5, ...results.map(({ suite }) => suite.length));
  /** @type {(cells: (string | number)[]) => string} */
  const row = ([suite, ...numbers]) =>
    `  ${String(suite).padEnd(width)}${numbers.map((cell) => String(cell).padStart(9)).join('')}`;
  return [
    row(['suite', 'passed', 'failed', 'skipped', 'seconds']),
    ...results.map(
      ({ suite, passed, failed, skipped, ms, note }) =>
        `${row([suite, passed, failed, skipped, (ms / 1_000).toFixed(1)])}${note ? `  ${note}` : ''}`,
    ),
  ].join('\n');
}

/**
 * What failed, by name, for whoever has only the end of a long log. Empty where nothing did.
 * @param {Result[]} results
 */
export function failureList(results) {
  const lines = results.flatMap(({ suite, failures = [] }) => failures.map((failure) => `  ✕ ${suite}: ${failure}`));
  return lines.length ? ['What failed:', ...lines].join('\n') : '';
}

/**
 * The names alone of what failed, for whoever has the last lines alone: the why stands further up. Empty where nothing did.
 * @param {Result[]} results
 */
export function failedNames(results) {
  return results
    .flatMap(({ suite, failed, failures = [], note = 'nobody said why' }) => (failed > 0 && failures.length === 0 ? [`${suite}: ${note}`] : failures.map((failure) => `${suite}: ${failure.split('\n')[0]}`)))
    .map((line) => `  ✕ ${line}`)
    .join('\n');
}

/**
 * What was not run, by name: a test that did not run has shown nothing, and a number alone hides which. Empty where everything ran.
 * @param {Result[]} results
 */
export function skipList(results) {
  const lines = results.flatMap(({ suite, skips = [] }) => skips.map((skip) => `  ○ ${suite}: ${skip}`));
  return lines.length ? ['What was skipped:', ...lines].join('\n') : '';
}
