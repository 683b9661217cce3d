import { buildSchema, getOperationAST, parse } from 'graphql';
import { shapeOf } from './answer.shape';

const schema = buildSchema(`
  type Query { user: User  users: [User!]!  named: Named }
  type User { id: ID!  name: String  level: Level  tags: [String]  friend: User }
  enum Level { LOW HIGH }
  interface Named { name: String }
`);
const fits = (query: string, value: unknown, variables: Record<string, unknown> = {}): boolean | undefined => {
  const document = parse(query);
  return shapeOf(schema, document, { operation: getOperationAST(document)!, variables })?.(value);
};
const user = { id: '1', name: null, level: 'LOW', tags: ['a', null] };

test.each<[string, string, unknown, boolean]>([
  ['what was asked for', '{ user { id name level tags } }', { user }, true],
  ['null where it may be', '{ user { id } }', { user: null }, true],
  ['null where it may not be', '{ user { id } }', { user: { id: null } }, false],
  ['a field too few', '{ user { id name } }', { user: { id: '1' } }, false],
  ['a field too many', '{ user { id } }', { user: { id: '1', name: 'x' } }, false],
  ['another order', '{ user { id name } }', { user: { name: 'x', id: '1' } }, false],
  ['an enum value that the graph does not know', '{ user { level } }', { user: { level: 'NEW' } }, false],
  ['a list where an object belongs', '{ user { id } }', { user: [{ id: '1' }] }, false],
  ['an object where a list belongs', '{ users { id } }', { users: { id: '1' } }, false],
  ['null in a list that holds none', '{ users { id } }', { users: [null] }, false],
  ['another type', '{ user { __typename } }', { user: { __typename: 'Other' } }, false],
  ['aliases, also of __typename', '{ u: user { t: __typename n: name } }', { u: { t: 'User', n: 'x' } }, true],
  ['merged fragments', '{ user { ...F name } user { level } } fragment F on User { id }', { user: { id: '1', name: 'x', level: null } }, true],
])('%s', (_what, query, value, expected) => {
  expect(fits(query, value)).toBe(expected);
});

test('@skip and @include decide by the variables', () => {
  const query = 'query ($yes: Boolean!) { user { id @skip(if: $yes) name @include(if: $yes) } }';
  expect(fits(query, { user: { name: 'x' } }, { yes: true })).toBe(true);
  expect(fits(query, { user: { name: 'x' } }, { yes: false })).toBe(false);
});

test.each([
  ['interfaces', '{ named { name } }'],
  ['aliases that look like introspection', '{ user { __typename: name } }'],
  ['nothing at all', '{ user @skip(if: true) { id } }'],
])('%s have no form that is known before', (_what, query) => {
  expect(fits(query, {})).toBeUndefined();
});
