import type { DataSource } from 'typeorm';
import type { Logger } from '../log';
import { measureClock } from './clock.metrics';
import { createSteadyClock } from './steady-clock';

/** The time that money is decided by: the database's, which all instances of a service share. */
export interface DatabaseClock {
  now(): Date;
  /** The same, but in a sandbox whose clock was moved: there the time of the world outside, by which tokens and signatures of others go. */
  real(): Date;
  stop(): void;
}

const EVERY_MS = 5_000;
/** How often a clock is read that somebody may move at any moment. */
const MOVABLE_EVERY_MS = 250;
/** Clocks of one site differ by less; a process that is further away is not believed. */
const TOLERANCE_MS = 1_000;
/** A reading that took longer says too little. */
const READING_MS_MAX = 500;

// The function that names no schema is the moved one, where there is one: see movable-clock.ts.
const READ = `/* clock.read */ SELECT (extract(epoch FROM t.real) * 1000)::bigint::text AS ms,
    round(extract(epoch FROM clock_timestamp() - t.real) * 1000)::bigint::text AS "movedMs",
    to_regprocedure('tael_clock.clock_timestamp()') IS NOT NULL AS "isMovable"
  FROM (SELECT pg_catalog.clock_timestamp() AS real OFFSET 0) t WHERE $1`;

/**
 * Follows the clock of the database. Rejects where it cannot be read at all. While the database is away, time goes on
 * by the monotonic clock.
 */
export async function startDatabaseClock(dataSource: DataSource, log: Logger): Promise<DatabaseClock> {
  const clock = createSteadyClock({ toleranceMs: TOLERANCE_MS });
  measureClock(clock);
  let isOff = false;
  let movedMs = 0;
  let isMovable = false;

  async function read(tookMsMax: number): Promise<void> {
    const asked = performance.now();
    const [row] = await dataSource.query<{ ms: string; movedMs: string; isMovable: boolean }[]>(READ, [true]);
    const answered = performance.now();
    isMovable = row!.isMovable;
    movedMs = isMovable ? Number(row!.movedMs) : 0;
    if (answered - asked > tookMsMax) return;
    clock.told(Number(row!.ms), (asked + answered) / 2);
    const aheadMs = clock.aheadMs();
    if (isOff === Math.abs(aheadMs) > TOLERANCE_MS) return;
    isOff = !isOff;
    if (isOff) log.error({ aheadMs: Math.round(aheadMs) }, 'the clock of this process is wrong: the time of the database is used');
    else log.warn('the clock of this process is right again');
  }

  await read(Infinity);
  let isReading = false;
  const timer = setInterval(() => {
    if (isReading) return;
    isReading = true;
    // While the database is away others say so; the time goes on meanwhile.
    void read(READING_MS_MAX).catch(() => undefined).finally(() => (isReading = false));
  }, isMovable ? MOVABLE_EVERY_MS : EVERY_MS);
  timer.unref();
  return {
    now: () => new Date(clock.now() + movedMs),
    real: () => new Date(clock.now()),
    stop: () => clearInterval(timer),
  };
}
