import fc from 'fast-check';
import { buildSchema, getIntrospectionQuery, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import { planCost } from './cost.analysis';
import { costOf, hasGoodPages } from './cost.plan';
import { DEFAULT_PAGE, INTROSPECTION_COST, ROOT_COST, UNSIZED_LIST } from './cost.weights';

const schema = buildSchema(`
  type Query { me: String  user: User  people: [User!]!  names: [String!]!  pages(first: Int = 7, last: Int): [User!]
    grid: [[User!]!]!  found: [Found!]! }
  type Mutation { pay(key: String): Payload!  signIn(email: String): Payload! }
  type Subscription { noticed: User! }
  type Payload { user: User userErrors: [UserError!]! }
  type UserError { code: String! }
  union Found = User | Payload
  type User { id: ID! name: String friend: User! wallets: [Wallet!]! all(first: Int, after: String): Connection! }
  type Wallet { id: ID! money: Money! }
  type Money { amount: String }
  type Connection { edges: [Edge!]! nodes: [User!]! info: Info! }
  type Edge { cursor: String! node: User! }
  type Info { more: Boolean! }
`);

function planOf(text: string, operationName?: string) {
  const document = parse(text);
  expect(validate(schema, document, specifiedRules)).toEqual([]);
  return planCost(schema, document, getOperationAST(document, operationName)!);
}
const cost = (text: string, variables: Record<string, unknown> = {}, operationName?: string): number =>
  costOf(planOf(text, operationName), variables);

describe('what an operation costs', () => {
  test.each<[string, string, number]>([
    ['a scalar of the root', '{ me }', 1],
    ['scalars below an object are free', '{ user { id name } }', 2],
    ['an object below', '{ user { friend { friend { id } } } }', 4],
    ['a list that names no size', '{ people { id } }', 1 + UNSIZED_LIST],
    ['what stands in it counts as often', '{ people { friend { id } } }', 1 + 2 * UNSIZED_LIST],
    ['a list in a list', '{ grid { id } }', 1 + UNSIZED_LIST ** 2],
    ['a list of scalars', '{ names }', 1],
    ['the types that are known to be few', '{ user { wallets { money { amount } } } }', 1 + 1 + 5 * 2],
    ['a list of its own size', '{ pages(first: 3) { id } }', 1 + 3],
    ['a list of its default size', '{ pages { id } }', 1 + 7],
    ['null asks for the default', '{ pages(first: null) { id } }', 1 + 7],
    ['both ends at once', '{ pages(first: 3, last: 2) { id } }', 1 + 100],
    ['a connection: edges, each with a node', '{ user { all(first: 4) { edges { node { id } } } } }', 3 + 4 * 2],
    ['its nodes', '{ user { all(first: 4) { nodes { id } } } }', 3 + 4],
    ['its other fields stand once', '{ user { all(first: 4) { info { more } } } }', 3 + 1],
    ['a connection without a size', '{ user { all { nodes { id } } } }', 3 + DEFAULT_PAGE],
    [
      'connections in one another',
      '{ user { all(first: 4) { nodes { all(first: 5) { nodes { id } } } } } }',
      3 + 4 * (1 + 1 + 5),
    ],
    [
      'every possible type of a union',
      '{ found { ... on User { friend { id } } ... on Payload { user { id } } } }',
      1 + 30,
    ],
    ['a mutation, whatever it answers', 'mutation { pay { user { id } userErrors { code } } }', ROOT_COST.mutation + 3],
    ['each of several', 'mutation { a: pay { user { id } } b: pay { user { id } } }', 2 * (ROOT_COST.mutation + 2)],
    ['one that hashes a password', 'mutation { signIn { userErrors { code } } }', 52],
    ['a subscription', 'subscription { noticed { id } }', ROOT_COST.subscription + 1],
    [
      'introspection',
      '{ __schema { types { name } } __type(name: "User") { name } __typename }',
      2 * INTROSPECTION_COST,
    ],
    ['what is never included', '{ me people @include(if: false) { id } user @skip(if: true) { id } }', 1],
    ['what always is', '{ user @include(if: true) @skip(if: false) { id } }', 2],
  ])('%s', (_what, text, expected) => expect(cost(text)).toBe(expected));

  test.each<[string, Record<string, unknown>, number]>([
    ['a number', { n: 50 }, 50],
    ['left out', {}, 9],
    ['null', { n: null }, 9],
    ['what is none of these counts as a whole page', { n: '5' }, 100],
  ])('a size by variable: %s', (_what, variables, size) => {
    const text = 'query ($n: Int = 9) { user { all(first: $n) { edges { node { friend { id } } } } } }';
    expect(cost(text, variables)).toBe(3 + size * 3);
  });

  test.each<[Record<string, unknown>, number]>([
    [{ yes: true, no: false }, 1 + UNSIZED_LIST + 2],
    [{ yes: false, no: false }, 2],
    [{ yes: false, no: true }, 0],
    [{ yes: true, no: true }, 1 + UNSIZED_LIST],
    [{ no: true }, 1 + UNSIZED_LIST],
  ])('conditions by variable: %j', (variables, expected) => {
    const text =
      'query ($yes: Boolean = true, $no: Boolean!) { people @include(if: $yes) { id } user @skip(if: $no) { id } }';
    expect(cost(text, variables)).toBe(expected);
  });

  test('each operation of a document has its own', () => {
    const text = 'query A { me } query B { people { id } }';
    expect([cost(text, {}, 'A'), cost(text, {}, 'B')]).toEqual([1, 1 + UNSIZED_LIST]);
  });

  test('the introspection of GraphiQL fits the budget', () =>
    expect(cost(getIntrospectionQuery())).toBe(INTROSPECTION_COST));
});

/** Selections on User, as a tree: deep and wide ones, with connections of literal and variable size. */
interface Tree {
  readonly alias: number;
  readonly size: number;
  readonly byVariable: boolean;
  readonly kind: 'friend' | 'wallets' | 'all';
  readonly below: readonly Tree[];
}
const trees: fc.Arbitrary<readonly Tree[]> = fc.letrec<{ list: readonly Tree[] }>((tie) => ({
  list: fc.array(
    fc.record({
      alias: fc.nat(),
      size: fc.integer({ min: 1, max: 100 }),
      byVariable: fc.boolean(),
      kind: fc.constantFrom('friend', 'wallets', 'all'),
      below: fc.oneof({ depthSize: 'small', maxDepth: 4 }, fc.constant<readonly Tree[]>([]), tie('list')),
    }),
    { maxLength: 3 },
  ),
})).list;

/** The rule again, in its plainest form. */
const expectedOf = (list: readonly Tree[]): number =>
  list.reduce((sum, { kind, size, below }) => {
    if (kind === 'wallets') return sum + 5;
    return sum + (kind === 'friend' ? 1 + expectedOf(below) : 1 + size * (1 + 1 + expectedOf(below)));
  }, 0);

function print(list: readonly Tree[], how: 'inline' | 'fragments') {
  const fragments: string[] = [];
  const variables: Record<string, number> = {};
  let names = 0;
  const selection = (trees: readonly Tree[]): string => {
    const text = trees.map((tree) => {
      const alias = `a${names++}`;
      if (tree.kind === 'wallets') return `${alias}: wallets { id }`;
      if (tree.kind === 'friend') return `${alias}: friend ${selection(tree.below)}`;
      if (tree.byVariable) variables[`v${names}`] = tree.size;
      const size = tree.byVariable ? `$v${names}` : String(tree.size);
      const edges = `{ edges { node ${selection(tree.below)} } }`;
      if (how === 'inline') return `${alias}: all(first: ${size}) ${edges}`;
      const name = `C${names++}`;
      fragments.push(`fragment ${name} on Connection ${edges}`);
      return `${alias}: all(first: ${size}) { ...${name} }`;
    });
    if (how === 'inline') return `{ id ${text.join(' ')} }`;
    const name = `F${names++}`;
    fragments.push(`fragment ${name} on User { id ... on User { ${text.join(' ')} __typename } }`);
    return `{ ...${name} }`;
  };
  const body = selection(list);
  const declared = Object.keys(variables).map((name) => `$${name}: Int`);
  const head = declared.length ? `query (${declared.join(', ')})` : 'query';
  return { text: `${head} { user ${body} } ${fragments.join(' ')}`, variables };
}

test.each(['inline', 'fragments'] as const)('a selection costs the sum of its objects, written %s', (how) => {
  fc.assert(
    fc.property(trees, (list) => {
      const { text, variables } = print(list, how);
      expect(cost(text, variables)).toBe(2 + expectedOf(list));
    }),
    { numRuns: 300 },
  );
});

test('aliases add up, however the same is asked for several times', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 100 }), (count, first) => {
      const one = cost(`{ pages(first: ${first}) { id friend { id } } }`);
      const names = Array.from({ length: count }, (_, n) => `a${n}: pages(first: ${first}) { ...F }`);
      expect(cost(`{ ${names.join(' ')} } fragment F on User { id friend { id } }`)).toBe(count * one);
    }),
  );
});

