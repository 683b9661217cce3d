import type { Money } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import { audit } from '../audit/audit.service';
import { endWhereSatisfied, lockWaiting } from '../disputes/dispute.end.service';
import { keyRefusals, once, type StoredAnswer } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { descriptionRefusals } from '../transactions/description.domain';
import type { Caller } from '../transactions/transaction.domain';
import { countCashierRefund, lockCashierDay } from './cashier-day.service';
import { lockMerchantMeans } from './merchant-means.service';
import { bookRefund, findPayment, lockGuard } from './refund.booking.service';
import { decideRefund, isLimited, mayRefund } from './refund.domain';

export interface RefundPayment {
  readonly transactionId: string;
  /** All that remains where it is left out. */
  readonly amount: Money | undefined;
  readonly reason: string | undefined;
  readonly idempotencyKey: string;
}

/** The trail wants a reason, which the contract leaves to who refunds. */
const NO_REASON = 'No reason was given.';

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
    const bounds = isLimited(payment!, caller) ? await lockCashierDay(tx, caller.personId, payment!) : undefined;
    const merchant = await lockMerchantMeans(tx, payment!.merchantId, currency);
    const decided = decideRefund({ currency, ...guard }, command.amount, { cashier: bounds, merchant });
    if (!decided.ok) return decided;
    const { refundId, reason } = command;
    const description = reason === undefined ? undefined : this.parts.sealer.seal(reason, refundId);
    const { refund } = decided;
    if (bounds) await countCashierRefund(tx, caller.personId, bounds, refund);
    // Its row comes before the wallet's, as where a dispute is decided.
    const dispute = await lockWaiting(tx, paymentId);
    const now = await bookRefund(tx, caller, { payment: payment!, guard, refund, refundId, description, by: caller.personId });
    // As one of the merchant's people too: what an operator does is seen.
    if (caller.operator) {
      const told = (refunded: bigint) => ({ paymentId, currency, refunded: String(refunded) });
      await audit(tx, { kind: 'MERCHANT', id: payment!.merchantId }, {
        at: now, actorId: caller.personId, action: 'PAYMENT_REFUNDED', reason: reason || NO_REASON,
        before: told(guard.refunded), after: { ...told(guard.refunded + refund), refundId },
      });
    }
    if (dispute) await endWhereSatisfied(tx, caller, { dispute, payment: payment!, guard: { ...guard, refunded: guard.refunded + refund, refunds: guard.refunds + 1 }, now });
    return { ok: true };
  }
}
