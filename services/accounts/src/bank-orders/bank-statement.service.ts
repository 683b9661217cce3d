import { failpoint } from '@tael/platform/failpoint';
import type { Logger } from '@tael/platform/log';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { type Bank, BankUnavailable, type StatementLine } from '../bank/bank.port';
import { openBreaks } from '../breaks/break.opening';
import { uuidOf } from '../ids.domain';
import { applyWord, type LockedOrder, lockOrder } from './bank-order-booking.service';
import { keyOf } from './bank-order.service';
import type { BankStatementLineEntity } from './bank-statement.entity';

interface StatementParts {
  readonly dataSource: DataSource;
  readonly bank: Bank;
  readonly log: Logger;
}

type Misfit = NonNullable<BankStatementLineEntity['misfit']>;

const BANK = 'main';
const LEASE_SECONDS = 30;
const PAGE = 100;
const KEY_PREFIX = keyOf('');

/**
 * Reads the bank's statement from where it was read to: each line once, and what it says of orders that are open. The lease
 * keeps two instances from reading the same; where one loses it, the lines still count once.
 */
export class BankStatementService {
  constructor(private readonly parts: StatementParts) {}

  /** Reads the next lines. Gives how many there were; 0 also where another instance reads. */
  async readOn(stopped = () => false): Promise<number> {
    const after = await this.takeLease();
    if (after === undefined) return 0;
    try {
      const lines = await this.parts.bank.statement(after, PAGE);
      for (const line of lines) {
        if (stopped()) break;
        await this.take(line);
        failpoint('withdrawal.line-booked');
      }
      return lines.length;
    } catch (error) {
      if (!(error instanceof BankUnavailable)) throw error;
      this.parts.log.warn({ error }, 'the bank does not show its statement');
      return 0;
    } finally {
      await this.parts.dataSource.query(
        '/* bankStatement.release */ UPDATE bank_statement_cursor SET "leaseUntil" = now() WHERE bank = $1', [BANK],
      );
    }
  }

  private async takeLease(): Promise<bigint | undefined> {
    const [rows]: [{ position: bigint }[], number] = await this.parts.dataSource.query(
      `/* bankStatement.lease */ UPDATE bank_statement_cursor SET "leaseUntil" = now() + make_interval(secs => $2)
       WHERE bank = $1 AND "leaseUntil" <= now() RETURNING position`,
      [BANK, LEASE_SECONDS],
    );
    return rows[0]?.position;
  }

  /** Works off a line, keeps it, and moves on: all of it or nothing. */
  private async take(line: StatementLine): Promise<void> {
    await inTransaction(this.parts.dataSource, async (tx) => {
      const id = line.key.startsWith(KEY_PREFIX) ? uuidOf(line.key.slice(KEY_PREFIX.length)) : undefined;
      const order = id === undefined ? undefined : await lockOrder(tx, id);
      // Looked at under the order's lock: whoever reads the same line meanwhile waits there.
      if (!(await isKnown(tx, line))) await this.settle(tx, line, order);
      await tx.query(
        '/* bankStatement.move */ UPDATE bank_statement_cursor SET position = greatest(position, $2) WHERE bank = $1',
        [BANK, String(line.position)],
      );
    });
  }

  private async settle(tx: Tx, line: StatementLine, order: LockedOrder | undefined): Promise<void> {
    const { log } = this.parts;
    let misfit = await misfitOf(tx, line, order);
    if (!misfit && order) {
      const word = { status: line.kind === 'BOOKED' ? 'SETTLED' : 'RETURNED', bankOrderId: null } as const;
      if ((await applyWord({ tx, log }, order, word)).contradicts) misfit = 'CONTRADICTS';
    }
    if (misfit) {
      log.error({ bookingId: line.bookingId, orderKey: line.key, misfit }, 'a booking of the bank fits no order: it is kept for a person');
    }
    if (misfit) await openBreak(tx, line, order, misfit);
    await tx.query(
      `/* bankStatement.keep */ INSERT INTO bank_statement_line ("bookingId", position, "orderKey", kind, amount, currency,
         "bookedAt", "readAt", "orderId", misfit)
       VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp(), $8, $9) ON CONFLICT ("bookingId") DO NOTHING`,
      [
        line.bookingId, String(line.position), line.key, line.kind, String(line.amount), line.currency, line.bookedAt,
        order?.id ?? null, misfit ?? null,
      ],
    );
  }
}

/** Gives a person what fits no order: a break, with what of it does not stand in the books. */
async function openBreak(tx: Tx, line: StatementLine, order: LockedOrder | undefined, misfit: Misfit): Promise<void> {
  // A currency that the books do not have cannot be a break: the line itself is all that there is to see.
  const known: unknown[] = await tx.query('/* bankStatement.currency */ SELECT 1 FROM asset WHERE code = $1', [line.currency]);
  if (known.length === 0) return;
  const [{ now: at }]: [{ now: Date }] = await tx.query('/* bankStatement.now */ SELECT clock_timestamp() AS now');
  const { key: reference, kind, currency, amount, bookingId } = line;
  const isBooked = order?.status === 'RETURNED' || (order?.status === 'SETTLED' && kind === 'BOOKED');
  const ours = misfit === 'OTHER_AMOUNT' && order?.currency === currency && isBooked ? expectedOf(order, line) : 0n;
  await openBreaks(tx, [{
    currency, reference, kind, bookingId, class: misfit === 'OTHER_AMOUNT' ? 'DIFFERENT' : 'EXTRA', reason: misfit, difference: amount - ours,
  }], { reconciliationId: null, at });
}

/** What the bank should book of an order: what comes in is positive. */
function expectedOf(order: LockedOrder, { kind }: StatementLine): bigint {
  return (order.direction === 'DEBIT') === (kind === 'BOOKED') ? order.amount : -order.amount;
}

async function isKnown(tx: Tx, { bookingId }: StatementLine): Promise<boolean> {
  const known: unknown[] = await tx.query('/* bankStatement.known */ SELECT 1 FROM bank_statement_line WHERE "bookingId" = $1', [bookingId]);
  return known.length > 0;
}

async function misfitOf(tx: Tx, line: StatementLine, order: LockedOrder | undefined): Promise<Misfit | undefined> {
  if (!order) return 'UNKNOWN_ORDER';
  if (line.currency !== order.currency || line.amount !== expectedOf(order, line)) return 'OTHER_AMOUNT';
  const twice: unknown[] = await tx.query(
    '/* bankStatement.twice */ SELECT 1 FROM bank_statement_line WHERE "orderId" = $1 AND kind = $2 AND misfit IS NULL',
    [order.id, line.kind],
  );
  return twice.length > 0 ? 'BOOKED_TWICE' : undefined;
}
