import type { Logger } from '@tael/platform/log';
import { inTransaction, onCommit } from '@tael/platform/postgres';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { DataSource } from 'typeorm';

const IDLE_MS = 100;
const ROWS_MAX = 2_000;
const QUIET_MS = 500;

/** Moves deferred accounts by what was appended, until nothing is left. Gives how many deltas it folded. */
export async function foldOnce(dataSource: DataSource): Promise<number> {
  return inTransaction(dataSource, async (tx) => {
    const [lease] = await tx.query(`/* ledger.fold.lease */ SELECT pg_try_advisory_xact_lock(hashtext('tael/ledger/fold')) AS ours`);
    if (!lease.ours) return 0;
    const [result] = await tx.query('/* ledger.fold */ SELECT ledger_fold($1) AS folded', [ROWS_MAX]);
    return result.folded;
  });
}

/** Folds in the background: of several instances the one that holds the lease works, a pass at a time. */
export function startFolder(dataSource: DataSource, log: Logger): WorkLoop {
  return startWorkLoop({
    name: 'folding',
    idleMs: IDLE_MS,
    quiet: { maxMs: QUIET_MS, woken: (wake) => onCommit(dataSource, wake) },
    log,
    work: async () => {
      // Looked at without a transaction: the commit of one would wake the relay for nothing, ten times a second.
      const [{ waiting }] = await dataSource.query('/* ledger.fold.look */ SELECT EXISTS (SELECT FROM pending_delta) AS waiting');
      if (!waiting) return 0;
      const folded = await foldOnce(dataSource);
      // A full pass means that there is more; after any other the next postings may gather first.
      return folded === ROWS_MAX ? folded : 0;
    },
  });
}
