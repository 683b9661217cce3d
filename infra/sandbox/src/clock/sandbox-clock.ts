import { moveClock } from '@tael/platform/clock';
import type pg from 'pg';

/** The clock of a sandbox: that of every database of its stack. Forward only. */
export interface SandboxClock {
  /** Gives what the time is, and how many milliseconds of it were moved. Null where the clock cannot be moved. */
  read(): Promise<{ now: Date; aheadMs: number } | null>;
  /** Moves it on by so many milliseconds, everywhere. A repeat after a failure in between brings all to the same time. */
  advance(ms: number): Promise<void>;
}

/**
 * Makes the clock of the sandbox's own database and the others of its stack. The own one goes first: how far it is ahead is
 * where all the others go.
 */
export function createSandboxClock(pool: pg.Pool, databaseUrls: readonly string[]): SandboxClock {
  return {
    async read() {
      const { rows } = await pool.query<{ now: Date; aheadMs: number }>(
        `/* sandbox.clock */ SELECT clock_timestamp() AS now,
           (extract(epoch FROM clock_timestamp() - pg_catalog.clock_timestamp()) * 1000)::float8 AS "aheadMs"
         WHERE to_regclass('tael_clock.shift') IS NOT NULL`,
      );
      return rows[0] ? { now: rows[0].now, aheadMs: Math.round(rows[0].aheadMs) } : null;
    },
    async advance(ms) {
      const { rows } = await pool.query<{ aheadMs: string }>(
        `/* sandbox.clock.advance */ UPDATE tael_clock.shift SET "aheadMs" = "aheadMs" + $1::bigint RETURNING "aheadMs"::text AS "aheadMs"`, [ms],
      );
      await Promise.all(databaseUrls.map((url) => moveClock(url, Number(rows[0]!.aheadMs))));
    },
  };
}
