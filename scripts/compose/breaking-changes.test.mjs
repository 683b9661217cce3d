import { buildSchema } from 'graphql';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { breakingChanges, readWaivers, refusalOf, WAIVERS } from './breaking-changes.mjs';

const BEFORE = `
  type Query { wallet(id: ID!, currency: String): Wallet thing: Thing }
  interface Named { name: String }
  type Wallet implements Named { id: ID! name: String balance: Int! kind: Kind! }
  type Shop { id: ID! }
  union Thing = Wallet | Shop
  enum Kind { PRIVATE SHARED }
  input Opening { currency: String! }
  type Mutation { open(input: Opening): Wallet }`;

const ids = (/** @type {string} */ after) =>
  breakingChanges(buildSchema(BEFORE), buildSchema(after)).map(({ id }) => id);

for (const [what, from, to, ...expected] of [
  ['a field is gone', ' balance: Int!', '', 'FIELD_REMOVED Wallet.balance'],
  ['a field may be null now', 'balance: Int!', 'balance: Int', 'FIELD_CHANGED_KIND Wallet.balance'],
  ['an argument is gone', ', currency: String', '', 'ARG_REMOVED Query.wallet(currency:)'],
  ['an argument is demanded', 'currency: String)', 'currency: String!)', 'ARG_CHANGED_KIND Query.wallet(currency:)'],
  ['a new argument is demanded', 'id: ID!, c', 'id: ID!, at: ID!, c', 'REQUIRED_ARG_ADDED Query.wallet(at:)'],
  ['an input is demanded', 'String! }', 'String! at: ID! }', 'REQUIRED_INPUT_FIELD_ADDED Opening.at'],
  ['an input is gone', 'currency: String! }', 'code: String }', 'FIELD_REMOVED Opening.currency'],
  ['an enum value is gone', ' SHARED', '', 'VALUE_REMOVED_FROM_ENUM Kind.SHARED'],
  ['a union member is gone', ' | Shop', '', 'TYPE_REMOVED_FROM_UNION Thing.Shop'],
  ['an interface is gone', ' implements Named', '', 'IMPLEMENTED_INTERFACE_REMOVED Wallet & Named'],
  ['a type is another kind', 'enum Kind { PRIVATE SHARED }', 'scalar Kind', 'TYPE_CHANGED_KIND Kind'],
  [
    'a type is gone',
    'type Shop { id: ID! }',
    'type Store { id: ID! }',
    'TYPE_REMOVED Shop',
    'TYPE_REMOVED_FROM_UNION Thing.Shop',
  ],
]) {
  test(`${what}: ${expected.join(', ')}`, () => {
    const after = BEFORE.replace(String(from), String(to)).replace(
      expected.length > 1 ? '| Shop' : 'never in it',
      '| Store',
    );
    assert.deepEqual(ids(after), expected);
  });
}

for (const [what, from, to] of [
  ['a field more', 'balance: Int!', 'balance: Int! more: Int'],
  ['a promise more', 'name: String balance', 'name: String! balance'],
  ['a demand less', 'currency: String! }', 'currency: String }'],
  ['an argument that may be left out', 'id: ID!, c', 'id: ID!, at: ID, c'],
]) {
  test(`${what} breaks nothing`, () => assert.deepEqual(ids(BEFORE.replace(String(from), String(to))), []));
}

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-waivers-'));
const declare = (/** @type {unknown} */ content) => {
  fs.mkdirSync(path.join(root, 'docs'), { recursive: true });
  fs.writeFileSync(path.join(root, WAIVERS), JSON.stringify(content));
};

test('a waiver holds up to and on its day, and has lapsed the day after', () => {
  declare([{ change: 'TYPE_REMOVED Shop', why: 'never served', until: '2027-04-01' }]);
  assert.deepEqual([...readWaivers(root, '2027-04-01').holding], ['TYPE_REMOVED Shop']);
  const { holding, lapsed } = readWaivers(root, '2027-04-02');
  assert.deepEqual([...holding], []);
  const { message } = refusalOf([{ id: 'TYPE_REMOVED Shop', text: 'Shop was removed.' }], lapsed);
  assert.match(message, /TYPE_REMOVED Shop: Shop was removed\. Its waiver held until 2027-04-01\./);
});

test('a list of waivers that cannot be read is refused', () => {
  declare({});
  assert.throws(() => readWaivers(root, '2027-01-01'), /is no list/);
  declare([{ change: 'TYPE_REMOVED Shop', until: '2027-04-01' }]);
  assert.throws(() => readWaivers(root, '2027-01-01'), /each entry needs/);
});
