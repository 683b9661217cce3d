import type { Pool, PoolClient } from 'pg';

/** Runs `work` in a transaction on a session of the pool; a session that breaks in it is thrown away. */
export async function inSession<T>(pool: Pool, work: (session: PoolClient) => Promise<T>): Promise<T> {
  const session = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => void (broken = error);
  // A session that is lost while it is lent out tells so by an event, besides the failing query. The pool does not listen
  // then, and an event that nobody listens to would end the process.
  session.on('error', onError);
  try {
    await session.query('BEGIN');
    const result = await work(session);
    await session.query('COMMIT');
    return result;
  } catch (error) {
    await session.query('ROLLBACK').catch(onError);
    throw error;
  } finally {
    session.off('error', onError);
    session.release(broken);
  }
}