test('fragments that double at each step are worked out in a moment, also with variables', () => {
  const steps = Array.from({ length: 60 }, (_, n) => `fragment F${n} on User { ...F${n + 1} ...F${n + 1} }`);
  const last = 'fragment F60 on User { all(first: $n) { nodes { id } } }';
  const text = `query ($n: Int) { user { ...F0 } } ${steps.join(' ')} ${last}`;
  const plan = planOf(text);
  expect(plan.steps.length).toBeLessThan(200);
  expect(costOf(plan, { n: 3 })).toBe(2 + 2 ** 60 * 4);
});

test('a fragment in itself ends', () => {
  const document = parse('{ user { ...F } } fragment F on User { friend { ...F } }');
  expect(costOf(planCost(schema, document, getOperationAST(document)!), {})).toBe(3);
});

test.each<[string, Record<string, unknown>, boolean]>([
  ['{ pages(first: 100) { id } }', {}, true],
  ['{ pages(first: 101) { id } }', {}, false],
  ['{ pages(first: 0) { id } }', {}, false],
  ['{ user { ...F } } fragment F on User { all(first: -1) { info { more } } }', {}, false],
  ['query ($n: Int = 200) { pages(first: $n) { id } }', {}, false],
  ['query ($n: Int) { pages(last: $n) { id } }', { n: 100 }, true],
  ['query ($n: Int) { pages(last: $n) { id } }', { n: 101 }, false],
  ['query ($n: Int) { pages(last: $n) { id } }', { n: 2.5 }, false],
  ['query ($n: Int) { pages(last: $n) { id } }', { n: null }, true],
  ['query ($n: Int) { pages(last: $n) { id } }', {}, true],
])('pages of a length that is none: %s %j', (text, variables, good) => {
  expect(hasGoodPages(planOf(text), variables)).toBe(good);
});
