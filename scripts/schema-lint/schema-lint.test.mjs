import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { ROOT } from '../stack/settings.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-schema-lint-'));

/** @param {string} [schema] without one the graph as it is composed */
function lint(schema) {
  const file = path.join(folder, 'schema.graphql');
  if (schema !== undefined) fs.writeFileSync(file, schema);
  const args = [path.join(ROOT, 'scripts', 'schema-lint.mjs'), ...(schema === undefined ? [] : [file])];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, rules: [...new Set(stdout.match(/(?<=@graphql-eslint\/)[a-z-]+|no-restricted-syntax/g))].sort() };
}

const GOOD = `
type Thing { id: ID! name: String! }
type ThingConnection { edges: [ThingEdge!]! pageInfo: PageInfo! }
type ThingEdge { cursor: String! node: Thing! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Query {
  """All things."""
  things(first: Int, after: String): ThingConnection!
  """One thing."""
  thing(id: ID!, filter: ThingFilter): Thing
}
input ThingFilter {
  """1 to 80 characters."""
  name: String!
  """Of 1 to 20 letters."""
  words: [String!]
  most: Int
}`;

test('the graph keeps the rules', () => assert.deepEqual(lint(), { status: 0, rules: [] }));

test('a good schema keeps the rules', () => assert.deepEqual(lint(GOOD), { status: 0, rules: [] }));

for (const [what, from, to, rule] of [
  ['a type in small letters', /Thing\b/g, 'thing', 'naming-convention'],
  ['a query without a description', '"""One thing."""\n  ', '', 'require-description'],
  ['a text to send without a description', '"""1 to 80 characters."""', '', 'no-restricted-syntax'],
  ['texts to send without one', '"""Of 1 to 20 letters."""', '', 'no-restricted-syntax'],
  ['a list that cannot be paged', '(first: Int, after: String)', '', 'relay-arguments'],
  ['a connection without edges', 'edges: [ThingEdge!]! ', '', 'relay-connection-types'],
  ['an edge without a cursor', 'cursor: String! ', '', 'relay-edge-types'],
  ['page info that says nothing of the end', ' endCursor: String', '', 'relay-page-info'],
  ['a field named after its type', 'name: String!', 'thingName: String!', 'no-typename-prefix'],
  ['a type that nothing leads to', 'type Query', 'type Lost { a: Int }\ntype Query', 'no-unreachable-types'],
  ['a deprecation without a reason', 'name: String!', 'name: String! @deprecated', 'require-deprecation-reason'],
]) {
  test(`${what} breaks ${rule}`, () => {
    const { status, rules } = lint(GOOD.replace(/** @type {string} */ (from), String(to)));
    assert.equal(status, 1);
    assert.ok(rules.includes(String(rule)), `${rule} is not among ${rules.join(', ')}`);
  });
}
