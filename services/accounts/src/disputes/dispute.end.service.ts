import type { CurrencyCode } from '@tael/money';
import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { type Emission, emit } from '../events/emission';
import { bookRefund, type Guard, type PaymentRow } from '../refunds/refund.booking.service';
import { answering, type DecidedBy, type Decision, wonAmount } from './dispute.domain';

type Cause = { traceparent?: string | undefined };

interface Disputed {
  readonly dispute: { readonly id: string; readonly currency: CurrencyCode; readonly amount: bigint };
  readonly payment: PaymentRow;
}

type Own<Type extends 'dispute.opened' | 'dispute.answered' | 'dispute.decided'> = { type: Type } & Omit<
  EventData<Type>, 'disputeId' | 'transactionId' | 'personId' | 'walletId' | 'merchantId' | 'currency' | 'amount' | 'merchantPeople'
>;

/** Tells what became of a dispute, in the transaction in which it did. */
export async function tellDispute(
  tx: Tx, cause: Cause, { dispute, payment }: Disputed, { type, ...own }: Own<'dispute.opened'> | Own<'dispute.answered'> | Own<'dispute.decided'>,
): Promise<void> {
  const { id: transactionId, personId, walletId, merchantId } = payment;
  const data = {
    disputeId: dispute.id, transactionId, personId, walletId, merchantId, currency: dispute.currency, amount: dispute.amount,
    merchantPeople: answering(payment), ...own,
  };
  await emit(tx, cause, [{ type, data } as Emission]);
}

/**
 * Ends a dispute whose row and whose payment's guard the caller holds. Who wins gets a refund in the same transaction, of what is
 * left of the payment at most; the state of the row makes it one.
 */
export async function endDispute(
  tx: Tx, cause: Cause, { dispute, payment, guard, now }: Disputed & { guard: Guard; now: Date },
  { status, decision, by }: { status: 'ACCEPTED' | 'DECIDED'; decision: Decision; by: DecidedBy },
): Promise<void> {
  const refunded = decision === 'PERSON' ? wonAmount(dispute.amount, guard) : 0n;
  const refundId = refunded > 0n ? uuidv7() : null;
  if (refundId) await bookRefund(tx, cause, { payment, guard, refund: refunded, refundId });
  await tx.query(
    `/* disputes.end */ UPDATE dispute SET status = $2, decision = $3, "decidedBy" = $4, refunded = $5, "refundId" = $6, "decidedAt" = $7 WHERE id = $1`,
    [dispute.id, status, decision, by, String(refunded), refundId, now],
  );
  await tellDispute(tx, cause, { dispute, payment }, { type: 'dispute.decided', outcome: decision, by, refundId, refunded, occurredAt: now });
}
