import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { PayoutService } from '../payouts/payout.service';
import type { SettlementService } from './settlement.service';

const EVERY_MS = 5_000;

/** Starts the loop that closes batches and pays merchants out. Every instance may run it: a merchant is in the hands of one at a time. */
export function startSettlementLoop(
  { settlements, payouts, log }: { settlements: SettlementService; payouts: PayoutService; log: Logger },
): WorkLoop {
  return startWorkLoop({
    name: 'settlements',
    idleMs: EVERY_MS,
    log,
    work: async (stopped) => {
      let paid = 0;
      // What cannot be settled keeps nobody from being paid what is.
      const settled = await settlements.closeDue(stopped).finally(async () => (paid = await payouts.openDue(stopped)));
      return settled + paid;
    },
  });
}
