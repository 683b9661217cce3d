import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { type Emission, emit } from '../events/emission';
import { bookRefund, type Guard, type PaymentRow } from '../refunds/refund.booking.service';
import type { Caller } from '../transactions/transaction.domain';
import { answering, type DecidedBy, type Decision, wonAmount } from './dispute.domain';
import type { DisputeEntity } from './dispute.entity';

type Cause = { traceparent?: string | undefined };

interface Disputed {
  readonly dispute: Pick<DisputeEntity, 'id' | 'currency' | 'amount'>;
  readonly payment: PaymentRow;
}

type Ended = Disputed & { readonly dispute: Pick<DisputeEntity, 'refundedBefore'>; readonly guard: Guard; readonly now: Date };

type Own<Type extends 'dispute.opened' | 'dispute.answered' | 'dispute.decided' | 'dispute.document-added'> = { type: Type } & Omit<
  EventData<Type>, 'disputeId' | 'transactionId' | 'personId' | 'walletId' | 'merchantId' | 'currency' | 'amount' | 'merchantPeople'
>;

/** Tells what became of a dispute, in the transaction in which it did. */
export async function tellDispute(
  tx: Tx, cause: Cause, { dispute, payment }: Disputed,
  { type, ...own }: Own<'dispute.opened'> | Own<'dispute.answered'> | Own<'dispute.decided'> | Own<'dispute.document-added'>,
): Promise<void> {
  const { id: transactionId, personId, walletId, merchantId } = payment;
  const data = {
    disputeId: dispute.id, transactionId, personId, walletId, merchantId, currency: dispute.currency, amount: dispute.amount,
    merchantPeople: answering(payment), ...own,
  };
  await emit(tx, cause, [{ type, data } as Emission]);
}

/**
 * Ends a dispute whose row and whose payment's guard the caller holds. Who wins gets a refund in the same transaction, of what was
 * not given back since it was opened; the state of the row makes it one. Gives what they got.
 */
export async function endDispute(
  tx: Tx, cause: Cause, { dispute, payment, guard, now }: Ended,
  { status, decision, by, personId }: { status: 'ACCEPTED' | 'DECIDED'; decision: Decision; by: DecidedBy; /** Who gave in for the merchant. */ personId?: string },
): Promise<{ refunded: bigint; refundId: string | null }> {
  const refunded = decision === 'PERSON' ? await wonOf(tx, dispute, guard) : 0n;
  const refundId = refunded > 0n ? uuidv7() : null;
  if (refundId) await bookRefund(tx, cause, { payment, guard, refund: refunded, refundId, by: personId });
  await tx.query(
    `/* disputes.end */ UPDATE dispute SET status = $2, decision = $3, "decidedBy" = $4, refunded = $5, "refundId" = $6, "decidedAt" = $7 WHERE id = $1`,
    [dispute.id, status, decision, by, String(refunded), refundId, now],
  );
  await tellDispute(tx, cause, { dispute, payment }, { type: 'dispute.decided', outcome: decision, by, refundId, refunded, occurredAt: now });
  return { refunded, refundId };
}

/** Gives what the person has to get yet, under the payment's guard. */
async function wonOf(tx: Tx, { id, amount, refundedBefore }: Ended['dispute'], guard: Guard): Promise<bigint> {
  return wonAmount({ amount, refundedBefore: refundedBefore ?? (await refundedBeforeOf(tx, id)) }, guard);
}

/** For a dispute that an instance of the release before opened: what the books say had been given back by then. */
async function refundedBeforeOf(tx: Tx, disputeId: string): Promise<bigint> {
  const [{ refunded }] = await tx.query(
    `/* disputes.refunded-before */ SELECT coalesce(sum(t.amount), 0)::bigint AS refunded FROM dispute d
     JOIN ledger_tx t ON t."parentId" = d."transactionId" AND t.kind = 'REFUND' AND t."recordedAt" <= d."createdAt" WHERE d.id = $1`,
    [disputeId],
  );
  return refunded;
}

/** Locks the dispute of a payment that waits for an end; whoever holds the payment's guard may. */
export async function lockWaiting(tx: Tx, paymentId: string): Promise<DisputeEntity | undefined> {
  const [dispute]: DisputeEntity[] = await tx.query(
    `/* disputes.waiting */ SELECT * FROM dispute WHERE "transactionId" = $1 AND status IN ('OPEN', 'CONTESTED') FOR NO KEY UPDATE`, [paymentId],
  );
  return dispute;
}

/**
 * Ends a dispute for the person once refunds have given back all that is disputed: there is nothing left to decide. `guard` counts
 * the refund that has just been booked.
 */
export async function endWhereSatisfied(tx: Tx, caller: Caller, held: Ended): Promise<void> {
  if ((await wonOf(tx, held.dispute, held.guard)) > 0n) return;
  const { merchantPeople } = held.payment;
  const by = merchantPeople.includes(caller.personId) ? 'MERCHANT' : 'OPERATOR';
  await endDispute(tx, caller, held, { status: 'ACCEPTED', decision: 'PERSON', by });
}
