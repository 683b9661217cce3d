import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoreOf } from './score.mjs';

const mutants = (/** @type {string[]} */ ...statuses) => ({ mutants: statuses.map((status) => ({ status })) });

test('the score counts what was noticed of all that could run; what was not covered was not noticed', () => {
  const report = {
    files: {
      'a.ts': mutants('Killed', 'Timeout', 'Survived', 'RuntimeError', 'CompileError', 'Ignored'),
      'b.ts': mutants('NoCoverage'),
      'c.ts': mutants(),
    },
  };
  assert.deepEqual(scoreOf(report), {
    score: 50,
    killed: 2,
    mutants: 4,
    files: [
      { file: 'a.ts', score: 66.67, killed: 2, mutants: 3 },
      { file: 'b.ts', score: 0, killed: 0, mutants: 1 },
      { file: 'c.ts', score: 100, killed: 0, mutants: 0 },
    ],
  });
});
