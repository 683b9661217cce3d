import { getIntrospectionQuery, parse } from 'graphql';
import { DIRECTIVES_MAX, refuseFloods, REPEATS_MAX, SPREADS_MAX } from './flood.rules';

const times = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');
const problem = (text: string): string | undefined => {
  try {
    refuseFloods(parse(text));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

test.each<[string, (count: number) => string, number]>([
  ['directives on a field', (count) => `{ me ${times(count, () => '@a')} }`, DIRECTIVES_MAX],
  ['directives everywhere', (count) => `query @a { ${times(count - 1, (n) => `f${n} @a`)} }`, DIRECTIVES_MAX],
  ['spreads', (count) => `{ ${times(count, (n) => `...F${n}`)} }`, SPREADS_MAX],
  ['inline fragments', (count) => `{ ${times(count, () => '... { me }')} }`, SPREADS_MAX],
  ['a field', (count) => `{ ${times(count, () => 'me')} }`, REPEATS_MAX],
  [
    'an alias, below and in a fragment',
    (count) => `fragment F on A { b { ${times(count, (n) => `x: f${n}`)} } }`,
    REPEATS_MAX,
  ],
])('%s', (_what, make, most) => {
  expect(problem(make(most))).toBeUndefined();
  expect(problem(make(most + 1))).toContain(`${most} are allowed`);
});

test('GraphiQL may ask for the schema', () => expect(problem(getIntrospectionQuery())).toBeUndefined());
