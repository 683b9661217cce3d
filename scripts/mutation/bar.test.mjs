import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { transformSync } from '@swc/core';
import { ROOT } from '../stack/settings.mjs';
import { belowBar, LOWER, TYPES_ALONE } from './bar.mjs';
import { knownScores } from './results.mjs';
import { MUTATED, rulesOf } from './workspaces.mjs';

test('a file of rules without a score, or with one below the bar, is named; one of types alone needs none', () => {
  const scored = (/** @type {string} */ name, /** @type {number} */ killed, score = killed / 10) => ({
    file: `packages/money/src/${name}.ts`, date: '2026-11-30', commit: 'abc', score, killed, timeouts: 0, mutants: 1_000,
  });
  const files = [scored('enough', 900), scored('less', 899), scored('raised', 100, 100)];
  const known = { 'packages/money': { score: 63.3, killed: 1_899, timeouts: 0, mutants: 3_000, files } };
  const [none = '', ofTypes = ''] = ['packages/money/src/none.ts', TYPES_ALONE[0]];
  assert.deepEqual(belowBar([...files.map(({ file }) => file), none, ofTypes], known), [
    'packages/money/src/less.ts: 89.9 %',
    'packages/money/src/raised.ts: 10 %',
    'packages/money/src/none.ts: no score',
  ]);
});

test('every rule of money, rewards and messages has a score of at least 90 %; `npm run mutation -- --file <it>` says what no test notices', () => {
  const files = MUTATED.filter(({ isBarred }) => isBarred).flatMap(rulesOf);
  assert.ok(files.length > 100, 'the rules were found');
  assert.deepEqual(belowBar(files, knownScores()), []);
});

test('what is named as an exception is a rule that there is', () => {
  const files = MUTATED.flatMap(rulesOf);
  assert.deepEqual([...TYPES_ALONE, ...Object.keys(LOWER)].filter((file) => !files.includes(file)), []);
});

test('a file that needs no score holds types alone', () => {
  for (const file of TYPES_ALONE) {
    const { code } = transformSync(fs.readFileSync(path.join(ROOT, file), 'utf8'), { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } });
    assert.equal(code.replace(/\/\*.*?\*\/|\/\/.*$|export *\{ *\};?/gms, '').trim(), '', file);
  }
});
