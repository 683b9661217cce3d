import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from './stack/settings.mjs';

const text = fs.readFileSync(path.join(ROOT, 'docs', 'security.md'), 'utf8');

/** The rows of the tables: the requirement, and the files of its tests. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Requirement|Chapter) /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, requirement = '', , tests = '']) => ({
    requirement,
    files: [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
  }));

test('every requirement of docs/security.md names tests that exist', () => {
  assert.ok(rows.length > 25, 'the tables were read');
  for (const { requirement, files } of rows) {
    assert.notEqual(files.length, 0, `${requirement} names no test`);
    for (const file of files) {
      assert.match(file, /\.test\.(ts|mjs)$/, `${requirement}: ${file}`);
      assert.ok(fs.existsSync(path.join(ROOT, file)), `${requirement}: ${file} is not there`);
    }
  }
});

test('the ten of OWASP and the chapters of ASVS are all there', () => {
  const named = rows.map(({ requirement }) => requirement.split(' ')[0]);
  for (let n = 1; n <= 10; n += 1) assert.ok(named.includes(`API${n}`), `API${n}`);
  for (let n = 1; n <= 17; n += 1) assert.match(text, new RegExp(`\\bV${n}\\b`), `V${n}`);
});
