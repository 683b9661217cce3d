import { failpoint } from '@tael/platform/failpoint';
import type { Logger } from '@tael/platform/log';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { type Bank, BankUnavailable } from '../bank/bank.port';
import type { BankWord } from '../bank/bank-word.domain';
import { applyWord, lockOrder } from './bank-order-booking.service';
import { nextStep, type OrderProgress, restMs } from './bank-order.domain';
import type { BankOrderEntity } from './bank-order.entity';

/** Where an order stands. */
export type BankOrderState = Pick<BankOrderEntity, 'id' | 'status' | 'failureReason'> & { readonly walletId: string };

/** An order that is about to be written. */
export type NewBankOrder = Pick<BankOrderEntity, 'id' | 'direction' | 'currency' | 'amount' | 'fee' | 'last4'> & (
  | { readonly personId: string; readonly walletId: string; readonly paymentMethodId: string }
  | { readonly merchantId: string; readonly payoutAccountId: string }
);

interface BankOrderParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly bank: Bank;
  readonly log: Logger;
  readonly now: () => Date;
}

/** An order in the hands of this worker. */
type ClaimedOrder = Pick<BankOrderEntity, 'id' | 'direction' | 'currency' | 'amount' | 'attempts' | 'createdAt'> & {
  readonly mandateId: string;
  /** What the points of the fault suite are named by. */
  readonly point: 'withdrawal' | 'payout';
};

/** For whom a worker works: a caller waits, the loop does not. */
interface Errand {
  readonly traceparent?: string | undefined;
  /** No call of the bank begins after this instant of `performance.now()`. */
  readonly callUntil?: number;
}

// Longer than what one worker does after an order: two calls of 4 s each, and the booking.
const LEASE_SECONDS = 20;
/** How long a caller waits for an answer that another worker is getting. The gateway gives up after 10 s. */
const WAIT_MS = 7_000;
/** So long calls of the bank begin while a caller waits; the last may take 4 s. What is left is the loop's. */
const CALL_UNTIL_MS = 5_000;
const POLL_MS = 250;
/** How many open orders one round of the loop takes on. */
const ROUND = 20;
const WORKERS = 5;

/** The key under which the bank knows an order, for ever. */
export const keyOf = (id: string): string => `order-${id}`;

/** Writes a PENDING order into the transaction of what it is for. */
export async function openOrder(tx: Tx, order: NewBankOrder, recordedAt: string | Date): Promise<void> {
  const party = 'merchantId' in order
    ? [null, null, null, order.merchantId, order.payoutAccountId]
    : [order.personId, order.walletId, order.paymentMethodId, null, null];
  await tx.query(
    `/* bankOrders.open */ INSERT INTO bank_order (id, direction, currency, amount, fee, last4, "createdAt", "personId", "walletId",
       "paymentMethodId", "merchantId", "payoutAccountId", status, owed, attempts, "leaseUntil", "lookAt")
     VALUES ($1, $2, $3, $4, $5, $6, $7::timestamptz, $8, $9, $10, $11, $12, 'PENDING', 0, 0, now(), now())`,
    [order.id, order.direction, order.currency, String(order.amount), String(order.fee), order.last4, recordedAt, ...party],
  );
}

/**
 * Orders to the bank: a PENDING row first; then the bank, outside of any transaction, under our key; then the booking of what
 * it said. Who dies in between leaves a PENDING row, which the next send of the key, the loop or the statement brings to its end.
 */
export class BankOrderService {
  constructor(private readonly parts: BankOrderParts) {}

