import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../stack/settings.mjs';
import { readAudit } from './audit.mjs';
import { isAllowed, licenceProblems } from './licences.mjs';
import { lockfileProblems } from './lockfile.mjs';
import { secretProblems } from './secrets.mjs';

/** @param {string} file */
const json = (file) => JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8'));
const lockfile = () => json('package-lock.json');

test('A28: every package of the lockfile has a sum, one origin, and no script that nobody allowed', () => {
  assert.deepEqual(lockfileProblems(lockfile(), json('package.json').allowScripts), []);
});

test('A28: a lockfile with a package unlike the others is refused', () => {
  const good = { version: '1.0.0', resolved: 'https://registry.example/a.tgz', integrity: 'sha512-x' };
  /** @param {Record<string, object>} packages @param {Record<string, boolean>} [allowed] */
  const problems = (packages, allowed = {}) => lockfileProblems({ packages }, allowed);
  assert.deepEqual(problems({ 'node_modules/a': good, 'packages/b': {}, 'node_modules/b': { link: true } }), []);
  assert.deepEqual(problems({ 'node_modules/a': { ...good, integrity: undefined } }), [
    'node_modules/a has no sha512 sum',
  ]);
  assert.deepEqual(problems({ 'node_modules/a': { ...good, integrity: 'sha1-x' } }), [
    'node_modules/a has no sha512 sum',
  ]);
  assert.deepEqual(problems({ 'node_modules/a': { ...good, resolved: 'git+ssh://elsewhere/a' } }), [
    'node_modules/a does not come over https',
  ]);
  assert.deepEqual(
    problems({ 'node_modules/a': good, 'node_modules/b': { ...good, resolved: 'https://elsewhere.example/b.tgz' } }),
    ['packages come from 2 hosts: elsewhere.example, registry.example'],
  );
  const scripted = { 'node_modules/x/node_modules/@s/a': { ...good, hasInstallScript: true } };
  assert.equal(problems(scripted).length, 1);
  assert.deepEqual(problems(scripted, { '@s/a': false }), []);
  assert.deepEqual(problems({ 'node_modules/a': good }, { gone: true }), [
    'allowScripts names gone, which is not installed',
  ]);
  assert.deepEqual(problems({}), ['the lockfile has no packages']);
});

test('A28: what runs with the platform has a licence that we know and want', () => {
  assert.deepEqual(licenceProblems(lockfile(), ROOT), []);
});

for (const [expression, allowed] of /** @type {[string | undefined, boolean][]} */ ([
  ['MIT', true],
  ['(MIT OR EUPL-1.1+)', true],
  ['(MIT AND BSD-3-Clause)', true],
  ['OFL-1.1', true],
  ['OFL-1.1 AND SSPL-1.0', false],
  ['MIT AND SSPL-1.0', false],
  ['GPL-3.0-only OR (Apache-2.0 AND MIT)', true],
  ['(GPL-3.0-only OR SSPL-1.0) AND MIT', false],
  ['Elastic-2.0', false],
  ['SSPL-1.0', false],
  ['BUSL-1.1', false],
  ['UNLICENSED', false],
  ['SEE LICENSE IN LICENSE.md', false],
  ['(MIT', false],
  ['', false],
  [undefined, false],
]))
  test(`the licence ${expression} is ${allowed ? 'wanted' : 'not wanted'}`, () =>
    assert.equal(isAllowed(expression), allowed));

test('an unwanted licence of a package at runtime is named; one of a tool is not', () => {
  const packages = {
    'node_modules/@none/such-a': { license: 'SSPL-1.0' },
    'node_modules/@none/such-b': {},
    'node_modules/@none/such-c': { license: 'Elastic-2.0', dev: true },
  };
  assert.deepEqual(licenceProblems({ packages }, ROOT), [
    'node_modules/@none/such-a has the licence SSPL-1.0',
    'node_modules/@none/such-b has the licence unknown',
  ]);
});

test('A28: no file of the checkout has a secret', () => {
  assert.deepEqual(secretProblems(ROOT) ?? [], []);
});

test('A28: a secret in a file is found, and not repeated', (context) => {
  const folder = fs.mkdtempSync(path.join(ROOT, '.tael-secrets-'));
  context.after(() => fs.rmSync(folder, { recursive: true }));
  // Made here, so that no file of the checkout looks as if it had one.
  const password = randomBytes(12).toString('hex');
  const token = `ghp_${randomBytes(18).toString('hex')}`;
  const address = ['postgres:/', `/tael:${password}@db.example:5432/tael`].join('');
  fs.writeFileSync(path.join(folder, 'settings.txt'), `url = "${address}"\ntoken = "${token}"\n`);
  const problems = secretProblems(ROOT, [path.relative(ROOT, path.join(folder, 'settings.txt'))]);
  assert.equal(problems?.length, 2, String(problems));
  assert.ok(!String(problems).includes(token) && !String(problems).includes(password));
});

test('an audit without an answer is not a clean one', () => {
  const counts = { metadata: { vulnerabilities: { high: 0 } } };
  assert.equal(readAudit('').state, 'not checked');
  assert.equal(readAudit('<html>405</html>').state, 'not checked');
  assert.equal(readAudit('{"error":{"code":"ENOAUDIT","summary":"no answer"}}').state, 'not checked');
  assert.equal(readAudit('{}').state, 'not checked');
  assert.equal(readAudit(JSON.stringify({ ...counts, vulnerabilities: {} })).state, 'clean');
  const low = { a: { name: 'a', severity: 'moderate', range: '<1' } };
  assert.equal(readAudit(JSON.stringify({ ...counts, vulnerabilities: low })).state, 'clean');
  const high = { ...low, b: { name: 'b', severity: 'high', range: '<2' } };
  assert.deepEqual(readAudit(JSON.stringify({ ...counts, vulnerabilities: high })), {
    state: 'found',
    lines: ['b <2: high'],
  });
});
