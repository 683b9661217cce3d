import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { CardDebtService } from './card-debt.service';

const EVERY_MS = 1_000;

/** Starts the loop that takes what is owed after charge-backs from what has come in. Every instance may run it: who comes second finds nothing left to take. */
export function startCardDebtLoop({ cardDebts, log }: { cardDebts: CardDebtService; log: Logger }): WorkLoop {
  return startWorkLoop({
    name: 'open debts of cards',
    idleMs: EVERY_MS,
    log,
    work: async (stopped) => {
      await cardDebts.collectOpen(stopped);
      return 0;
    },
  });
}
