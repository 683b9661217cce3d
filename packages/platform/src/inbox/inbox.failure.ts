import { DatabaseUnavailable } from '../postgres';
import { faultCode, violatedConstraint } from '../postgres/postgres.errors';

/** What to do about an error of a handler. */
export type Verdict = 'wait' | 'poison' | 'retry';

// A lock that was not to be had in time, a deadlock, a serialisation failure: they say nothing of the message, others were busy.
const BUSY: ReadonlySet<string> = new Set(['55P03', '40P01', '40001']);

/** Says whether somebody else held a lock for too long: of many messages, most may have nothing to do with it. */
export function isBusy(error: unknown): boolean {
  return BUSY.has(faultCode(error) ?? '');
}

/** Says whether to wait for the database, to give a message up at once, or to try it again some times. */
export function verdictOn(error: unknown): Verdict {
  if (error instanceof DatabaseUnavailable || isBusy(error)) return 'wait';
  const name = (error as Error)?.name;
  return name === 'Poison' || name === 'MalformedEvent' ? 'poison' : 'retry';
}

/**
 * Describes an error for a dead letter: its class and text. What others quote may be data of the event (a value that
 * Postgres refused, a piece of JSON), so quoted text is cut out of all but our own errors, whose texts hold none.
 */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'a value that is no error was thrown';
  if (verdictOn(error) === 'poison') return `${error.name}: ${error.message}`;
  const code = faultCode(error);
  const constraint = violatedConstraint(error);
  const details = [code && `code ${code}`, constraint && `constraint ${constraint}`].filter(Boolean).join(', ');
  const text = error.message.replace(/"[^"]*"?|'[^']*'?|`[^`]*`?/g, '"…"');
  return `${error.name}: ${text}${details ? ` (${details})` : ''}`;
}
