import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { DisputeService } from './dispute.service';

const EVERY_MS = 5_000;
const AT_ONCE = 100;

interface LoopParts {
  readonly disputes: DisputeService;
  readonly log: Logger;
}

/** Decides what nobody answered in time, each in a transaction of its own: what fails is tried again, and holds up nothing else. */
export async function expireDue({ disputes, log }: LoopParts, stopped = () => false): Promise<void> {
  let last: { id: string; respondBy: Date } | undefined;
  for (;;) {
    const page = await disputes.due(last, AT_ONCE);
    for (const dispute of page) {
      if (stopped()) return;
      await disputes.expire(dispute).catch((error: unknown) => {
        log.error({ error, disputeId: dispute.id }, 'a dispute that is overdue could not be decided, it is tried again');
      });
    }
    last = page.at(-1);
    if (!last) return;
  }
}

/** Starts the loop over deadlines. Every instance may run it: a dispute is decided by whoever locks it first. */
export function startDisputeLoop(parts: LoopParts): WorkLoop {
  return startWorkLoop({
    name: 'deadlines of disputes', idleMs: EVERY_MS, log: parts.log,
    work: async (stopped) => {
      await expireDue(parts, stopped);
      return 0;
    },
  });
}
