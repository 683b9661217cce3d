import {
  type DataSource, type EntityManager, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import { currentTraceparent, traced } from '../telemetry';
import { DatabaseUnavailable, isAway, isStale, isTransient } from './postgres.errors';
import { PreparingClient } from './preparing-client';

/** An open transaction. Statements through it commit together or not at all. */
export type Tx = EntityManager;

const ATTEMPTS_MAX = 4;
/** More than a pool has sessions: after a migration each of them is stale once, or twice. */
const STALE_MAX = 100;
const PAUSE_MS = 20;
const SPAN = { name: 'transaction', kind: 'client', attributes: { 'db.system.name': 'postgresql' } } as const;

/** Called after each commit of the data source; the outbox relay listens so that it need not wait for its poll. */
const commitListeners = new WeakMap<DataSource, Set<() => void>>();

/** Adds a listener for commits of {@link inTransaction}; gives the function that removes it. */
export function onCommit(dataSource: DataSource, listener: () => void): () => void {
  const listeners = commitListeners.get(dataSource) ?? new Set();
  commitListeners.set(dataSource, listeners.add(listener));
  return () => listeners.delete(listener);
}

/**
 * Runs `work` in one READ COMMITTED transaction. A deadlock or a serialisation failure runs it again (up to 4 times), and so does a session
 * whose plans a migration made stale (each of a pool is so once or twice), so it must have no effect outside of the transaction. Never repeated: a lost connection, since the commit may stand.
 * @throws DatabaseUnavailable where the database is away or the outcome is unknown
 */
export async function inTransaction<T>(dataSource: DataSource, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let conflicts = 0, stale = 0; ;) {
    try {
      const run = (): Promise<T> => dataSource.transaction((tx) => withIts(tx, work));
      const result = await (currentTraceparent() ? traced(SPAN, run) : run());
      commitListeners.get(dataSource)?.forEach((listener) => listener());
      return result;
    } catch (error) {
      if (isAway(error) || lostItsSession(error)) throw new DatabaseUnavailable(error);
      if (!isTransient(error)) throw error;
      if (isStale(error)) stale += 1;
      else conflicts += 1;
      if (conflicts >= ATTEMPTS_MAX || stale > STALE_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE_MS * Math.min(conflicts + stale, ATTEMPTS_MAX)));
    }
  }
}

/**
 * Sends the last statement of a transaction, which has parameters, and commits with it, in one round trip: its locks are held for that much less. Where
 * the statement fails, nothing is committed. A later statement of the transaction is refused, and an error after it comes too late to undo anything.
 */
export async function queryAndCommit<T>(tx: Tx, text: string, values: readonly [unknown, ...unknown[]]): Promise<T> {
  const session: unknown = await tx.queryRunner?.connect();
  if (!(session instanceof PreparingClient)) throw new Error('only a transaction of ours commits with its last statement');
  session.commitWith(text);
  return tx.query(text, [...values]);
}

/** Tells a transaction that lost its session from one that uses another's, which has ended: that is an error in the program. */
async function withIts<T>(tx: Tx, work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await work(tx);
  } catch (error) {
    if (lostItsSession(error) && !tx.queryRunner?.isReleased) throw new Error('a transaction that has ended was used', { cause: error });
    throw error;
  }
}

/** Where a session ends between two statements, TypeORM takes it from the transaction, and the next statement finds none. */
function lostItsSession(error: unknown): boolean {
  return error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError;
}
