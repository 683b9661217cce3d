import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { broken, failedNames, failureList, readJestReport, readTap, readTasks, skipList, table, total } from './results.mjs';

/** @param {object} report */
function reportFile(report) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tael-report-')), 'unit.json');
  fs.writeFileSync(file, JSON.stringify(report));
  return file;
}

const REPORT = {
  success: true,
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 0,
  startTime: 1_000,
  testResults: [{ endTime: 2_500 }, { endTime: 3_000 }],
};

test('a jest report gives its counts', () => {
  assert.deepEqual(readJestReport('unit x', reportFile(REPORT)), {
    suite: 'unit x',
    passed: 7,
    failed: 0,
    skipped: 2,
    ms: 2_000,
    failures: [],
    skips: [],
  });
});

test('a test file that could not be run is a failure, and so is a run that failed without a failed test', () => {
  assert.equal(readJestReport('x', reportFile({ ...REPORT, success: false, numRuntimeErrorTestSuites: 2 })).failed, 2);
  assert.equal(readJestReport('x', reportFile({ ...REPORT, success: false })).failed, 1);
});

test('a missing report is a failure', () => {
  assert.equal(readJestReport('x', '/nowhere/unit.json').failed, 1);
});

test('of turbo, each task is one; a task that was never run failed; one that does not exist does not count', () => {
  const execution = { exitCode: 0, startTime: 5, endTime: 9 };
  const summary = {
    tasks: [
      { task: 'lint', command: 'node lint', execution },
      { taskId: '@tael/a#lint', task: 'lint', command: 'node lint', execution: { ...execution, exitCode: 1 } },
      { task: 'lint', command: 'node lint' },
      { task: 'lint', command: '<NONEXISTENT>', execution },
      { task: 'build', command: 'tsc', execution },
    ],
  };
  assert.deepEqual(readTasks('lint', summary), {
    suite: 'lint',
    passed: 1,
    failed: 2,
    skipped: 0,
    ms: 8,
    failures: ['@tael/a#lint', 'lint'],
  });
});

test('TAP gives its counts; a cancelled test failed; no counts at all is a failure', () => {
  const tap = '# tests 6\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n# duration_ms 12.5\n';
  assert.deepEqual(readTap('scripts', `not ok 4 - adds up\nok 5 - goes far # SKIP no root\n    ok 1 - goes on # SKIP\nok 6 - adds\n${tap}`), {
    suite: 'scripts',
    passed: 3,
    failed: 2,
    skipped: 1,
    ms: 12.5,
    failures: ['adds up'],
    skips: ['goes far [no root]', 'goes on'],
  });
  assert.equal(readTap('scripts', 'Segmentation fault').failed, 1);
});

test('the table names every suite and why one broke', () => {
  const results = [{ suite: 'unit', passed: 2, failed: 0, skipped: 0, ms: 1_500 }, broken('e2e', 'no stack')];
  assert.deepEqual(total(results), { passed: 2, failed: 1, skipped: 0 });
  assert.match(table(results), /unit +2 +0 +0 +1\.5\n.*e2e +0 +1 +0 +0\.0 {2}no stack/);
});

test('what failed is told by name, with the beginning of why, and without colours', () => {
  const failed = {
    status: 'failed',
    fullName: 'pays twice',
    failureMessages: [`\u001b[31mExpected 1\u001b[39m\n\n${'at x\n'.repeat(99)}`],
  };
  const testResults = [
    { endTime: 2_500, name: '/w/test/a.int.test.ts', assertionResults: [{ ...failed, status: 'passed' }, failed] },
    { endTime: 2_500, name: '/w/test/b.int.test.ts', message: 'Cannot find module', assertionResults: [] },
  ];
  const report = { ...REPORT, success: false, numFailedTests: 1, numRuntimeErrorTestSuites: 1, testResults };
  const lines = failureList([readJestReport('int x', reportFile(report)), broken('e2e', 'no stack')]).split('\n');
  assert.deepEqual(lines.slice(0, 4), [
    'What failed:',
    '  ✕ int x: a.int.test.ts: pays twice',
    '      Expected 1',
    '      at x',
  ]);
  assert.deepEqual(lines.slice(-2), ['  ✕ int x: b.int.test.ts', '      Cannot find module']);
  assert.equal(lines.length, 1 + 16 + 2);
  assert.equal(failureList([readJestReport('x', reportFile(REPORT))]), '');
});

test('below the table stand the names alone of what failed', () => {
  const failures = ['a.int.test.ts: pays twice\n      Expected 1', 'b.int.test.ts\n      Cannot find module'];
  const results = [{ ...broken('int x', ''), failures }, { ...broken('unit y', ''), failed: 0 }, broken('e2e', 'no stack')];
  assert.equal(failedNames(results), '  ✕ int x: a.int.test.ts: pays twice\n  ✕ int x: b.int.test.ts\n  ✕ e2e: no stack');
  assert.equal(failedNames([]), '');
});

test('what was skipped is told by name, and with what is missing', () => {
  const one = (/** @type {string} */ status, /** @type {string} */ fullName) => ({ status, fullName, failureMessages: [] });
  const testResults = [
    {
      endTime: 2_500,
      name: '/w/faults/disk.test.ts',
      assertionResults: [one('pending', 'F14: the disk [needs root]'), one('passed', 'pays'), one('todo', 'later')],
    },
  ];
  const result = readJestReport('faults', reportFile({ ...REPORT, testResults }));
  assert.equal(
    skipList([result, broken('e2e', 'no stack')]),
    'What was skipped:\n  ○ faults: disk.test.ts: F14: the disk [needs root]\n  ○ faults: disk.test.ts: later',
  );
  assert.equal(skipList([readJestReport('x', reportFile(REPORT))]), '');
});
