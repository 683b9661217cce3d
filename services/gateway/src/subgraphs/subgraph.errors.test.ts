import { fromSubgraph } from './subgraph.errors';

test.each([
  ['UNAUTHENTICATED', 'UNAUTHENTICATED'],
  ['FORBIDDEN', 'FORBIDDEN'],
  ['BAD_USER_INPUT', 'BAD_USER_INPUT'],
  ['SERVICE_BUSY', 'SERVICE_BUSY'],
  ['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
  ['GRAPHQL_VALIDATION_FAILED', 'INTERNAL_SERVER_ERROR'],
  ['GRAPHQL_PARSE_FAILED', 'INTERNAL_SERVER_ERROR'],
  ['SUBGRAPH_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'],
  ['INTERNAL_SERVER_ERROR', 'INTERNAL_SERVER_ERROR'],
  ['23505', 'INTERNAL_SERVER_ERROR'],
  [undefined, 'INTERNAL_SERVER_ERROR'],
])('the code %j of a subgraph becomes %j', (given, code) => {
  expect(fromSubgraph({ message: 'x', extensions: { code: given } }).extensions['code']).toBe(code);
});

test.each([
  'Expected value of type "Decimal!", found "1e5"; An amount is digits with at most one point.',
  'Decimal must be text of at most 64 characters',
  'DateTime must be an RFC 3339 instant in UTC',
  'Value "CRYPTO" does not exist in "TransactionKind" enum.',
])("a literal that a scalar of the subgraph refuses is the client's input: %s", (message) => {
  const error = fromSubgraph({ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
  expect([error.message, error.extensions]).toEqual([message, { code: 'BAD_USER_INPUT' }]);
});

test('of the extensions only known ones in their own form are taken', () => {
  const error = fromSubgraph({
    message: 'busy',
    path: ['a', 0],
    extensions: {
      code: 'SERVICE_BUSY',
      retryable: true,
      retryAfter: 2,
      field: ['input', 1],
      serviceName: 'x',
      stacktrace: ['y'],
      url: 'http://10.0.0.1',
      http: { status: 500 },
    },
  });
  expect([error.path, error.extensions]).toEqual([
    ['a', 0],
    { code: 'SERVICE_BUSY', retryable: true, retryAfter: 2, field: ['input', '1'] },
  ]);
  const odd = fromSubgraph({
    message: 5,
    path: 'a',
    extensions: { code: 'SERVICE_BUSY', retryable: 'yes', retryAfter: '<b>', field: 'x' },
  });
  expect([odd.message, odd.path, odd.extensions]).toEqual(['no message', undefined, { code: 'SERVICE_BUSY' }]);
});
