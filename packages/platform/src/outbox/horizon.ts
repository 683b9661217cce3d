import type { DataSource } from 'typeorm';

/**
 * Tells for how long the relay's horizon has stood still behind a transaction that writes, anywhere on the server. Each
 * look compares with the one before, so the age is never more than the true one.
 */
export function createHorizonAge(dataSource: DataSource, now: () => number = () => performance.now()): () => Promise<number> {
  let held: { xmin: string; since: number } | undefined;
  return async () => {
    const [row] = (await dataSource.query(
      `/* outbox.horizon */ SELECT pg_snapshot_xmin(s)::text AS xmin, pg_snapshot_xmin(s) < pg_snapshot_xmax(s) AS held
       FROM pg_current_snapshot() s`,
    )) as [{ xmin: string; held: boolean }];
    if (!row.held) held = undefined;
    else if (held?.xmin !== row.xmin) held = { xmin: row.xmin, since: now() };
    return held ? now() - held.since : 0;
  };
}
