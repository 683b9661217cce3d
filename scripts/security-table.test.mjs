import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from './stack/settings.mjs';

const page = (/** @type {string} */ name) => fs.readFileSync(path.join(ROOT, 'docs', name), 'utf8');
const text = page('security.md');

/** The rows of the tables: the requirement, and the files of its tests. */
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (Requirement|Chapter) /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, requirement = '', , tests = '']) => ({
    requirement,
    files: [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
  }));

test('docs/data.md has every column that is sealed, and none besides', () => {
  const sources = ['accounts', 'merchants', 'rewards', 'notifications'].flatMap((service) => {
    const folder = path.join(ROOT, 'services', service, 'src');
    const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('migrations'))
      .map((name) => ({ service, source: fs.readFileSync(path.join(folder, name), 'utf8') }));
  });
  const sealed = sources.flatMap(({ service, source }) =>
    [...source.matchAll(/\{ table: '(\w+)', column: '(\w+)', key: '\w+', owner: '\w+'/g)].map(([, table, column]) => `${service} ${table}.${column}`),
  );
  const told = page('data.md')
    .split('\n')
    .map((line) => /^\| (accounts|merchants|rewards|notifications) \| ([^|]+) \|/.exec(line))
    .flatMap((row) => [...(row?.[2] ?? '').matchAll(/`([\w.]+)`/g)].map(([, name]) => `${row?.[1]} ${name}`));
  assert.ok(sealed.length > 20, 'the sources were read');
  assert.deepEqual(told.sort(), [...new Set(sealed)].sort());
});

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

/** @type {Record<string, number>} the ids of levels 1 and 2, as OWASP publishes them */
const LEVELS = JSON.parse(fs.readFileSync(path.join(ROOT, 'scripts', 'asvs-5.0.0.json'), 'utf8')).levels;
const [TABLES = '', OPEN = ''] = page('asvs.md').split('\n## Open');

/** A row of docs/asvs.md, and what is wrong with it. @param {string} line */
function readRow(line) {
  const [, id = '', level = '', asks = '', how = '', tests = '', ...more] = line.split('|').map((cell) => cell.trim());
  const parts = tests.split(', ');
  const files = parts.flatMap((part) => /^`(.+)`$/.exec(part)?.[1] ?? []);
  const words = parts.filter((part) => part && !/^`.+`$/.test(part));
  const problems = [
    ...(LEVELS[id] === Number(level) ? [] : [`is of level ${LEVELS[id]}, and ${level} stands there`]),
    ...(asks && how.length > 3 && more.length === 1 ? [] : ['does not say what it asks, or how that is met or why not']),
    ...(['', 'open', ...(files.length > 0 ? [] : ['none'])].includes(words.join()) && files.length + words.length > 0 ? [] : [`ends with ${tests}`]),
    ...files.filter((file) => !/\.test\.(ts|mjs)$/.test(file) || !fs.existsSync(path.join(ROOT, file))).map((file) => `${file} is no test that is there`),
  ];
  return { id, open: words.includes('open'), problems };
}

const lines = TABLES.split('\n').filter((line) => /^\| V\d/.test(line));

test('ASVS: every requirement of level 1 and 2 has one row in docs/asvs.md, in the order of the standard, and there is no other', () => {
  assert.equal(Object.keys(LEVELS).length, 253);
  assert.deepEqual(lines.map((line) => readRow(line).id), Object.keys(LEVELS));
});

test('ASVS: each row has its level, a reason, and tests that exist, or says open or none', () => {
  assert.deepEqual(lines.map(readRow).flatMap(({ id, problems }) => problems.map((problem) => `${id} ${problem}`)), []);
});

test('ASVS: a row that says nothing, or names what is not there, is found', () => {
  const found = (/** @type {string} */ rest) => readRow(`| V1.1.1 | ${rest}`).problems.length;
  assert.equal(found('2 | asks | is met | `scripts/security-table.test.mjs` |'), 0);
  assert.equal(found('2 | asks | is missing | open |'), 0);
  assert.equal(found('2 | asks | half of it | `scripts/security-table.test.mjs`, open |'), 0);
  for (const bad of [
    '1 | asks | is met | `scripts/security-table.test.mjs` |', '2 | asks | | none |', '2 | | is met | open |', '2 | asks | is met | |',
    '2 | asks | is met | `gone.test.mjs` |', '2 | asks | is met | `scripts/lint.mjs` |', '2 | asks | is met | `scripts/security-table.test.mjs`, none |',
    '2 | asks | is met | later |', '2 | asks | is met | open | more |',
  ]) assert.notEqual(found(bad), 0, bad);
});

test('ASVS: the list at the end has what is open, each once, and nothing else', () => {
  const listed = [...OPEN.matchAll(/^\d+\. ((?:V[\d.]+(?:, )?)+):/gm)].flatMap(([, ids = '']) => ids.split(', '));
  assert.deepEqual(listed.sort(), lines.map(readRow).filter(({ open }) => open).map(({ id }) => id).sort());
});
