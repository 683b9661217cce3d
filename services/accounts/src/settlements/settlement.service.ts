import type { CurrencyCode } from '@tael/money';
import { failpoint } from '@tael/platform/failpoint';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { merchantAccountId, systemAccountId } from '../ledger/account.ids';
import { lockPayable, openMerchantAccounts, post, postBetweenOwn } from '../ledger/ledger.service';
import { closableAt, type CutOff, dayOf, daysAfter, endOf, type NextBatch, nextBatch, type Waiting } from './business-day.domain';
import { type BatchSums, type Figures, settle, type SettlementAccount, settlementLegs, type Standing, type Terms } from './settlement.domain';
import { type Cursor, lockCursor } from './settlement-cursor.service';
import { ADVANCE, BATCH, NEW_CURSORS, RELEASABLE, RELEASE, TERMS, UNFOLDED, WAITING, WRITE } from './settlement-batch.sql';

interface SettlementParts {
  readonly dataSource: DataSource;
  readonly now: () => Date;
  readonly cutOff: CutOff;
}

interface Batch extends BatchSums {
  readonly lastVersion: bigint;
  readonly lines: number;
}

interface Closing {
  readonly batch: Batch;
  readonly next: NextBatch;
  readonly figures: Figures;
  readonly standing: Standing;
  readonly terms: Terms;
}

/** A batch that was closed, as far as its maker needs it. */
export interface ClosedBatch {
  readonly id: string;
  readonly number: number;
}

const ROUND = 50;
const NEW_ONES = 1_000;
/** So long until a cursor is looked at again whose lines are not all in their place yet. */
const FOLDING_MS = 2_000;
/** And one that could not be closed. */
const FAULT_MS = 60_000;

/**
 * Closes the batches of merchants. One batch is one transaction, under the lock of its merchant's cursor: its lines by their range of
 * versions, its figures, what it moves in the books, and the cursor. Who dies in between leaves nothing.
 */
export class SettlementService {
  constructor(private readonly parts: SettlementParts) {}

  /** Closes what is due, some merchants at a time. Gives how many cursors it took on. */
  async closeDue(stopped = () => false): Promise<number> {
    const { dataSource, now } = this.parts;
    await dataSource.query(NEW_CURSORS, [now(), NEW_ONES]);
    const due: { inflowId: string }[] = await dataSource.query(
      '/* settlements.due */ SELECT "inflowId" FROM settlement_cursor WHERE "lookAt" <= $1 ORDER BY "lookAt" LIMIT $2', [now(), ROUND],
    );
    let fault: unknown;
    for (const { inflowId } of due) {
      if (stopped()) break;
      // One merchant that cannot be settled keeps no other from it.
      await this.closeNext(inflowId, 'SKIP LOCKED').catch(async (error: unknown) => {
        fault ??= error;
        await dataSource.query(
          `/* settlements.later */ UPDATE settlement_cursor SET "lookAt" = $2 WHERE "inflowId" = $1`, [inflowId, new Date(now().getTime() + FAULT_MS)],
        );
      });
    }
    if (fault !== undefined) throw fault;
    return due.length;
  }

  /** Closes a merchant's next batch if its day is over. Gives it. */
  private async closeNext(inflowId: string, elsewhere: '' | 'SKIP LOCKED'): Promise<ClosedBatch | undefined> {
    const { dataSource, now, cutOff } = this.parts;
    const closed = await inTransaction(dataSource, async (tx) => {
      const cursor = await lockCursor(tx, inflowId, elsewhere);
      if (!cursor) return undefined;
      const at = now();
      const waiting = await waitingOf(tx, cursor);
      const next = nextBatch(waiting, cutOff);
      // With nothing to settle today it is enough to look when this day is over: what comes meanwhile is of this day. A reserve that is
      // due in a month keeps nobody from that.
      const dayEnds = closableAt({ day: '', until: endOf(dayOf(at, cutOff), cutOff) });
      const due = next && closableAt(next) < dayEnds ? closableAt(next) : dayEnds;
      if (!next || due > at || closableAt(next) > at) return lookAgain(tx, inflowId, due);
      const [{ waits }]: [{ waits: boolean }] = await tx.query(UNFOLDED, [inflowId, next.until]);
      if (waits) return lookAgain(tx, inflowId, new Date(at.getTime() + FOLDING_MS));
      const batch = await this.close(tx, cursor, next);
      failpoint('settlement.before-commit');
      return batch;
    });
    if (closed) failpoint('settlement.after-commit');
    return closed;
  }

  /**
   * Closes each day of a merchant that is over, under its own terms, as the loop would have come to do: a transaction each. Gives the batches.
   */
  async closeDays(merchantId: string, currency: CurrencyCode): Promise<ClosedBatch[]> {
    await this.parts.dataSource.query(NEW_CURSORS, [this.parts.now(), NEW_ONES]);
    const inflowId = merchantAccountId('MERCHANT_INFLOW', merchantId, currency);
    const closed: ClosedBatch[] = [];
    for (let batch = await this.closeNext(inflowId, ''); batch; batch = await this.closeNext(inflowId, '')) closed.push(batch);
    return closed;
  }

