import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { FactorRemovalService } from './factor-removal.service';

const EVERY_MS = 60_000;

/** Starts the loop that takes away second factors whose owners lost them a week ago. Every instance may run it. */
export const startFactorRemovalLoop = ({ factorRemovals, log }: { factorRemovals: FactorRemovalService; log: Logger }): WorkLoop =>
  startWorkLoop({ name: 'lost second factors', idleMs: EVERY_MS, log, work: () => factorRemovals.removeDue() });
