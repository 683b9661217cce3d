import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { ChargeNoticeService } from './charge-notice.service';

const EVERY_MS = 1_000;
const FORGET_EVERY_MS = 10 * 60 * 1_000;

/** Starts the loop that works off notices of the card processor. Every instance may run it: each notice is claimed by one. */
export function startChargeNoticeLoop({ chargeNotices, log }: { chargeNotices: ChargeNoticeService; log: Logger }): WorkLoop {
  let forgotAt = -Infinity;
  return startWorkLoop({
    name: 'notices of the card processor',
    idleMs: EVERY_MS,
    log,
    work: async (stopped) => {
      const taken = await chargeNotices.workOff(stopped);
      if (taken > 0 || stopped() || performance.now() - forgotAt < FORGET_EVERY_MS) return taken;
      await chargeNotices.forget();
      forgotAt = performance.now();
      return 0;
    },
  });
}
