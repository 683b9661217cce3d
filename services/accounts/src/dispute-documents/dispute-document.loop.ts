import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { DisputeDocumentService } from './dispute-document.service';

const EVERY_MS = 300_000;
/** Documents in one transaction: with forty chunks each they are out in a moment, and the relay waits for no longer. */
const AT_ONCE = 5;

/** Starts what ends documents that are kept no longer, whole or begun. Every instance may run it: nobody waits for a row that another holds. */
export function startDisputeDocumentLoop({ disputeDocuments, log }: { disputeDocuments: DisputeDocumentService; log: Logger }): WorkLoop {
  const { keeper } = disputeDocuments;
  return startWorkLoop({
    name: 'documents of disputes', idleMs: EVERY_MS, log, work: async () => (await keeper.sweep(AT_ONCE)) + (await keeper.removeContent(AT_ONCE)),
  });
}
