import type { Logger } from '@tael/platform/log';
import type { AttemptService } from '../sessions/attempt.service';
import type { TopUpService } from './top-up.service';

export interface TopUpLoop {
  stop(): Promise<void>;
}

const EVERY_MS = 2_000;
const PRUNE_EVERY_MS = 10 * 60 * 1_000;

/**
 * Starts the loop that ends top-ups which were left PENDING, and removes old attempt windows. Every instance may run it:
 * a top-up is worked on by whoever takes its lease.
 */
export function startTopUpLoop(parts: { topUps: TopUpService; attempts: AttemptService; log: Logger }): TopUpLoop {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let prunedAt = 0;
  let running: Promise<void> = Promise.resolve();

  async function round(): Promise<void> {
    try {
      await parts.topUps.resolvePending();
      if (performance.now() - prunedAt < PRUNE_EVERY_MS && prunedAt > 0) return;
      prunedAt = performance.now();
      await parts.attempts.prune();
    } catch (error) {
      parts.log.warn({ error }, 'a round of pending top-ups failed');
    }
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      running = round().finally(schedule);
    }, EVERY_MS);
  }

  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
