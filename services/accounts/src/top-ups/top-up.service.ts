import type { Money } from '@tael/money';
import { failpoint } from '@tael/platform/failpoint';
import type { Logger } from '@tael/platform/log';
import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import type { PaymentMethodStatus } from '../bank-accounts/bank-account.domain';
import type { OrderStatus } from '../bank-orders/bank-order.domain';
import { type BankOrderService, openOrder } from '../bank-orders/bank-order.service';
import { keyRefusals, once } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { lockMovement } from '../limits/movement.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type CardProcessor, ProcessorUnavailable } from '../processor/card-processor.port';
import type { Caller } from '../transactions/transaction.domain';
import { type ChargeAnswer, type ChargeProgress, nextStep } from './charge.domain';
import { chargeKeyOf } from './charge.key';
import { type BookableTopUp, bookTopUp } from './top-up-booking.service';
import { decideTopUp } from './top-up.domain';
import type { TopUpEntity } from './top-up.entity';

export interface TopUpCommand {
  readonly walletId: string;
  readonly paymentMethodId: string;
  readonly amount: Money;
  readonly idempotencyKey: string;
}

/** Where a top-up stands. A FAILED one was refused by the card's side; a PENDING one is still being asked about. */
export interface TopUp extends Pick<TopUpEntity, 'id' | 'walletId'> {
  readonly status: OrderStatus;
  readonly failureReason: string | null;
}

interface TopUpParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly processor: CardProcessor;
  readonly bankOrders: BankOrderService;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Who asks for a top-up. */
type Payer = Pick<Caller, 'personId' | 'traceparent'>;

/** A top-up in the hands of this worker, with the processor's token of its card. */
interface ClaimedTopUp extends BookableTopUp {
  readonly token: string;
  readonly createdAt: Date;
}

/** For whom a worker works: a caller waits, the loop does not. */
interface Errand {
  readonly traceparent?: string | undefined;
  /** No call of the processor begins after this instant of `performance.now()`. */
  readonly callUntil?: number;
}

// Longer than what one worker does after an order: the order and two questions of 4 s each, and the booking.
const LEASE_SECONDS = 20;
/** How long a top-up rests before the next worker asks again. */
const PAUSE_SECONDS = 2;
/** How long a caller waits for the end of a top-up that another worker has in hand. The gateway gives up after 10 s. */
const WAIT_MS = 7_000;
/** So long calls of the processor begin while a caller waits; the last may take 4 s. What is left is the loop's. */
const CALL_UNTIL_MS = 5_500;
const POLL_MS = 250;
/** How many open top-ups one round of the loop takes on. */
const ROUND = 20;

/**
 * Top-ups: a PENDING row first, in a transaction with the idempotency key; then the processor, outside of any
 * transaction, under our key; then the booking of what it said. Who dies in between leaves a PENDING row, which the next
 * send of the key or the loop brings to its end by asking.
 */
export class TopUpService {
  constructor(private readonly parts: TopUpParts) {}

  /** Charges a payment method into a wallet. A decline is an answer: a top-up that is FAILED. */
  async topUp(caller: Payer, command: TopUpCommand): Promise<Outcome<{ topUp: TopUp }>> {
    const startedAt = performance.now();
    const { amount, idempotencyKey } = command;
    const invalid = keyRefusals(idempotencyKey);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const checked = checkAmount(amount);
    if (!checked.ok) return checked;
    const walletId = uuidOf(command.walletId);
    const paymentMethodId = uuidOf(command.paymentMethodId);
    if (!walletId) return refuse('NOT_FOUND', ['input', 'walletId']);
    if (!paymentMethodId) return refuse('NOT_FOUND', ['input', 'paymentMethodId']);
    const id = uuidv7();
    const claim = {
      scope: caller.personId,
      key: idempotencyKey,
      mutation: 'topUp' as const,
      transactionId: id,
      input: { walletId, paymentMethodId, minor: String(amount.minor), currency: amount.currency },
    };
    const wish = { id, walletId, paymentMethodId, amount };
    const answer = await once(this.parts.dataSource, claim, (tx) => this.open(tx, caller, wish));
    if (!answer.ok) return answer;
    const topUpId = answer.transactionId;
    const { bankOrders } = this.parts;
    const pulled = await bankOrders.find(topUpId);
    if (pulled) return { ok: true, topUp: await bankOrders.advance(topUpId, caller.traceparent, startedAt) };
    return { ok: true, topUp: await this.toItsEnd(topUpId, caller.traceparent, startedAt) };
  }

  private async open(
    tx: Tx,
    { personId }: Payer,
    wish: { id: string; walletId: string; paymentMethodId: string; amount: Money },
  ): Promise<Outcome<object>> {
    const { id, walletId, paymentMethodId, amount } = wish;
    const state = await lockMovement(tx, {
      personId,
      walletIds: [walletId],
      kind: 'TOP_UP',
      currency: amount.currency,
    });
    const [method]: { kind: string; status: PaymentMethodStatus; last4: string }[] = await tx.query(
      '/* topUps.method */ SELECT kind, status, last4 FROM payment_method WHERE id = $1 AND "personId" = $2',
      [paymentMethodId, personId],
    );
    const wallet = state.wallets.get(walletId);
    const own = wallet?.personId === personId ? wallet : undefined;
    const decided = decideTopUp(
      { wallet: own, method, limits: state.limits },
      amount,
    );
    if (!decided.ok) return decided;
    if (method!.kind === 'BANK_ACCOUNT') {
      const { currency, minor } = amount;
      const order = { id, direction: 'DEBIT', personId, walletId, paymentMethodId, currency, amount: minor, fee: 0n, last4: method!.last4 } as const;
      await openOrder(tx, order, state.recordedAt);
      return { ok: true };
    }
    await tx.query(
      `/* topUps.open */ INSERT INTO top_up (id, "personId", "walletId", "paymentMethodId", currency, amount, last4,
         status, attempts, "leaseUntil", "createdAt") VALUES ($1, $2, $3, $4, $5, $6, $7, 'PENDING', 0, now(), $8::timestamptz)`,
      [
        id,
        personId,
        walletId,
        paymentMethodId,
        amount.currency,
        amount.minor.toString(),
        method!.last4,
        state.recordedAt,
      ],
    );
    return { ok: true };
  }

