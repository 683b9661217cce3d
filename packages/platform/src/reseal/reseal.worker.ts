import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Logger } from '../log';
import { gauge } from '../metrics';
import { inTransaction } from '../postgres';
import type { Sealer } from '../seal';
import { startWorkLoop, type WorkLoop } from '../work-loop';
import type { OnFault, ResealTask, RowsByKey } from './reseal.task';

export interface ResealingOptions {
  readonly dataSource: DataSource;
  readonly log: Logger;
  readonly tasks: readonly ResealTask[];
  /** Rows of one transaction, 100 unless told: it is over in milliseconds, and the relay's horizon goes on. */
  readonly batch?: number;
  /** The rest after each transaction with work in it, 100 ms unless told: a thousand rows a second at most. */
  readonly pauseMs?: number;
  /** The rest where nothing was left, 5 s unless told. */
  readonly idleMs?: number;
}

// Counting what is left costs as much as there is left: not at every step.
const MEASURE_MS = 15_000;

const rowsLeft = () =>
  gauge({
    name: 'tael_reseal_rows_left',
    help: 'Rows that do not stand under the first key of their ring. Every instance tells the same.',
    labels: ['table', 'column', 'key'],
  });

/** Tells which key of a ring seals in this process: an old one may be retired only when it seals in none. */
export function tellSealKey(ring: string, sealer: Sealer): void {
  const state = gauge({ name: 'tael_seal_key', help: 'The key that seals in this process: 1.', labels: ['ring', 'key'] });
  state.set({ ring, key: sealer.keyId }, 1);
}

/** Writes faults of single rows to the log. Neither value nor owner is in them. */
export function faultsTo(log: Logger): OnFault {
  return ({ table, column, key, error }) => log.error({ table, column, key, error }, 'a row cannot be put under another key');
}

/**
 * Does one step of one task under the lease: of all instances one at a time. The lease ends with the transaction, so that
 * nobody has to wait for one whose process was killed.
 */
export async function resealStep(dataSource: DataSource, task: ResealTask, limit: number): Promise<number> {
  return inTransaction(dataSource, async (tx) => {
    const [row]: { held: boolean }[] = await tx.query(
      `/* reseal.lease */ SELECT pg_try_advisory_xact_lock(hashtext($1)) AS held`,
      ['tael/reseal'],
    );
    return row!.held ? task.step(tx, limit) : 0;
  });
}

/**
 * Starts the work that puts everything under the first key of its ring. Where it stands is kept nowhere but in the rows
 * themselves: whoever comes next, after whatever end, goes on with what is left.
 */
export function startResealing(options: ResealingOptions): WorkLoop {
  const { dataSource, log, tasks, batch = 100, pauseMs = 100, idleMs = 5_000 } = options;
  let measuredAt = -Infinity;

  async function measure(): Promise<void> {
    const level = rowsLeft();
    const found: { task: ResealTask; left: RowsByKey }[] = [];
    // One after the other: all at once would take a pool's connections from those who wait for an answer.
    for (const task of tasks) found.push({ task, left: await task.left(dataSource) });
    level.reset();
    for (const { task: { table, column }, left } of found) {
      for (const [key, rows] of left) level.set({ table, column, key: key || 'none' }, rows);
    }
  }

  return startWorkLoop({
    name: 'resealing',
    idleMs,
    log,
    work: async (stopped) => {
      let done = 0;
      const faults: unknown[] = [];
      for (const task of tasks) {
        if (stopped()) return done;
        // One column that cannot go on does not keep the others.
        const rows = await resealStep(dataSource, task, batch).catch((error: unknown) => {
          faults.push(error);
          return 0;
        });
        if (rows > 0) await sleep(pauseMs);
        done += rows;
      }
      if (!stopped() && performance.now() - measuredAt > MEASURE_MS) {
        await measure();
        measuredAt = performance.now();
      }
      if (faults.length > 0 && done === 0) throw faults[0];
      return done;
    },
  });
}
