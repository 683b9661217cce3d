import type { Logger } from '@tael/platform/log';
import { gauge } from '@tael/platform/metrics';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { DataSource } from 'typeorm';
import { Checkpoints } from './checkpoint.service';

const IDLE_MS = 10_000;

/**
 * Closes over the books in the background: of several instances the one that holds the lease works. Each hash is logged, since
 * whoever can rewrite the database could write the whole chain anew, but not what has left for another machine.
 */
export function startCheckpoints(dataSource: DataSource, log: Logger): WorkLoop {
  const checkpoints = new Checkpoints(dataSource);
  return startWorkLoop({
    name: 'checkpoints',
    idleMs: IDLE_MS,
    log,
    work: async () => {
      const written = await checkpoints.write();
      if (!written) return 0;
      const transactions = written.ids.length / 16;
      log.info({ checkpoint: Number(written.number), hash: written.hash.toString('hex'), transactions }, 'the books are closed over');
      return transactions;
    },
  });
}

/** Shows for how long the oldest transaction waits that no checkpoint covers: a minute or so, or an alarm. */
export function measureCheckpoints(dataSource: DataSource): void {
  gauge({
    name: 'tael_ledger_open_seconds',
    help: 'Age of the oldest transaction that no checkpoint covers. Above ten minutes is an alarm.',
    collect: async (level) => {
      const [row] = await dataSource.query(
        `/* checkpoints.open */ SELECT coalesce(extract(epoch FROM clock_timestamp() - t."recordedAt"), 0)::float8 AS seconds
         FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT "untilAt", "untilId" FROM ledger_checkpoint ORDER BY number DESC LIMIT 1) c ON true
         LEFT JOIN LATERAL (SELECT l."recordedAt" FROM ledger_tx l
           WHERE (l."recordedAt", l.id) > (coalesce(c."untilAt", '-infinity'), coalesce(c."untilId", '00000000-0000-0000-0000-000000000000'))
           ORDER BY l."recordedAt", l.id LIMIT 1) t ON true`,
      );
      level.set(row.seconds);
    },
  });
}
