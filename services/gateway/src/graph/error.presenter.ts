import type { Logger } from '@tael/platform/log';
import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { withoutValues } from './message.domain';

/** What errors of one request are told with. */
export interface ErrorContext {
  readonly reference: string;
  readonly log: Logger;
  /** Where introspection is off, validation must not name fields that were only guessed at. */
  readonly suggestions: boolean;
  /** Causes that were logged already: one outage takes many fields. */
  readonly logged?: Set<Error>;
}

const PUBLIC = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'SECOND_FACTOR_REQUIRED',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'PAYLOAD_TOO_LARGE',
  'COST_LIMIT_EXCEEDED',
  'RATE_LIMITED',
  'SERVICE_BUSY',
  'SERVICE_UNAVAILABLE',
  'SUBGRAPH_UNAVAILABLE',
]);
/** Names that the libraries below use for what our clients know as BAD_USER_INPUT. */
const REQUEST_FAULTS = new Set(['BAD_REQUEST', 'OPERATION_RESOLUTION_FAILURE']);
const SAFE_EXTENSIONS = ['retryable', 'retryAfter', 'retryAfterSeconds', 'cost', 'field'] as const;

/** A variable that cannot be what the operation declares it to be: coercion marks the declaration. */
export function isVariableError(error: GraphQLError): boolean {
  return error.path === undefined && (error.nodes?.some((node) => node.kind === Kind.VARIABLE_DEFINITION) ?? false);
}

function codeOf(error: GraphQLError): string {
  const code = error.extensions['code'];
  if (typeof code === 'string') return REQUEST_FAULTS.has(code) ? 'BAD_USER_INPUT' : code;
  return isVariableError(error) ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR';
}

const withoutSuggestions = (message: string): string => message.replace(/ Did you mean .*\?$/s, '');

// The log writes an error's message and the frames of its stack.
function forLog(cause: Error): Error {
  const message = withoutValues(cause.message);
  if (message === cause.message) return cause;
  return Object.assign(new Error(message), { name: cause.name, stack: cause.stack });
}

function logOutage(error: GraphQLError, { reference, log, logged }: ErrorContext): void {
  let cause: Error = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  if (logged?.has(cause)) return;
  logged?.add(cause);
  log.warn({ cause: cause.message, reference, path: error.path }, 'a subgraph is away');
}

/**
 * Makes the error that leaves the gateway: code, message, path and a few safe extensions. What has no public code is
 * logged whole and shown under its reference alone.
 */
export function presentError(error: GraphQLError, context: ErrorContext): GraphQLFormattedError {
  const { reference, log } = context;
  const code = codeOf(error);
  const path = error.path ? { path: error.path } : {};
  if (!PUBLIC.has(code)) {
    const cause = error.originalError ?? error;
    log.error({ error: forLog(cause), reference, path: error.path }, 'a request failed');
    const message = `Something went wrong on our side. Reference: ${reference}`;
    return { message, ...path, extensions: { code: 'INTERNAL_SERVER_ERROR', reference } };
  }
  if (code === 'SUBGRAPH_UNAVAILABLE') logOutage(error, context);
  const extensions: Record<string, unknown> = { code, reference };
  for (const name of SAFE_EXTENSIONS) {
    if (error.extensions[name] !== undefined) extensions[name] = error.extensions[name];
  }
  return {
    message: withoutValues(context.suggestions ? error.message : withoutSuggestions(error.message)),
    ...(error.locations ? { locations: error.locations } : {}),
    ...path,
    extensions,
  };
}
