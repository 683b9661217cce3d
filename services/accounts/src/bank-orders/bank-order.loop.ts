import type { Logger } from '@tael/platform/log';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { BankOrderService } from './bank-order.service';
import type { BankStatementService } from './bank-statement.service';

const EVERY_MS = 1_000;
const STATEMENT_EVERY_MS = 2_000;

/** Starts the loop that ends orders which are PENDING. Every instance may run it: an order is worked on by whoever has its lease. */
export function startBankOrderLoop({ bankOrders, log }: { bankOrders: BankOrderService; log: Logger }): WorkLoop {
  return startWorkLoop({
    name: 'pending bank orders',
    idleMs: EVERY_MS,
    log,
    work: async (stopped) => {
      await bankOrders.resolvePending(stopped);
      return 0;
    },
  });
}

/** Starts the reader of the bank's statement; of several instances the one with the lease reads. */
export function startBankStatementLoop({ bankStatement, log }: { bankStatement: BankStatementService; log: Logger }): WorkLoop {
  return startWorkLoop({
    name: 'statement of the bank',
    idleMs: STATEMENT_EVERY_MS,
    log,
    work: (stopped) => bankStatement.readOn(stopped),
  });
}
