import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { ROOT } from '../stack/settings.mjs';
import { placesOf, problemsOf } from './rules.mjs';

const supergraph = fs.readFileSync(path.join(ROOT, 'supergraph.graphql'), 'utf8');
/** @returns {import('./rules.mjs').Rules} */
const rules = () => JSON.parse(fs.readFileSync(path.join(ROOT, 'supergraph.ownership.json'), 'utf8'));

test('A14, A16: every field, operation and id of the graph has its rule', () => {
  assert.deepEqual(problemsOf(supergraph, rules()), []);
  const { ids, operations, entities, values } = placesOf(supergraph);
  assert.ok(
    ids.size > 20 && operations.size > 30 && entities.size > 50 && values.size > 40,
    'the graph was read whole',
  );
});

for (const [what, from, to, problem] of [
  ['a field of an entity', /(type User\b[^{]*\{)/, '$1\n  nickname: String', 'User.nickname has no rule in "entities"'],
  ['a field of a value', /(type Money\b[^{]*\{)/, '$1\n  minor: String', 'Money.minor has no rule in "values"'],
  ['a query', /(type Query\b[^{]*\{)/, '$1\n  people: [User!]', 'Query.people has no rule in "operations"'],
  ['a mutation', /(type Mutation\b[^{]*\{)/, '$1\n  give: Boolean', 'Mutation.give has no rule in "operations"'],
  ['an id in an argument', /(type Wallet\b[^{]*\{)/, '$1\n  of(id: [ID!]!): Int', 'Wallet.of(id) has no rule in "ids"'],
  ['an id in an input', /(input TopUpInput\b[^{]*\{)/, '$1\n  to: ID', 'TopUpInput.to has no rule in "ids"'],
]) {
  test(`${what} without a rule is named`, () => {
    const changed = supergraph.replace(/** @type {RegExp} */ (from), String(to));
    assert.notEqual(changed, supergraph);
    assert.ok(problemsOf(changed, rules()).includes(String(problem)));
  });
}

test('a rule for what is gone, and a word that means nothing, are named', () => {
  const changed = rules();
  changed.entities['User.shoeSize'] = ['everyone'];
  changed.operations['Query.viewer'] = 'friends';
  changed.ids['Query.transaction(id)'] = 'secret';
  assert.deepEqual(problemsOf(supergraph, changed), [
    'Query.transaction(id) names a "secret": no such thing',
    'Query.viewer is for "friends": not one of anybody, signed-in, operators, partners',
    'User.shoeSize has a rule in "entities" and is not there',
    'User.shoeSize is seen by "everyone": not one of owner, merchant, operator, stranger',
  ]);
});

test('the command fails where a rule is missing', (context) => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tael-ownership-')), 'supergraph.graphql');
  context.after(() => fs.rmSync(path.dirname(file), { recursive: true }));
  fs.writeFileSync(file, supergraph.replace(/(type User\b[^{]*\{)/, '$1\n  nickname: String'));
  const check = (/** @type {string[]} */ ...args) =>
    spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'ownership.mjs'), ...args], { encoding: 'utf8' });
  assert.equal(check().status, 0);
  const { status, stdout } = check(file);
  assert.equal(status, 1);
  assert.match(stdout, /User\.nickname has no rule/);
});
