import type { Money } from '@tael/money';
import type { Logger } from '@tael/platform/log';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { keyRefusals, once } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { systemAccountId } from '../ledger/account.ids';
import { post } from '../ledger/ledger.service';
import { lockMovement } from '../limits/movement.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type CardProcessor, ProcessorUnavailable } from '../processor/card-processor.port';
import { type ChargeAnswer, type ChargeProgress, type ChargeVerdict, nextStep } from './charge.domain';
import { decideTopUp } from './top-up.domain';
import type { TopUpEntity } from './top-up.entity';

export interface TopUpCommand {
  readonly walletId: string;
  readonly paymentMethodId: string;
  readonly amount: Money;
  readonly idempotencyKey: string;
}

/** Where a top-up stands. A FAILED one was refused by the card's side; a PENDING one is still being asked about. */
export type TopUp = Pick<TopUpEntity, 'id' | 'personId' | 'walletId' | 'status' | 'failureReason'>;

interface TopUpParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly processor: CardProcessor;
  readonly log: Logger;
  readonly now: () => Date;
}

interface Caller {
  readonly personId: string;
  readonly traceparent: string;
}

/** A top-up in the hands of this worker, with the processor's token of its card. */
interface ClaimedTopUp extends Omit<TopUpEntity, 'leaseUntil' | 'endedAt'> {
  readonly token: string;
}

