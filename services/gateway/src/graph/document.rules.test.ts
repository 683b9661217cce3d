import fc from 'fast-check';
import { buildSchema, getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql';
import { ALIASES_MAX, DEPTH_MAX, DocumentLimitsRule } from './document.rules';

const schema = buildSchema('type Query { node: Node } type Node { id: ID node: Node }');
const problems = (text: string): string[] =>
  validate(schema, parse(text), [DocumentLimitsRule]).map((error) => error.message);

const nested = (depth: number): string => `{ ${'node { '.repeat(depth - 1)} id ${'}'.repeat(depth - 1)} }`;
const fragmented = (depth: number): string => {
  const fragments = Array.from({ length: depth - 2 }, (_, n) => `fragment F${n} on Node { node { ...F${n + 1} } }`);
  return `{ node { ...F0 } } ${fragments.join(' ')} fragment F${depth - 2} on Node { ... on Node { id } }`;
};

test.each([
  ['inline', nested],
  ['in fragments', fragmented],
])('depth is the same %s', (_how, make) => {
  expect(problems(make(DEPTH_MAX))).toEqual([]);
  expect(problems(make(DEPTH_MAX + 1))).toEqual([
    `The operation is ${DEPTH_MAX + 1} levels deep; ${DEPTH_MAX} are allowed.`,
  ]);
});

test('aliases count wherever they stand, once for each spread of a fragment', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 0, max: 5 }),
      (inline, each, spreads) => {
        const names = (prefix: string, count: number): string =>
          Array.from({ length: count }, (_, n) => `${prefix}${n}: id`).join(' ');
        const fragment = `fragment F on Node { id ${names('b', each)} }`;
        const document = `{ node { id ${names('a', inline)} ${'...F '.repeat(spreads)} } } ${fragment}`;
        const total = inline + each * spreads;
        expect(problems(document)).toEqual(
          total > ALIASES_MAX ? [`The operation has ${total} aliases; ${ALIASES_MAX} are allowed.`] : [],
        );
      },
    ),
  );
});

test('every operation of a document is measured', () => {
  expect(problems(`query A ${nested(3)} query B ${nested(DEPTH_MAX + 2)}`)).toHaveLength(1);
});

test('fragments that double at each step are measured in a moment', () => {
  const fragments = Array.from(
    { length: 60 },
    (_, n) => `fragment F${n} on Node { node { id } ...F${n + 1} ...F${n + 1} }`,
  );
  expect(problems(`{ node { ...F0 } } ${fragments.join(' ')} fragment F60 on Node { a: id }`)).toEqual([
    `The operation has ${2 ** 60} aliases; ${ALIASES_MAX} are allowed.`,
  ]);
});

test('a fragment in itself ends', () => {
  expect(problems('{ node { ...F } } fragment F on Node { node { ...F } }')).toEqual([]);
});

test('introspection has its own bound: the query of GraphiQL passes, lists in lists do not', () => {
  const all = (text: string): number => validate(schema, parse(text), [...specifiedRules, DocumentLimitsRule]).length;
  expect(all(getIntrospectionQuery())).toBe(0);
  const looped =
    '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }';
  expect(all(looped)).toBeGreaterThan(0);
});
