import type { CurrencyCode, Money } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import { endWhereSatisfied, lockWaiting } from '../disputes/dispute.end.service';
import { keyRefusals, once, type StoredAnswer } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { descriptionRefusals } from '../transactions/description.domain';
import type { Caller } from '../transactions/transaction.domain';
import { bookRefund, findPayment, lockGuard } from './refund.booking.service';
import { decideRefund, isLimited, mayRefund } from './refund.domain';

export interface RefundPayment {
  readonly transactionId: string;
  /** All that remains where it is left out. */
  readonly amount: Money | undefined;
  readonly reason: string | undefined;
  readonly idempotencyKey: string;
}

/** Gives payments back. The guard row of the payment is locked first, so that all its refunds stand in one line. */
export class RefundService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer }) {}

  async refund(caller: Caller, command: RefundPayment): Promise<StoredAnswer> {
    const invalid = [...keyRefusals(command.idempotencyKey), ...descriptionRefusals(command.reason, 'reason')];
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const amount = command.amount ? checkAmount(command.amount) : { ok: true as const };
    if (!amount.ok) return amount;
    const paymentId = uuidOf(command.transactionId);
    if (!paymentId) return refuse('NOT_FOUND', ['input', 'transactionId']);
    const refundId = uuidv7();
    const claim = {
      scope: caller.personId,
      key: command.idempotencyKey,
      mutation: 'refundPayment' as const,
      input: {
        paymentId, minor: command.amount ? String(command.amount.minor) : null, currency: command.amount?.currency ?? null,
        reason: command.reason ?? null,
      },
      transactionId: refundId,
    };
    return once(this.parts.dataSource, claim, (tx) => this.book(tx, caller, { ...command, paymentId, refundId }));
  }

  private async book(
    tx: Tx, caller: Caller, command: RefundPayment & { paymentId: string; refundId: string },
  ): Promise<Outcome<object>> {
    const payment = await findPayment(tx, command.paymentId);
    const allowed = mayRefund(payment, caller);
    if (!allowed.ok) return allowed;
    const { id: paymentId, currency } = payment!;
    const guard = await lockGuard(tx, paymentId);
    const cap = isLimited(payment!, caller) ? await this.cashierCap(tx, currency) : undefined;
    const decided = decideRefund({ currency, ...guard }, command.amount, cap);
    if (!decided.ok) return decided;
    const { refundId, reason } = command;
    const description = reason === undefined ? undefined : this.parts.sealer.seal(reason, refundId);
    const { refund } = decided;
    // Its row comes before the wallet's, as where a dispute is decided.
    const dispute = await lockWaiting(tx, paymentId);
    const now = await bookRefund(tx, caller, { payment: payment!, guard, refund, refundId, description });
    if (dispute) await endWhereSatisfied(tx, caller, { dispute, payment: payment!, guard: { ...guard, refunded: guard.refunded + refund, refunds: guard.refunds + 1 }, now });
    return { ok: true };
  }

  private async cashierCap(tx: Tx, currency: CurrencyCode): Promise<bigint> {
    const [row] = await tx.query(
      `/* refunds.cap */ SELECT f.cap FROM limit_definition s CROSS JOIN LATERAL (
         SELECT n.cap FROM limit_definition n WHERE n.id = s.id AND n."effectiveFrom" <= clock_timestamp() ORDER BY n.version DESC LIMIT 1) f
       WHERE s.version = 1 AND s.currency = $1 AND 'CASHIER_REFUND' = ANY (s.kinds)`,
      [currency],
    );
    if (!row) throw new Error(`no limit on the refunds of cashiers in ${currency}`);
    return row.cap;
  }
}
