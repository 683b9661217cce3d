import type { Logger } from '@tael/platform/log';
import { inTransaction } from '@tael/platform/postgres';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { DataSource } from 'typeorm';
import { findWaiting, type WaitingGrant } from './grant.service';
import { settleWaiting } from './reward-posting.service';

interface RebateParts {
  readonly dataSource: DataSource;
  readonly log: Logger;
}

const EVERY_MS = 1_000;

/**
 * Decides the rebates that wait though their offer has come, each in a transaction of its own. What is left over by a
 * crash still waits in the table, and what fails waits for the next round; neither holds up the others.
 */
export async function settleWaitingRebates({ dataSource, log }: RebateParts, stopped = () => false): Promise<void> {
  let last: WaitingGrant | undefined;
  for (;;) {
    const page = await findWaiting(dataSource.manager, last);
    for (const { grantId } of page) {
      if (stopped()) return;
      await inTransaction(dataSource, (tx) => settleWaiting(tx, grantId)).catch((error: unknown) => {
        log.error({ error, grantId }, 'a waiting rebate could not be decided, it is tried again');
      });
    }
    last = page.at(-1);
    if (!last) return;
  }
}

/** Starts the loop over waiting rebates. Every instance may run it: a rebate is decided by whoever locks it first. */
export function startRebateLoop(parts: RebateParts): WorkLoop {
  return startWorkLoop({
    name: 'waiting rebates',
    idleMs: EVERY_MS,
    log: parts.log,
    work: async (stopped) => {
      await settleWaitingRebates(parts, stopped);
      return 0;
    },
  });
}
