import type { Logger } from '@tael/platform/log';
import { inTransaction } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';

const IDLE_MS = 100;
const ROWS_MAX = 2_000;
const FAULT_PAUSE_MS = 1_000;

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
export function startFolder(dataSource: DataSource, log: Logger): { stop(): Promise<void> } {
  let stopped = false;
  let wake = (): void => undefined;

  async function run(): Promise<void> {
    while (!stopped) {
      const pauseMs = await foldOnce(dataSource).then(
        (folded) => (folded === ROWS_MAX ? 0 : IDLE_MS),
        (error: unknown) => {
          log.warn({ error }, 'folding failed, it is tried again');
          return FAULT_PAUSE_MS;
        },
      );
      if (pauseMs === 0 || stopped) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const running = run();
  return {
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}
