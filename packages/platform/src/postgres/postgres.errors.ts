/** Postgres did not answer, or the outcome of a commit is unknown: the same request with the same key may be sent again. */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super('the database does not answer', { cause });
    this.name = 'DatabaseUnavailable';
  }
}

interface PostgresFault {
  /** Text, of Postgres and of Node; a number in faults of others, such as Kafka's. */
  readonly code?: unknown;
  readonly constraint?: string;
  readonly routine?: string;
}

const fault = (error: unknown): PostgresFault => {
  const driverError = (error as { driverError?: PostgresFault })?.driverError;
  return (driverError ?? error ?? {}) as PostgresFault;
};

/** Gives the SQLSTATE of a fault, or the driver's network code (ECONNREFUSED), or undefined. */
export function faultCode(error: unknown): string | undefined {
  const { code } = fault(error);
  return typeof code === 'string' ? code : undefined;
}

/** Gives the name of the constraint that a statement broke (classes 23…), or undefined for any other fault. */
export function violatedConstraint(error: unknown): string | undefined {
  return faultCode(error)?.startsWith('23') ? fault(error).constraint : undefined;
}

/** Says whether a statement broke a unique constraint, and where told, that one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return faultCode(error) === '23505' && (constraint === undefined || fault(error).constraint === constraint);
}

// Connection exceptions, shutdown, too many connections, disk full, read-only; and Node's own network codes.
const AWAY = /^(08...|57P0[1-3]|53...|25006|ECONN.*|ETIMEDOUT|EPIPE|ENOENT|EHOSTUNREACH)$/;

// The driver's own words, without a code: a session that ended while it was used, between two statements, or before it began.
const SESSION_LOST =
  /Connection terminated|Client was closed|Client has encountered a connection error|timeout exceeded when trying to connect|connection timeout|timeout expired/i;

/** Says whether a fault means that the database is away rather than that the statement is wrong. */
export function isAway(error: unknown): boolean {
  const code = faultCode(error);
  if (code !== undefined) return AWAY.test(code);
  return SESSION_LOST.test(String((error as Error)?.message));
}

/** Says whether a prepared statement was refused because a migration changed what it gives: prepared anew, it works. */
export function isStalePlan(error: unknown): boolean {
  return faultCode(error) === '0A000' && fault(error).routine === 'RevalidateCachedQuery';
}

/** Where Postgres finds that: in PL/pgSQL, in an expression's parameter, and in what a function gives. */
const STALE_EXPRESSION = /^(plpgsql_param_|ExecEvalParamExtern|CheckVarSlotCompatibility)/;

/**
 * Says whether an expression of a PL/pgSQL function was planned by this session when a column of a row that it reads (NEW of a trigger, a variable of a table's
 * type) had another type. Postgres does not plan those anew by itself when the column changes: the session fails with each such row, until it discards its plans.
 */
export function isStaleExpression(error: unknown): boolean {
  return faultCode(error) === '42804' && STALE_EXPRESSION.test(fault(error).routine ?? '');
}

/** Says whether the session that was used has plans of before a migration: a session of ours makes them anew. */
export function isStale(error: unknown): boolean {
  return isStalePlan(error) || isStaleExpression(error);
}

/** Says whether the same transaction may simply be run again: serialisation failure, deadlock or stale plan, rolled back whole. */
export function isTransient(error: unknown): boolean {
  return ['40001', '40P01'].includes(faultCode(error) ?? '') || isStale(error);
}

/** Says whether a statement, or its wait for a lock, took longer than its session allows: its transaction is rolled back. */
export function ranOutOfTime(error: unknown): boolean {
  return ['57014', '55P03'].includes(faultCode(error) ?? '');
}

/** Says whether a statement failed by its values (a number out of range, a broken constraint): the same again fails again. */
export function isDataFault(error: unknown): boolean {
  return /^2[23]/.test(faultCode(error) ?? '');
}
