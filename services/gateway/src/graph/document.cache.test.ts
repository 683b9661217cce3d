import { buildSchema } from 'graphql';
import { createDocumentCache } from './document.cache';

const schema = buildSchema('type Query { a: Int } type Mutation { b: Int }');
const cache = (bytesMax?: number): ReturnType<typeof createDocumentCache> =>
  createDocumentCache({ schema, introspection: false, ...(bytesMax ? { bytesMax } : {}) });

test('a document is parsed once', () => {
  const documents = cache();
  expect(documents.read('{ a }').document).not.toBeNull();
  expect(documents.read('{ a }')).toBe(documents.read('{ a }'));
});

test.each([
  ['{ a', 'GRAPHQL_PARSE_FAILED'],
  ['{ b }', 'GRAPHQL_VALIDATION_FAILED'],
  ['{ __schema { types { name } } }', 'GRAPHQL_VALIDATION_FAILED'],
  [`{ ${'a '.repeat(20_000)} }`, 'GRAPHQL_PARSE_FAILED'],
  [`{ ${'a '.repeat(1_001)} }`, 'GRAPHQL_PARSE_FAILED'],
])('%j is refused with %s, also the second time', (text, code) => {
  const documents = cache();
  for (let time = 0; time < 2; time++) {
    const { document, errors } = documents.read(text);
    expect([document, errors?.[0]?.extensions['code']]).toEqual([null, code]);
  }
});

test('what was asked for longest ago is forgotten first, and memory is bounded', () => {
  const documents = cache(10_000);
  const kept = documents.read('{ a }');
  for (let n = 0; n < 100; n++) {
    documents.read(`query Q${n} { a }`);
    expect(documents.read('{ a }')).toBe(kept);
    expect(documents.bytes()).toBeLessThanOrEqual(10_000);
  }
  expect(documents.read('query Q99 { a }')).toBe(documents.read('query Q99 { a }'));
});

test('operations are found by name; without one only where there is one', () => {
  const documents = cache();
  const two = documents.read('query A { a } mutation B { b }').document!;
  expect(documents.operationOf(two, 'B')?.operation).toBe('mutation');
  expect(documents.operationOf(two, 'A')?.operation).toBe('query');
  expect(documents.operationOf(two, undefined)).toBeUndefined();
  expect(documents.operationOf(two, 'C')).toBeUndefined();
  expect(documents.operationOf(documents.read('{ a }').document!, undefined)?.operation).toBe('query');
});
