import { AsyncResource } from 'node:async_hooks';
import type { Money } from '@tael/money';
import { DatabaseUnavailable } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import { BatchQueue } from '../batches/batch.queue';
import { keyRefusals, once, requestHash } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { refuse } from '../outcomes/outcome.domain';
import type { StepUpService } from '../step-ups/step-up.service';
import type { Caller } from '../transactions/transaction.domain';
import { descriptionRefusals } from '../transactions/description.domain';
import { withPaymentCode } from './payment-code.service';
import { bookClaimed, bookPayments, type PaymentAnswer, type PaymentOrder } from './payment-batch.service';

export interface PaymentWish {
  readonly walletId: string;
  readonly merchantId: string;
  readonly amount: Money;
}

export interface PayMerchant extends PaymentWish {
  readonly description: string | undefined;
  readonly idempotencyKey: string;
  /** An approved step-up for this payment; a large one of somebody with a second factor needs it. */
  readonly stepUpId?: string | undefined;
  /** A code that is good for one payment. */
  readonly codeId?: string | undefined;
}

interface PaymentParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly stepUps: StepUpService;
  /** How many payments may wait, 2,000 unless told. */
  readonly waitingMax?: number;
}

// Two batches at once keep the database busy while one of them waits for the disk; more only wait for each other.
const LANES = 2;
// Many times what a batch takes on a busy machine: whoever is in work for so long waits for somebody's lock.
const SLOW_MS = 200;
const BATCH_MAX = 64;
// Who comes when so many wait would wait for seconds: better they hear at once that they should come again.
const WAITING_MAX = 2_000;
const PATIENCE_MS = 10_000;

/**
 * Pays merchants from wallets. Payments that come while others are booked are booked together: one transaction holds their
 * keys, the locks, the decisions, the postings and the events. A person has one payment in work at a time.
 */
export class PaymentService {
  private readonly queue: BatchQueue<PaymentOrder, PaymentAnswer>;
  /** Twins of a payment that is on its way get its answer: by person, key and what is asked. */
  private readonly underway = new Map<string, Promise<PaymentAnswer>>();

  constructor(private readonly parts: PaymentParts) {
    this.queue = new BatchQueue({
      // A batch belongs to no single request, and so to the trace of none.
      work: AsyncResource.bind((orders: readonly PaymentOrder[]) => bookPayments(parts.dataSource, orders)),
      groupOf: (order) => order.personId,
      // Where the database is away, or the outcome unknown, one by one would not help.
      isFaultOfOne: (error) => !(error instanceof DatabaseUnavailable),
      lanes: LANES, slowMs: SLOW_MS, batchMax: BATCH_MAX, waitingMax: parts.waitingMax ?? WAITING_MAX, patienceMs: PATIENCE_MS, clock: () => performance.now(),
    });
  }

  async pay(caller: Caller, command: PayMerchant): Promise<PaymentAnswer> {
    const invalid = [...keyRefusals(command.idempotencyKey), ...descriptionRefusals(command.description, 'description')];
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const amount = checkAmount(command.amount);
    if (!amount.ok) return amount;
    const walletId = uuidOf(command.walletId);
    const merchantId = uuidOf(command.merchantId);
    if (!walletId) return refuse('NOT_FOUND', ['input', 'walletId']);
    if (!merchantId) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const order = this.orderOf(caller, { ...command, walletId, merchantId });
    if (command.codeId) return this.payAlone(order, caller, command);
    return (await this.parts.stepUps.asksFor(order)) ? this.payAlone(order, caller, command) : this.queued(order);
  }

  /** Pays alone, since its approval or its code is used or kept in the same transaction. */
  private async payAlone(order: PaymentOrder, caller: Caller, { stepUpId, codeId }: PayMerchant): Promise<PaymentAnswer> {
    const { personId, walletId, merchantId, amount } = order;
    const stepUp = {
      personId, sessionId: caller.sessionId, stepUpId, amount,
      action: { purpose: 'PAY_MERCHANT', walletId, merchantId, amount },
    } as const;
    return once(this.parts.dataSource, order.claim, (tx) =>
      this.parts.stepUps.guardMovement(tx, stepUp, () => {
        const book = async (): Promise<PaymentAnswer> => (await bookClaimed(tx, [order]))[0]!;
        return codeId ? withPaymentCode(tx, { codeId, merchantId, amount }, book) : book();
      }),
    );
  }

  private orderOf(caller: Caller, command: PayMerchant): PaymentOrder {
    const { walletId, merchantId, amount, description, codeId } = command;
    const transactionId = uuidv7();
    return {
      transactionId, personId: caller.personId, operator: caller.operator, traceparent: caller.traceparent, walletId, merchantId, amount, description,
      sealed: description === undefined ? undefined : this.parts.sealer.seal(description, transactionId),
      claim: {
        scope: caller.personId,
        key: command.idempotencyKey,
        mutation: 'payMerchant',
        input: { walletId, merchantId, minor: String(amount.minor), currency: amount.currency, description: description ?? null, ...(codeId ? { codeId } : {}) },
        transactionId,
      },
    };
  }

  private queued(order: PaymentOrder): Promise<PaymentAnswer> {
    const { scope, key } = order.claim;
    const twin = JSON.stringify([scope, key, requestHash(order.claim).toString('base64')]);
    const present = this.underway.get(twin);
    if (present) return present;
    const answer = this.queue.submit(order).finally(() => this.underway.delete(twin));
    this.underway.set(twin, answer);
    return answer;
  }
}