  /** Takes an order to the bank for somebody who waits. Gives it PENDING where the bank has not said yet how it ends. */
  async advance(id: string, traceparent: string, startedAt: number): Promise<BankOrderState> {
    const callUntil = startedAt + CALL_UNTIL_MS;
    for (;;) {
      const { held, ...state } = await this.read(id);
      if (state.status !== 'PENDING' || performance.now() > startedAt + WAIT_MS) return state;
      if (!held && performance.now() < callUntil && (await this.workOn(id, { traceparent, callUntil }))) {
        const { held: _held, ...after } = await this.read(id);
        return after;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Gives an order; undefined where there is none of this id. */
  async find(id: string): Promise<BankOrderState | undefined> {
    const rows: BankOrderState[] = await this.parts.dataSource.query(
      '/* bankOrders.find */ SELECT id, "walletId", status, "failureReason" FROM bank_order WHERE id = $1', [id],
    );
    return rows[0];
  }

  private async read(id: string): Promise<BankOrderState & { held: boolean }> {
    const [row] = await this.parts.dataSource.query(
      `/* bankOrders.read */ SELECT id, "walletId", status, "failureReason", "leaseUntil" > now() AS held
       FROM bank_order WHERE id = $1`,
      [id],
    );
    return row;
  }

  /** Looks after what is PENDING and whose time has come. Gives how many orders it took on. */
  async resolvePending(stopped = () => false): Promise<number> {
    const rows: { id: string }[] = await this.parts.dataSource.query(
      `/* bankOrders.pending */ SELECT id FROM bank_order
       WHERE status = 'PENDING' AND "lookAt" <= now() AND "leaseUntil" <= now() ORDER BY "lookAt" LIMIT $1`,
      [ROUND],
    );
    // Beside each other: an order of which the bank says nothing keeps a worker for seconds, and no other order waiting.
    let taken = 0;
    const worker = async (): Promise<void> => {
      for (let row = rows.shift(); row && !stopped(); row = rows.shift()) {
        taken += 1;
        await this.workOn(row.id, {});
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
    return taken;
  }

  /** Takes a pending order in hand and goes as far with it as the answers carry. False where another worker has it. */
  private async workOn(id: string, { traceparent, callUntil = Infinity }: Errand): Promise<boolean> {
    const order = await this.claim(id);
    if (!order) return false;
    const calls: OrderProgress['calls'][number][] = [];
    for (;;) {
      // The age is taken anew each time: calls last seconds, and this worker may have stood still in between.
      const ageMs = this.parts.now().getTime() - order.createdAt.getTime();
      const step = nextStep({ calledBefore: order.attempts > 1, ageMs, calls });
      if (step.do === 'BOOK') {
        await this.book(order, step.word, traceparent);
        return true;
      }
      if (step.do === 'WAIT' || performance.now() > callUntil) {
        await this.release(order, restMs(ageMs));
        return true;
      }
      if (step.do === 'SUBMIT' && !(await this.renew(order))) return false;
      if (step.do === 'SUBMIT') failpoint(`${order.point}.before-submit`);
      const answer = await this.call(step.do, order);
      if (step.do === 'SUBMIT') failpoint(`${order.point}.submitted`);
      calls.push({ call: step.do, answer });
    }
  }

  /**
   * Books what was found out, if nobody else has taken the order since: what this worker has learnt may be old by then, above all that
   * there is no order, where the other has sent one. The other finds out for itself, or the statement says it.
   */
  private async book({ id, point, attempts }: ClaimedOrder, word: BankWord, traceparent: string | undefined): Promise<void> {
    const { dataSource, log } = this.parts;
    await inTransaction(dataSource, async (tx) => {
      const order = (await lockOrder(tx, id))!;
      if (order.attempts === attempts) await applyWord({ tx, log, traceparent }, order, word);
      else log.warn({ bankOrderId: id, attempts, word: word.status }, 'a worker was slower than its lease: what it heard of the order is not booked');
    });
    failpoint(`${point}.booked`);
  }

  private async claim(id: string): Promise<ClaimedOrder | undefined> {
    const [rows]: [(Omit<ClaimedOrder, 'mandateId' | 'point'> & { token: string; methodId: string; payout: boolean })[], number] = await this.parts.dataSource.query(
      `/* bankOrders.claim */ UPDATE bank_order o SET attempts = o.attempts + 1, "leaseUntil" = now() + make_interval(secs => $2)
       WHERE o.id = $1 AND o.status = 'PENDING' AND o."leaseUntil" <= now()
       RETURNING o.id, o.direction, o.currency, o.amount, o.attempts, o."createdAt", coalesce(o."paymentMethodId", o."payoutAccountId") AS "methodId",
         o."merchantId" IS NOT NULL AS payout,
         coalesce((SELECT m.token FROM payment_method m WHERE m.id = o."paymentMethodId"),
           (SELECT p.token FROM payout_account p WHERE p.id = o."payoutAccountId")) AS token`,
      [id, LEASE_SECONDS],
    );
    const [row] = rows;
    return row && { ...row, point: row.payout ? 'payout' : 'withdrawal', mandateId: this.parts.sealer.open(row.token, row.methodId) };
  }

  /** Takes the lease anew before an order. False where this worker was too slow, and somebody else has it or has ended it. */
  private async renew({ id, attempts }: ClaimedOrder): Promise<boolean> {
    const [, renewed]: [unknown[], number] = await this.parts.dataSource.query(
      `/* bankOrders.renew */ UPDATE bank_order SET "leaseUntil" = now() + make_interval(secs => $3)
       WHERE id = $1 AND attempts = $2 AND status = 'PENDING'`,
      [id, attempts, LEASE_SECONDS],
    );
    return renewed === 1;
  }

  private async release({ id, attempts }: ClaimedOrder, ms: number): Promise<void> {
    await this.parts.dataSource.query(
      `/* bankOrders.release */ UPDATE bank_order SET "leaseUntil" = now(), "lookAt" = now() + make_interval(secs => $3)
       WHERE id = $1 AND attempts = $2 AND status = 'PENDING'`,
      [id, attempts, ms / 1_000],
    );
  }

  private async call(call: 'SUBMIT' | 'ASK' | 'CANCEL', order: ClaimedOrder): Promise<OrderProgress['calls'][number]['answer']> {
    const { bank, log } = this.parts;
    const key = keyOf(order.id);
    const { amount, currency, direction, mandateId } = order;
    try {
      if (call === 'ASK') return await bank.status(key, { amount, currency });
      if (call === 'CANCEL') return await bank.cancel(key, { amount, currency });
      return await bank.submit({ key, direction, mandateId, amount, currency });
    } catch (error) {
      if (!(error instanceof BankUnavailable)) throw error;
      log.warn({ error, bankOrderId: order.id, call }, 'the bank gave no clear answer');
      return { status: 'silent' };
    }
  }
}