  /** Brings a top-up to its end, or waits while another worker does; gives it PENDING where that takes too long. */
  private async toItsEnd(id: string, traceparent: string, startedAt: number): Promise<TopUp> {
    const callUntil = startedAt + CALL_UNTIL_MS;
    let worked = false;
    for (;;) {
      const topUp = await this.read(id);
      if (topUp.status !== 'PENDING' || worked || performance.now() > startedAt + WAIT_MS) return topUp;
      worked = performance.now() < callUntil && (await this.workOn(id, { traceparent, callUntil }));
      if (!worked) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private async read(id: string): Promise<TopUp> {
    const [row]: TopUp[] = await this.parts.dataSource.query(
      '/* topUps.read */ SELECT id, "personId", "walletId", status, "failureReason" FROM top_up WHERE id = $1',
      [id],
    );
    return row!;
  }

  /**
   * Ends what was left PENDING by workers that died or found the processor silent. Gives how many it took on; where it is
   * stopped, the rest waits for the next round.
   */
  async resolvePending(stopped = () => false): Promise<number> {
    const rows: { id: string }[] = await this.parts.dataSource.query(
      `/* topUps.pending */ SELECT id FROM top_up
       WHERE status = 'PENDING' AND "leaseUntil" < now() - make_interval(secs => $1) ORDER BY "leaseUntil" LIMIT $2`,
      [PAUSE_SECONDS, ROUND],
    );
    let taken = 0;
    for (const { id } of rows) {
      if (stopped()) break;
      await this.workOn(id, {});
      taken += 1;
    }
    return taken;
  }

  /** Takes a pending top-up in hand and goes as far with it as the answers carry. False where another worker has it. */
  private async workOn(id: string, { traceparent, callUntil = Infinity }: Errand): Promise<boolean> {
    const topUp = await this.claim(id);
    if (!topUp) return false;
    const { dataSource, log, now } = this.parts;
    const calls: ChargeProgress['calls'][number][] = [];
    for (;;) {
      // The age is taken anew each time: calls last seconds, and this worker may have stood still in between.
      const ageMs = now().getTime() - topUp.createdAt.getTime();
      const step = nextStep({ calledBefore: topUp.attempts > 1, ageMs, calls });
      if (step.do === 'BOOK') {
        await bookTopUp({ dataSource, log }, topUp, { verdict: step.verdict, at: now(), traceparent });
        failpoint('top-up.booked');
        return true;
      }
      if (step.do === 'WAIT' || performance.now() > callUntil) {
        await this.release(topUp);
        return true;
      }
      if (step.do === 'CHARGE' && !(await this.renew(topUp))) return false;
      if (step.do === 'CHARGE') failpoint('top-up.before-charge');
      const answer = await this.call(step.do, topUp);
      if (step.do === 'CHARGE') failpoint('top-up.charged');
      calls.push({ call: step.do, answer });
    }
  }

  private async claim(id: string): Promise<ClaimedTopUp | undefined> {
    const [rows]: [ClaimedTopUp[], number] = await this.parts.dataSource.query(
      `/* topUps.claim */ UPDATE top_up t SET attempts = t.attempts + 1, "leaseUntil" = now() + make_interval(secs => $2)
       FROM payment_method m
       WHERE t.id = $1 AND t.status = 'PENDING' AND t."leaseUntil" <= now() AND m.id = t."paymentMethodId"
       RETURNING t.id, t."personId", t."walletId", t."paymentMethodId", t.currency, t.amount, t.last4,
         t.attempts, t."createdAt", m.token`,
      [id, LEASE_SECONDS],
    );
    const row = rows[0];
    return row && { ...row, token: this.parts.sealer.open(row.token, row.paymentMethodId) };
  }

  /** Takes the lease anew before an order. False where this worker was too slow, and somebody else has it or has ended it. */
  private async renew({ id, attempts }: ClaimedTopUp): Promise<boolean> {
    const [, renewed]: [unknown[], number] = await this.parts.dataSource.query(
      `/* topUps.renew */ UPDATE top_up SET "leaseUntil" = now() + make_interval(secs => $3)
       WHERE id = $1 AND attempts = $2 AND status = 'PENDING'`,
      [id, attempts, LEASE_SECONDS],
    );
    return renewed === 1;
  }

  private async release({ id, attempts }: ClaimedTopUp): Promise<void> {
    await this.parts.dataSource.query(
      `/* topUps.release */ UPDATE top_up SET "leaseUntil" = now() WHERE id = $1 AND attempts = $2 AND status = 'PENDING'`,
      [id, attempts],
    );
  }

  private async call(call: 'CHARGE' | 'ASK', topUp: ClaimedTopUp): Promise<ChargeAnswer> {
    const { processor, log } = this.parts;
    const key = chargeKeyOf(topUp.id);
    const { amount, currency } = topUp;
    try {
      if (call === 'ASK') return await processor.chargeByKey(key, { amount, currency });
      return await processor.charge({ key, token: topUp.token, amount, currency });
    } catch (error) {
      if (!(error instanceof ProcessorUnavailable)) throw error;
      log.warn({ error, topUpId: topUp.id, call }, 'the card processor gave no clear answer');
      return { status: 'silent' };
    }
  }
}
