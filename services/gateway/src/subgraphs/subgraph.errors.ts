import { GraphQLError } from 'graphql';

/** An error as a subgraph sent it: not to be trusted in form. */
export interface SubgraphError {
  readonly message?: unknown;
  readonly path?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>> | null;
}

// Refusals that a subgraph says to the client. Everything else is a fault of the inside.
const SPOKEN = new Set([
  'UNAUTHENTICATED', 'FORBIDDEN', 'SECOND_FACTOR_REQUIRED', 'BAD_USER_INPUT', 'SERVICE_BUSY', 'SERVICE_UNAVAILABLE',
]);

// Custom scalars are checked where they are implemented: a literal that is none of the scalar's values passes the
// gateway's validation and fails the subgraph's. That is the client's input, unlike any other validation error there.
const BAD_LITERAL = /^(Expected value of type|Value ".*" does not exist in|Enum ".*" cannot represent|(Decimal|CurrencyCode|DateTime) must be )/;

/** A subgraph did not answer: the rest of the answer stands, and the same request may be sent again. */
export function subgraphUnavailable(cause: unknown): GraphQLError {
  return new GraphQLError('A part of the platform does not answer right now. Try again in a moment.', {
    originalError: cause instanceof Error ? cause : new Error(String(cause)),
    extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true },
  });
}

/** A subgraph has too much to do and did nothing: the same request may be sent again after a while. */
export function subgraphBusy(retryAfterSeconds: number): GraphQLError {
  return new GraphQLError('The service is busy. Try again in a moment.', {
    extensions: { code: 'SERVICE_BUSY', retryable: true, retryAfter: retryAfterSeconds, retryAfterSeconds },
  });
}

/** Something is wrong between gateway and subgraph. The message is for the log; the client gets a reference. */
export function subgraphFault(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}

/** Makes an error of the gateway of one that a subgraph sent: message, path and safe extensions, nothing else. */
export function fromSubgraph(error: SubgraphError): GraphQLError {
  const message = typeof error.message === 'string' ? error.message : 'no message';
  const given = error.extensions ?? {};
  const code =
    given['code'] === 'GRAPHQL_VALIDATION_FAILED' && BAD_LITERAL.test(message)
      ? 'BAD_USER_INPUT'
      : String(given['code']);
  const path = Array.isArray(error.path) ? { path: error.path as (string | number)[] } : {};
  if (!SPOKEN.has(code)) {
    return new GraphQLError(message, { ...path, extensions: { code: 'INTERNAL_SERVER_ERROR', subgraphCode: code } });
  }
  const extensions: Record<string, unknown> = { code };
  if (typeof given['retryable'] === 'boolean') extensions['retryable'] = given['retryable'];
  if (typeof given['retryAfter'] === 'number') extensions['retryAfter'] = given['retryAfter'];
  if (Array.isArray(given['field'])) extensions['field'] = given['field'].map(String);
  return new GraphQLError(message, { ...path, extensions });
}
