import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge } from './results.mjs';
import { scoreOf, sumOf } from './score.mjs';

const mutants = (/** @type {string[]} */ ...statuses) => ({ mutants: statuses.map((status) => ({ status })) });

test('the score counts what was noticed of all that could run; what was not covered was not noticed', () => {
  const rows = /** @type {const} */ ([
    [['Killed', 'Timeout', 'Survived', 'RuntimeError', 'CompileError', 'Ignored'], { score: 66.66, killed: 2, timeouts: 1, mutants: 3 }],
    [['NoCoverage'], { score: 0, killed: 0, timeouts: 0, mutants: 1 }],
    [[], { score: 100, killed: 0, timeouts: 0, mutants: 0 }],
  ]);
  for (const [statuses, score] of rows) assert.deepEqual(scoreOf({ files: { 'a.ts': mutants(...statuses) } }), score);
});

test('a workspace has the score of its mutants, not the mean of its files; what does not reach a bound is below it', () => {
  const few = { score: 0, killed: 0, timeouts: 0, mutants: 2 };
  const many = { score: 99.99, killed: 17_998, timeouts: 3, mutants: 19_998 };
  assert.deepEqual(sumOf([few, many]), { score: 89.99, killed: 17_998, timeouts: 3, mutants: 20_000 });
});

test("a file's score takes the place of its former one; the others stay, those of files that are gone go", () => {
  const scored = (/** @type {string} */ file, /** @type {number} */ killed) => ({
    file, date: '2026-11-27', commit: 'abc', score: killed * 10, killed, timeouts: 0, mutants: 10,
  });
  const [amount, gone, rounding] = ['amount', 'gone', 'rounding'].map((name) => `packages/money/src/${name}.ts`);
  const known = {
    'packages/money': { note: 'as it is', score: 60, killed: 18, timeouts: 0, mutants: 30, files: [scored(amount, 5), scored(gone, 5), scored(rounding, 8)] },
  };
  assert.deepEqual(merge(known, [amount, rounding], scored(amount, 9)), {
    'packages/money': { note: 'as it is', score: 85, killed: 17, timeouts: 0, mutants: 20, files: [scored(amount, 9), scored(rounding, 8)] },
  });
});
