import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { BankFileWorkService } from './bank-file-work.service';

const EVERY_MS = 500;

/** Starts the loop that compares bank files. Every instance may run it: a file is in the hands of one at a time. */
export function startBankFileLoop({ work, log }: { work: BankFileWorkService; log: Logger }): WorkLoop {
  return startWorkLoop({ name: 'bank files', idleMs: EVERY_MS, log, work: () => work.work() });
}
