import { unwrapResolverError } from '@apollo/server/errors';
import type { Logger } from '@tael/platform/log';
import { DatabaseUnavailable, isAway, ranOutOfTime } from '@tael/platform/postgres';
import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';

/** An input that no client that was built against the schema would send: GraphQL error BAD_USER_INPUT. */
export function badUserInput(message: string, field?: readonly string[]): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', ...(field ? { field } : {}) } });
}

export function unauthenticated(): GraphQLError {
  return new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } });
}

/** The person's role demands a second factor, and they have none: they may do nothing but set one up. */
export function secondFactorRequired(): GraphQLError {
  return new GraphQLError('Your role needs a second factor. Set one up with beginTotp and confirmTotp, then call refreshSession.', {
    extensions: { code: 'SECOND_FACTOR_REQUIRED' },
  });
}

export function forbidden(): GraphQLError {
  return new GraphQLError('Your role may not do this.', { extensions: { code: 'FORBIDDEN' } });
}

/** Too much work at once: nothing was done, the same request may be sent again. */
export function serviceBusy(retryAfterSeconds: number): GraphQLError {
  return new GraphQLError('The service is busy. Try again in a moment.', {
    extensions: { code: 'SERVICE_BUSY', retryable: true, retryAfter: retryAfterSeconds },
  });
}

/** A partner's token lacks a scope. Names are documented, so saying which is no secret. */
export function scopeRequired(scope: string): GraphQLError {
  return new GraphQLError(`The access token needs the scope ${scope}.`, { extensions: { code: 'FORBIDDEN', scope } });
}

// Codes that say no more than the request itself already knew.
const PUBLIC = new Set([
  'BAD_USER_INPUT', 'UNAUTHENTICATED', 'FORBIDDEN', 'SECOND_FACTOR_REQUIRED', 'SERVICE_BUSY', 'SERVICE_UNAVAILABLE', 'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE', 'PERSISTED_QUERY_NOT_FOUND', 'BAD_REQUEST',
]);

const VALUES = new Set<string>([Kind.VARIABLE, Kind.OBJECT, Kind.LIST, Kind.INT, Kind.FLOAT, Kind.STRING, Kind.BOOLEAN, Kind.NULL, Kind.ENUM]);

/**
 * Says whether an argument could not be read. Validation passes a variable that may be null where a value is needed if it has a
 * default (`$amount: MoneyInput = {…}`); null in its place is found out as the field is executed, by an error that marks the argument's value.
 */
function isArgumentFault(original: unknown): boolean {
  if (!(original instanceof GraphQLError) || original.originalError) return false;
  return original.extensions['code'] === undefined && (original.nodes?.some(({ kind }) => VALUES.has(kind)) ?? false);
}

/**
 * Makes the error that leaves the service: a refusal with a public code as it is, an absent database as retryable
 * SERVICE_UNAVAILABLE, anything else masked under the request's reference and logged whole.
 */
export function maskError(formatted: GraphQLFormattedError, error: unknown, request: { reference: string; log: Logger }): GraphQLFormattedError {
  const { reference, log } = request;
  const at = {
    ...(formatted.locations ? { locations: formatted.locations } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
  };
  const original = unwrapResolverError(error);
  if (ranOutOfTime(original)) {
    log.warn({ error: original, reference }, 'the database did not answer in time');
    return { ...at, message: 'The service is busy. Try again in a moment.', extensions: { code: 'SERVICE_BUSY', retryable: true, retryAfter: 1, reference } };
  }
  if (original instanceof DatabaseUnavailable || isAway(original)) {
    log.warn({ error: original, reference }, 'what the service needs is away');
    return { ...at, message: 'The service is not available. Try again in a moment.', extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true, reference } };
  }
  // In our words: the library's repeat the value.
  if (isArgumentFault(original)) {
    return { ...at, message: 'A variable is null where a value is needed.', extensions: { code: 'BAD_USER_INPUT', reference } };
  }
  const { stacktrace: _stack, ...extensions } = formatted.extensions ?? {};
  if (PUBLIC.has(String(extensions['code']))) return { ...at, message: formatted.message, extensions: { ...extensions, reference } };
  log.error({ error: original, reference, path: formatted.path }, 'a request failed');
  return { ...at, message: `Something went wrong on our side. Reference: ${reference}`, extensions: { code: 'INTERNAL_SERVER_ERROR', reference } };
}
