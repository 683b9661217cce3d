// Proves that every lint rule can fail: each folder of fixtures holds the violations that its expect.json names, no others.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { before, describe, it } from 'node:test';
import { lintFolder, OWN_RULES } from './lint-folder.mjs';
import { ROOT } from './workspace.mjs';

const FIXTURES = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'fixtures');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const expected = new Map(
  readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => [name, readJson(join(FIXTURES, name, 'expect.json'))]),
);

const found = new Map([...expected.keys()].map((name) => [name, {}]));

before(async () => {
  for (const { path, rule } of await lintFolder(FIXTURES)) {
    const [fixture, ...rest] = relative(FIXTURES, path).split('/');
    (found.get(fixture)[rest.join('/')] ??= []).push(rule);
  }
});

const sorted = (byFile) => Object.fromEntries(Object.entries(byFile).map(([file, rules]) => [file, [...rules].sort()]));

describe('a fixture', () => {
  for (const [name, byFile] of expected) {
    it(Object.keys(byFile).length ? `breaks ${name}` : `${name} breaks nothing`, () => {
      assert.deepEqual(sorted(found.get(name)), sorted(byFile));
    });
  }
});

it('every rule has a fixture', () => {
  const shown = new Set([...expected.values()].flatMap((byFile) => Object.values(byFile)).flat());
  const configured = Object.entries(readJson(join(ROOT, '.oxlintrc.json')).rules)
    .filter(([, setting]) => setting !== 'off')
    .map(([rule]) => rule.split('/').at(-1));
  assert.deepEqual(
    [...OWN_RULES, ...configured].filter((rule) => !shown.has(rule)),
    [],
  );
});

it('every room of the house has a fixture', () => {
  const rooms = readJson(join(ROOT, '.oxlintrc.json'))
    .overrides.filter(({ rules }) => Array.isArray(rules['no-restricted-imports']))
    .flatMap(({ files }) => files.map((glob) => glob.replace('**/*', '')));
  const broken = [...expected.values()].flatMap((byFile) =>
    Object.entries(byFile)
      .filter(([, rules]) => rules.includes('no-restricted-imports'))
      .map(([file]) => file),
  );
  assert.ok(rooms.length >= 6);
  assert.deepEqual(
    rooms.filter((suffix) => !broken.some((file) => file.endsWith(suffix))),
    [],
  );
});
