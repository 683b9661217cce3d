import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { DebtService } from './debt.service';

const EVERY_MS = 1_000;

/** Starts the loop that takes what is owed from what has come in. Every instance may run it: who comes second finds nothing left to take. */
export function startDebtLoop({ debts, log, collects }: { debts: DebtService; log: Logger; collects: boolean }): Pick<WorkLoop, 'stop'> {
  if (!collects) {
    log.warn('debts are not collected: DEBT_COLLECTION is off');
    return { stop: () => Promise.resolve() };
  }
  return startWorkLoop({
    name: 'open debts',
    idleMs: EVERY_MS,
    log,
    work: async (stopped) => {
      await debts.collectOpen(stopped);
      return 0;
    },
  });
}
