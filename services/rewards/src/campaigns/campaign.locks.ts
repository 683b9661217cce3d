import type { Tx } from '@tael/platform/postgres';

const SCHEDULE = 'tael/rewards/schedule';
const SPENDING = 'tael/rewards/spending';

// A lock lasts until the end of its transaction: a batch of events asks for each once.
const schedules = new WeakSet<Tx>();
const turns = new WeakSet<Tx>();

/**
 * Payments are evaluated under a shared lock and a campaign's activation takes it whole, and takes its time only then: so no
 * payment that happened after an activation is evaluated by a transaction that cannot see it yet.
 */
export async function lockSchedule(tx: Tx, purpose: 'read' | 'change'): Promise<void> {
  if (purpose === 'read' && schedules.has(tx)) return;
  const sql = purpose === 'read'
    ? '/* schedule.read */ SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))'
    : '/* schedule.change */ SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';
  await tx.query(sql, [SCHEDULE]);
  schedules.add(tx);
}

/**
 * Waits for the turn to change what several events share: budgets, limits, referrals and their rewards. A batch of events
 * works on such rows in the order of the events, and two batches in opposite orders would end in a deadlock, a second of
 * standstill each. Whoever needs the turn takes it before any row of these, and the schedule before the turn: with an
 * activation waiting between the two, the other order would stand still as well. That nothing is exceeded is not its doing:
 * the statements that spend see to that.
 */
export async function lockSpending(tx: Tx): Promise<void> {
  if (turns.has(tx)) return;
  await lockSchedule(tx, 'read');
  await tx.query('/* spending.turn */ SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [SPENDING]);
  turns.add(tx);
}
