import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { AttemptService } from '../sessions/attempt.service';
import type { TopUpService } from './top-up.service';

const EVERY_MS = 2_000;
const PRUNE_EVERY_MS = 10 * 60 * 1_000;

/**
 * Starts the loop that ends top-ups which were left PENDING, and removes old attempt windows. Every instance may run it:
 * a top-up is worked on by whoever takes its lease.
 */
export function startTopUpLoop(parts: { topUps: TopUpService; attempts: AttemptService; log: Logger }): WorkLoop {
  let prunedAt = -Infinity;
  return startWorkLoop({
    name: 'pending top-ups',
    idleMs: EVERY_MS,
    log: parts.log,
    work: async (stopped) => {
      await parts.topUps.resolvePending(stopped);
      if (stopped() || performance.now() - prunedAt < PRUNE_EVERY_MS) return 0;
      await parts.attempts.prune();
      prunedAt = performance.now();
      return 0;
    },
  });
}
