import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { HistoryKeepingService } from './history-keeping.service';
import type { HistoryWorkService } from './history-work.service';

const EVERY_MS = 500;

/** Starts the loop that tries and books histories, and removes those that came to nothing while there is nothing else to do. Every instance may run it: an import is in the hands of one at a time. */
export function startHistoryLoop({ work, keeping, log }: { work: HistoryWorkService; keeping: HistoryKeepingService; log: Logger }): WorkLoop {
  return startWorkLoop({ name: 'history imports', idleMs: EVERY_MS, log, work: async () => (await work.work()) || keeping.work() });
}
