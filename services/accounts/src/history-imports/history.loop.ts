import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { HistoryWorkService } from './history-work.service';

const EVERY_MS = 500;

/** Starts the loop that tries and books histories. Every instance may run it: an import is in the hands of one at a time. */
export function startHistoryLoop({ work, log }: { work: HistoryWorkService; log: Logger }): WorkLoop {
  return startWorkLoop({ name: 'history imports', idleMs: EVERY_MS, log, work: () => work.work() });
}
