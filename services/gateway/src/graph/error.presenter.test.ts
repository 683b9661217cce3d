import { createLogger } from '@tael/platform/log';
import { GraphQLError, parse } from 'graphql';
import { Writable } from 'node:stream';
import { presentError } from './error.presenter';

const log = createLogger({ service: 'gateway', level: 'silent' });
const context = { reference: 'ref', log, suggestions: true };
const present = (code: string | undefined, message = 'said'): unknown =>
  presentError(new GraphQLError(message, { extensions: code ? { code } : {} }), context);

test.each([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'PAYLOAD_TOO_LARGE',
  'SERVICE_BUSY',
  'SERVICE_UNAVAILABLE',
  'SUBGRAPH_UNAVAILABLE',
])('%s is public', (code) => {
  expect(present(code)).toEqual({ message: 'said', extensions: { code, reference: 'ref' } });
});

test.each(['BAD_REQUEST', 'OPERATION_RESOLUTION_FAILURE'])('%s is what clients know as BAD_USER_INPUT', (code) => {
  expect(present(code)).toEqual({ message: 'said', extensions: { code: 'BAD_USER_INPUT', reference: 'ref' } });
});

test.each([undefined, 'INTERNAL_SERVER_ERROR', 'DOWNSTREAM_SERVICE_ERROR', '23505', 'SHUTTING_DOWN'])(
  '%s is shown by its reference alone',
  (code) => {
    expect(present(code, 'SELECT * FROM wallet')).toEqual({
      message: 'Something went wrong on our side. Reference: ref',
      extensions: { code: 'INTERNAL_SERVER_ERROR', reference: 'ref' },
    });
  },
);

test("a variable that cannot be coerced is the client's input", () => {
  const operation = parse('query ($n: Int) { a }').definitions[0]!;
  const nodes = 'variableDefinitions' in operation ? operation.variableDefinitions! : [];
  expect(presentError(new GraphQLError('Variable "$n" got invalid value', { nodes }), context).extensions).toEqual({
    code: 'BAD_USER_INPUT',
    reference: 'ref',
  });
});

test('names are not guessed at where introspection is off', () => {
  const error = new GraphQLError('Cannot query field "viewe" on type "Query". Did you mean "viewer" or "view"?', {
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  });
  expect(presentError(error, { ...context, suggestions: false }).message).toBe(
    'Cannot query field "viewe" on type "Query".',
  );
  expect(presentError(error, context).message).toContain('Did you mean');
});

test('a refused value is told to nobody, nor logged', () => {
  const lines: string[] = [];
  const write = (line: Buffer, _encoding: unknown, done: () => void): void => {
    lines.push(line.toString());
    done();
  };
  const recording = createLogger({ service: 'gateway', level: 'debug', destination: new Writable({ write }) });
  const message = 'Variable "$input" got invalid value "hunter2" at "input.number"; Int cannot represent: "hunter2"';
  for (const code of ['BAD_USER_INPUT', 'INTERNAL_SERVER_ERROR']) {
    const error = new GraphQLError(message, { extensions: { code } });
    expect(JSON.stringify(presentError(error, { ...context, log: recording }))).not.toContain('hunter2');
  }
  expect(lines.join('')).toContain('input.number');
  expect(lines.join('')).not.toContain('hunter2');
});
