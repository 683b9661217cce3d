import { pointAtNulls } from './error.paths';

type Path = (string | number)[];
const outage = (path: Path): { message: string; path: Path; extensions: Record<string, unknown> } => ({
  message: 'away',
  path,
  extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true },
});
const data = { viewer: { points: null, shops: [{ shop: { name: 'a' } }, { shop: null }] }, gone: null };

test.each<[string, Path, Path]>([
  ['a null field', ['viewer', 'points'], ['viewer', 'points']],
  ['a field that took its parent along', ['viewer', 'shops', 1, 'shop', 'name'], ['viewer', 'shops', 1, 'shop']],
  ['a field that the client did not ask for', ['viewer', 'ownerId'], ['viewer']],
  [
    'a field that is not null after all',
    ['viewer', 'shops', 0, 'shop', 'name'],
    ['viewer', 'shops', 0, 'shop', 'name'],
  ],
  ['a root field', ['gone', 'name'], ['gone']],
])('%s', (_what, path, expected) => {
  expect(pointAtNulls([outage(path)], data)).toEqual([outage(expected)]);
});

test('fields that took the same parent are told once', () => {
  expect(pointAtNulls([outage(['gone', 'name']), outage(['gone', 'category'])], data)).toEqual([outage(['gone'])]);
});

test('without data a path stays as it is', () => {
  expect(pointAtNulls([outage(['shop'])], null)).toEqual([outage(['shop'])]);
});

test('what is no outage is left alone', () => {
  const refusal = { message: 'no', path: ['gone', 'name'], extensions: { code: 'FORBIDDEN' } };
  expect(pointAtNulls([refusal, refusal], data)).toEqual([refusal, refusal]);
});
