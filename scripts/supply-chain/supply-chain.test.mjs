import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { ROOT } from '../stack/settings.mjs';
import { readAudit } from './audit.mjs';
import { isAllowed, licenceProblems } from './licences.mjs';
import { installed, lockfileProblems } from './lockfile.mjs';
import { SBOM_FILE, sbomProblems, steady, writeSbom } from './sbom.mjs';
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

test('A28: the SBOM names every package that runs, with version and licence, and no other; it is the same each time', () => {
  assert.deepEqual(writeSbom(ROOT, lockfile()).problems, []);
  const text = fs.readFileSync(path.join(ROOT, SBOM_FILE), 'utf8');
  /** @type {import('./sbom.mjs').Sbom & { metadata: object }} */
  const sbom = JSON.parse(text);
  assert.equal(sbom.bomFormat, 'CycloneDX');
  // By hand from the lockfile, not by the function that says whether the SBOM is whole.
  const runtime = installed(lockfile()).filter(({ entry }) => !entry.dev);
  assert.ok(runtime.length > 100, String(runtime.length));
  const ours = sbom.components.filter(({ name }) => name.startsWith('@tael/')).map(({ name }) => name.replace('@tael/', ''));
  assert.deepEqual(ours.sort(), [
    'accounts', 'emvco', 'events', 'gateway', 'graphql', 'http-signature', 'merchants', 'money', 'notifications', 'partner-graph', 'platform', 'rewards', 'sandbox',
  ]);
  const named = sbom.components.filter(({ name }) => !name.startsWith('@tael/'));
  assert.deepEqual(
    [...new Set(named.map(({ name, version }) => `${name}@${version}`))].sort(),
    [...new Set(runtime.map(({ name, entry }) => `${entry.name ?? name}@${entry.version}`))].sort(),
  );
  for (const { name, version, purl, licenses } of named) {
    assert.match(purl, new RegExp(`^pkg:npm/.+@${version.replaceAll('.', '[.]')}`), name);
    const licence = licenses?.[0]?.expression ?? licenses?.[0]?.license?.id ?? licenses?.[0]?.license?.name;
    assert.ok(isAllowed(licence), `${name}@${version}: ${licence}`);
  }
  assert.doesNotMatch(text, /serialNumber|"timestamp"/);
  writeSbom(ROOT, lockfile());
  assert.equal(fs.readFileSync(path.join(ROOT, SBOM_FILE), 'utf8'), text);
});

test('A28: an SBOM without a package, its version or its licence is refused; two runs of npm come to one text', () => {
  const packages = {
    'node_modules/a': { version: '1.0.0', license: 'MIT' },
    'node_modules/a/node_modules/b': { version: '2.0.0', license: 'ISC' },
    'node_modules/tool': { version: '3.0.0', license: 'MIT', dev: true },
  };
  /** @param {string} name @param {string} version @param {string} [id] */
  const component = (name, version, id) => ({
    'bom-ref': `${name}@${version}`, name, version, purl: `pkg:npm/${name}@${version}`, ...(id ? { licenses: [{ license: { id } }] } : {}),
  });
  /** @param {ReturnType<typeof component>[]} components @param {object} [more] */
  const sbom = (components, more = {}) => ({ bomFormat: 'CycloneDX', specVersion: '1.5', metadata: {}, dependencies: [], ...more, components });
  const whole = [component('a', '1.0.0', 'MIT'), component('b', '2.0.0', 'ISC')];
  assert.deepEqual(sbomProblems(sbom(whole), { packages }), []);
  assert.deepEqual(sbomProblems(sbom([component('a', '1.0.0', 'MIT'), component('b', '2.0.1', 'ISC')]), { packages }), [
    'node_modules/a/node_modules/b 2.0.0 is not in the SBOM',
  ]);
  assert.deepEqual(sbomProblems(sbom([component('a', '1.0.0'), whole[1] ?? component('b', '')]), { packages }), ['node_modules/a has no licence in the SBOM']);
  assert.deepEqual(sbomProblems(sbom(whole), { packages: {} }), ['no runtime package was found']);
  const once = sbom([...whole], { serialNumber: 'urn:uuid:1', metadata: { timestamp: '1' }, dependencies: [{ ref: 'b', dependsOn: [] }, { ref: 'a', dependsOn: ['d', 'c'] }] });
  const again = sbom(whole.toReversed(), { serialNumber: 'urn:uuid:2', metadata: { timestamp: '2' }, dependencies: [{ ref: 'a', dependsOn: ['c', 'd'] }, { ref: 'b', dependsOn: [] }] });
  assert.equal(JSON.stringify(steady(once, { packages })), JSON.stringify(steady(again, { packages })));
});

test('A28: no file of the checkout has a secret', (context) => {
  const problems = secretProblems(ROOT);
  if (problems) return assert.deepEqual(problems, []);
  // Nothing was looked at: to a person that is said, and a pipeline must not take it for an answer.
  assert.notEqual(process.env['CI'], 'true', 'this is no checkout of git: nothing was searched for secrets');
  context.skip('this is no checkout of git: nothing was searched for secrets');
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
