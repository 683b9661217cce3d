import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { ConsentOrderWorkService } from './consent-order-work.service';

const EVERY_MS = 250;

/**
 * Starts what works off orders to end all consents of a bank. Every instance may run it. It rests between two pieces, too: no consent of the bank is worth
 * anything meanwhile, and what people and banks are told of it shall not hold up other messages.
 */
export function startConsentOrderLoop({ consentOrderWork, log }: { consentOrderWork: ConsentOrderWorkService; log: Logger }): WorkLoop {
  return startWorkLoop({
    name: 'orders to end consents',
    idleMs: EVERY_MS,
    log,
    work: async () => {
      await consentOrderWork.work();
      return 0;
    },
  });
}
