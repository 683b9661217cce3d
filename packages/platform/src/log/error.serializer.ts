import { faultCode, violatedConstraint } from '../postgres/postgres.errors';

/** An error as the log shows it. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  /** SQLSTATE, or the network's code. */
  readonly code?: string;
  readonly constraint?: string;
  /** The name that the failed statement begins with. */
  readonly statement?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

const QUOTED = /"[^"]*"?|'[^']*'?|`[^`]*`?/g;
const CAUSES_MAX = 4;

/**
 * Describes an error for people who look for its reason. Of a failed statement it shows what failed and how, never with what:
 * its parameters, the row that Postgres quotes and its text may hold a mail address or a hash of a password.
 */
export function serializeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'a value that is no error was thrown' };
  const code = faultCode(error);
  const constraint = violatedConstraint(error);
  const statement = /^\s*\/\* ([\w.-]+) \*\//.exec((error as { query?: string }).query ?? '')?.[1];
  const fromDatabase = 'driverError' in error || 'severity' in error;
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)).join('\n');
  return {
    type: error.name,
    message: fromDatabase ? error.message.replace(QUOTED, '"…"') : error.message,
    ...(code ? { code } : {}),
    ...(constraint ? { constraint } : {}),
    ...(statement ? { statement } : {}),
    ...(frames ? { stack: frames } : {}),
    ...(error.cause !== undefined && depth < CAUSES_MAX ? { cause: serializeError(error.cause, depth + 1) } : {}),
  };
}
