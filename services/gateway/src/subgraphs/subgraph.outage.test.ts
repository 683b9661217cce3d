import { parse } from 'graphql';
import { subgraphUnavailable } from './subgraph.errors';
import { locate, LOCATED_MAX } from './subgraph.outage';

const error = subgraphUnavailable(new Error('ECONNREFUSED'));
const pathsOf = (query: string, variables?: Record<string, unknown>): unknown[] =>
  locate(error, { document: parse(query), variables }).map((located) => located.path);
const ENTITIES = 'query ($representations: [_Any!]!, $yes: Boolean) { _entities(representations: $representations)';

test('every root field is told, under its response key', () => {
  expect(pathsOf('{ shop { name } other: shop { name } __typename }')).toEqual([['shop'], ['other']]);
});

test('every field of every entity is told, by the type of the entity', () => {
  const query = `${ENTITIES} { __typename ... on User { points rest: points } ...OfShop } } fragment OfShop on Shop { name }`;
  const representations = [
    { __typename: 'User', id: '1' },
    { __typename: 'Shop', id: '2' },
  ];
  expect(pathsOf(query, { representations })).toEqual([
    ['_entities', 0, 'points'],
    ['_entities', 0, 'rest'],
    ['_entities', 1, 'name'],
  ]);
});

test('what a batch asks under names of its own is told under them', () => {
  const query = `query ($a: [_Any!]!, $b: [_Any!]!) {
    first: _entities(representations: $a) { ... on User { points } }
    second: _entities(representations: $b) { ... on Node { name } }
  }`;
  expect(pathsOf(query, { a: [{ __typename: 'User' }], b: [{ __typename: 'Shop' }] })).toEqual([
    ['first', 0, 'points'],
    ['second', 0, 'name'],
  ]);
});

test('what is left out by the client is not told', () => {
  const query = `${ENTITIES} { ... on User { points @skip(if: $yes) level @include(if: $yes) } } }`;
  const representations = [{ __typename: 'User' }];
  expect(pathsOf(query, { representations, yes: true })).toEqual([['_entities', 0, 'level']]);
});

test('the number is bounded, and what is beyond is told once', () => {
  const representations = Array.from({ length: 100 }, () => ({ __typename: 'User' }));
  const paths = pathsOf(`${ENTITIES} { ... on User { points } } }`, { representations });
  expect(paths).toHaveLength(LOCATED_MAX + 1);
  expect(paths.slice(-2)).toEqual([['_entities', LOCATED_MAX - 1, 'points'], undefined]);
});

test('message, code and cause stay', () => {
  const [located] = locate(error, { document: parse('{ shop }') });
  expect([located?.message, located?.extensions]).toEqual([error.message, error.extensions]);
});