  /**
   * Closes now what there is of today, though the day is not over: for a merchant that leaves, or one that must be paid today. Runs in the
   * caller's transaction. Undefined where there is nothing to settle; DAY_OPEN where a day that is over comes first (`closeDays`) and is
   * still being booked: what is of it is never settled under the terms of today.
   */
  async closeNow(tx: Tx, merchantId: string, currency: CurrencyCode): Promise<ClosedBatch | 'DAY_OPEN' | undefined> {
    const { now, cutOff } = this.parts;
    const inflowId = merchantAccountId('MERCHANT_INFLOW', merchantId, currency);
    await tx.query(NEW_CURSORS, [now(), NEW_ONES]);
    const cursor = await lockCursor(tx, inflowId);
    if (!cursor) return undefined;
    const at = now();
    const waiting = await waitingOf(tx, cursor);
    const next = nextBatch(waiting, cutOff);
    if (next && next.until <= at) return 'DAY_OPEN';
    const today = endOf(daysAfter(dayOf(at, cutOff), -1), cutOff);
    const [{ waits }]: [{ waits: boolean }] = await tx.query(UNFOLDED, [inflowId, today]);
    if (waits) return 'DAY_OPEN';
    if (!waiting.firstLineAt) return undefined;
    // Never back before the last batch: its instant is the floor of the next.
    const floor = cursor.closedUntil !== null && cursor.closedUntil > at ? cursor.closedUntil : at;
    return this.close(tx, cursor, { day: dayOf(at, cutOff), until: floor }, 'ALL');
  }

  private async close(tx: Tx, cursor: Cursor, next: NextBatch, lines: 'ALL' | 'OF_DAY' = 'OF_DAY'): Promise<ClosedBatch> {
    const { inflowId, merchantId, currency, closedVersion } = cursor;
    await openMerchantAccounts(tx, merchantId, currency);
    const [terms]: [Terms] = await tx.query(TERMS, [merchantId, currency, next.until]);
    const [batch]: [Batch] = await tx.query(
      BATCH, [inflowId, String(closedVersion), lines === 'ALL' ? 'infinity' : next.until, String(terms.feeFixed), terms.feeBasisPoints],
    );
    const [releasable]: [{ amount: bigint }] = await tx.query(RELEASABLE, [inflowId, next.day]);
    const standing = { payable: await lockPayable(tx, merchantId, currency), owed: cursor.owed, releasable: releasable.amount };
    return this.write(tx, cursor, { batch, next, terms, standing, figures: settle(batch, terms, standing) });
  }

  private async write(tx: Tx, cursor: Cursor, closing: Closing): Promise<ClosedBatch> {
    const { inflowId, merchantId, currency } = cursor;
    const { figures, next, terms, batch } = closing;
    const id = uuidv7();
    const number = cursor.number + 1;
    const closedAt = this.parts.now();
    const transactionId = await book(tx, id, { merchantId, currency }, closing);
    const row = {
      id, inflowId, merchantId, currency, number, businessDay: next.day, afterVersion: cursor.closedVersion, lastVersion: batch.lastVersion,
      until: next.until, ...figures, feeBasisPoints: terms.feeBasisPoints, feeFixed: terms.feeFixed,
      reserveReleaseDay: figures.reserveHeld > 0n ? daysAfter(next.day, terms.reserveDays) : null, transactionId, closedAt,
    };
    await tx.query(WRITE, [JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))]);
    await tx.query(RELEASE, [inflowId, next.day, id]);
    await tx.query(ADVANCE, [
      inflowId, number, String(batch.lastVersion), next.until, String(figures.owed), closedAt, figures.payable > 0n,
    ]);
    const { gross, refunds, adjustments, fees, reserveHeld, reserveReleased, net, paymentCount, refundCount } = figures;
    await emit(tx, {}, [{
      type: 'settlement.closed',
      data: {
        settlementId: id, merchantId, currency, number, businessDay: next.day, gross, refunds, adjustments, fees, reserveHeld, reserveReleased, net,
        paymentCount, refundCount, occurredAt: closedAt,
      },
    }]);
    return { id, number };
  }
}

async function waitingOf(tx: Tx, { inflowId, closedVersion, closedUntil }: Cursor): Promise<Waiting> {
  const [row]: [Omit<Waiting, 'closedUntil'>] = await tx.query(WAITING, [inflowId, String(closedVersion)]);
  return { ...row, closedUntil };
}

async function lookAgain(tx: Tx, inflowId: string, at: Date): Promise<undefined> {
  await tx.query('/* settlements.lookAgain */ UPDATE settlement_cursor SET "lookAt" = $2 WHERE "inflowId" = $1', [inflowId, at]);
  return undefined;
}

/** Books a batch. Gives its transaction; null where nothing moves. */
async function book(
  tx: Tx, settlementId: string, { merchantId, currency }: { merchantId: string; currency: CurrencyCode }, { figures, standing }: Closing,
): Promise<string | null> {
  const idOf = (account: SettlementAccount) =>
    (account === 'MERCHANT_FEES' ? systemAccountId(account, currency) : merchantAccountId(account, merchantId, currency));
  const legs = settlementLegs(figures, standing);
  if (legs.length === 0) return null;
  const id = uuidv7();
  const moves = figures.payable !== standing.payable;
  await (moves ? post : postBetweenOwn)(tx, {
    id, kind: 'MERCHANT_SETTLEMENT', currency, amount: legs.reduce((sum, leg) => sum + leg.amount, 0n), merchantId,
    // No person's: it stands under the merchant, and under what is payable to it.
    personId: merchantId, walletId: idOf('MERCHANT_PAYABLE'), externalRef: `MERCHANT_SETTLEMENT:${settlementId}`,
    legs: legs.map((leg) => ({ debit: idOf(leg.debit), credit: idOf(leg.credit), amount: leg.amount })),
  });
  return id;
}