// Longer than all that one worker does about a top-up: two orders and a question of 4 s each, and the booking.
const LEASE_SECONDS = 20;
/** How long a top-up rests before the next worker asks again. */
const PAUSE_SECONDS = 2;
/** How long a caller waits for the end of a top-up that another worker has in hand. */
const WAIT_MS = 12_000;
const POLL_MS = 50;
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
  async topUp(caller: Caller, command: TopUpCommand): Promise<Outcome<{ topUp: TopUp }>> {
    const { amount, idempotencyKey } = command;
    const invalid = keyRefusals(idempotencyKey);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    if (amount.minor <= 0n) return refuse('INVALID_INPUT', ['input', 'amount', 'amount'], 'NOT_POSITIVE');
    const walletId = uuidOf(command.walletId);
    const paymentMethodId = uuidOf(command.paymentMethodId);
    if (!walletId) return refuse('NOT_FOUND', ['input', 'walletId']);
    if (!paymentMethodId) return refuse('NOT_FOUND', ['input', 'paymentMethodId']);
    const id = uuidv7();
    const claim = {
      scope: caller.personId,
      key: idempotencyKey,
      mutation: 'topUp',
      transactionId: id,
      input: { walletId, paymentMethodId, minor: String(amount.minor), currency: amount.currency },
    };
    const wish = { id, walletId, paymentMethodId, amount };
    const answer = await once(this.parts.dataSource, claim, (tx) => this.open(tx, caller, wish));
    if (!answer.ok) return answer;
    return { ok: true, topUp: await this.toItsEnd(answer.transactionId, caller.traceparent) };
  }

  private async open(
    tx: Tx,
    { personId }: Caller,
    wish: { id: string; walletId: string; paymentMethodId: string; amount: Money },
  ): Promise<Outcome<object>> {
    const { id, walletId, paymentMethodId, amount } = wish;
    const state = await lockMovement(tx, {
      personId,
      walletIds: [walletId],
      kind: 'TOP_UP',
      currency: amount.currency,
    });
    const [method]: { last4: string }[] = await tx.query(
      '/* topUps.method */ SELECT last4 FROM payment_method WHERE id = $1 AND "personId" = $2',
      [paymentMethodId, personId],
    );
    const wallet = state.wallets.get(walletId);
    const own = wallet?.personId === personId ? wallet : undefined;
    const decided = decideTopUp(
      { wallet: own, paymentMethodKnown: method !== undefined, limits: state.limits },
      amount,
    );
    if (!decided.ok) return decided;
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
  private async toItsEnd(id: string, traceparent: string): Promise<TopUp> {
    const deadline = performance.now() + WAIT_MS;
    let worked = false;
    for (;;) {
      worked = (await this.workOn(id, traceparent)) || worked;
      const topUp = await this.read(id);
      if (topUp.status !== 'PENDING' || worked || performance.now() > deadline) return topUp;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private async read(id: string): Promise<TopUp> {
    const [row]: TopUp[] = await this.parts.dataSource.query(
      '/* topUps.read */ SELECT id, "personId", "walletId", status, "failureReason" FROM top_up WHERE id = $1',
      [id],
    );
    return row!;
  }

  /** Ends what was left PENDING by workers that died or found the processor silent. Gives how many it took on. */
  async resolvePending(): Promise<number> {
    const rows: { id: string }[] = await this.parts.dataSource.query(
      `/* topUps.pending */ SELECT id FROM top_up
       WHERE status = 'PENDING' AND "leaseUntil" < now() - make_interval(secs => $1) ORDER BY "leaseUntil" LIMIT $2`,
      [PAUSE_SECONDS, ROUND],
    );
    for (const { id } of rows) await this.workOn(id, undefined);
    return rows.length;
  }

  /** Takes a pending top-up in hand, if nobody has it, and goes as far with it as the processor's answers carry. */
  private async workOn(id: string, traceparent: string | undefined): Promise<boolean> {
    const topUp = await this.claim(id);
    if (!topUp) return false;
    const calls: ChargeProgress['calls'][number][] = [];
    const ageMs = this.parts.now().getTime() - topUp.createdAt.getTime();
    for (;;) {
      const step = nextStep({ calledBefore: topUp.attempts > 1, ageMs, calls });
      if (step.do === 'WAIT') {
        await this.release(id);
        break;
      }
      if (step.do === 'BOOK') {
        await this.book(topUp, step.verdict, traceparent);
        break;
      }
      calls.push({ call: step.do, answer: await this.call(step.do, topUp) });
    }
    return true;
  }

  private async claim(id: string): Promise<ClaimedTopUp | undefined> {
    const [rows]: [(TopUpEntity & { token: string })[], number] = await this.parts.dataSource.query(
      `/* topUps.claim */ UPDATE top_up t SET attempts = t.attempts + 1, "leaseUntil" = now() + make_interval(secs => $2)
       FROM payment_method m
       WHERE t.id = $1 AND t.status = 'PENDING' AND t."leaseUntil" <= now() AND m.id = t."paymentMethodId"
       RETURNING t.id, t."personId", t."walletId", t."paymentMethodId", t.currency, t.amount, t.last4, t.status,
         t."failureReason", t."chargeId", t.attempts, t."createdAt", m.token`,
      [id, LEASE_SECONDS],
    );
    const row = rows[0];
    return row && { ...row, token: this.parts.sealer.open(row.token, row.paymentMethodId) };
  }

  private async release(id: string): Promise<void> {
    await this.parts.dataSource.query(
      `/* topUps.release */ UPDATE top_up SET "leaseUntil" = now() WHERE id = $1 AND status = 'PENDING'`,
      [id],
    );
  }

  private async call(call: 'CHARGE' | 'ASK', topUp: ClaimedTopUp): Promise<ChargeAnswer> {
    const { processor, log } = this.parts;
    const key = `topup-${topUp.id}`;
    try {
      if (call === 'ASK') return await processor.chargeByKey(key);
      return await processor.charge({ key, token: topUp.token, amount: topUp.amount, currency: topUp.currency });
    } catch (error) {
      if (!(error instanceof ProcessorUnavailable)) throw error;
      log.warn({ error, topUpId: topUp.id, call }, 'the card processor gave no clear answer');
      return { status: 'silent' };
    }
  }

  /** Books an end once: of two workers, be it after a lost lease, the second finds that it is done. */
  private book(topUp: ClaimedTopUp, verdict: ChargeVerdict, traceparent: string | undefined): Promise<void> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [open] = await tx.query(
        `/* topUps.lock */ SELECT 1 FROM top_up WHERE id = $1 AND status = 'PENDING' FOR NO KEY UPDATE`,
        [topUp.id],
      );
      if (!open) return;
      if (verdict.end === 'SETTLED') await this.settle(tx, topUp, { chargeId: verdict.chargeId, traceparent });
      else await this.fail(tx, topUp, { ...verdict, traceparent });
    });
  }

  private async settle(
    tx: Tx,
    topUp: ClaimedTopUp,
    { chargeId, traceparent }: { chargeId: string; traceparent: string | undefined },
  ): Promise<void> {
    const { id, personId, walletId, paymentMethodId, currency, amount, last4 } = topUp;
    const posted = await post(tx, {
      id,
      kind: 'TOP_UP',
      currency,
      amount,
      personId,
      walletId,
      externalRef: `charge:${chargeId}`,
      legs: [{ debit: systemAccountId('CARD_CLEARING', currency), credit: walletId, amount }],
    });
    await tx.query(
      `/* topUps.settle */ UPDATE top_up SET status = 'SETTLED', "chargeId" = $2, "endedAt" = $3 WHERE id = $1`,
      [id, chargeId, posted.recordedAt],
    );
    await emit(tx, { traceparent }, [
      {
        type: 'topup.settled',
        data: {
          transactionId: id,
          personId,
          walletId,
          currency,
          amount,
          paymentMethodId,
          last4,
          balanceAfter: posted.balances.get(walletId)!.posted,
          occurredAt: posted.recordedAt,
        },
      },
    ]);
  }

  private async fail(
    tx: Tx,
    topUp: ClaimedTopUp,
    end: Extract<ChargeVerdict, { end: 'FAILED' }> & { traceparent: string | undefined },
  ): Promise<void> {
    const { id, personId, walletId, paymentMethodId, currency, amount, last4 } = topUp;
    const occurredAt = this.parts.now();
    await tx.query(
      `/* topUps.fail */ UPDATE top_up SET status = 'FAILED', "failureReason" = $2, "chargeId" = $3, "endedAt" = $4
       WHERE id = $1`,
      [id, end.reason, end.chargeId, occurredAt],
    );
    await emit(tx, { traceparent: end.traceparent }, [
      {
        type: 'topup.failed',
        data: {
          transactionId: id,
          personId,
          walletId,
          currency,
          amount,
          paymentMethodId,
          last4,
          reason: end.reason,
          occurredAt,
        },
      },
    ]);
  }
}
