import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import { emit } from '../events/emission';
import { merchantInflowId } from '../ledger/account.ids';
import { lockWallets, post } from '../ledger/ledger.service';
import type { RefundParties } from './refund.domain';
import { noteRefundPerson } from './refund-person.service';

/** A payment with all that a refund of it needs. */
export interface PaymentRow extends RefundParties {
  readonly id: string;
  readonly currency: CurrencyCode;
  readonly walletId: string;
  readonly merchantId: string;
  readonly recordedAt: Date;
}

/** All refunds of a payment so far. */
export interface Guard {
  readonly amount: bigint;
  readonly refunded: bigint;
  readonly refunds: number;
}

/** Finds a transaction with who stands where in it. */
export async function findPayment(tx: Tx, transactionId: string): Promise<PaymentRow | undefined> {
  const [row] = await tx.query(
    `/* refunds.payment */ SELECT t.id, t.kind, t.currency, t."personId", t."walletId", t."counterpartyId", t."merchantId", t."recordedAt",
       coalesce(m.people, '{}') AS "merchantPeople", coalesce(m.cashiers, '{}') AS cashiers, m.owners
     FROM ledger_tx t LEFT JOIN merchant_copy m ON m."merchantId" = t."merchantId" WHERE t.id = $1`,
    [transactionId],
  );
  return row;
}

/** Locks the guard row of a payment: all that is given back of it stands in one line. It comes before any other lock. */
export async function lockGuard(tx: Tx, paymentId: string): Promise<Guard> {
  await tx.query(
    `/* refunds.guard */ INSERT INTO refund_guard ("paymentId", amount, refunded, refunds)
     SELECT id, amount, 0, 0 FROM ledger_tx WHERE id = $1 ON CONFLICT ("paymentId") DO NOTHING`,
    [paymentId],
  );
  const [guard] = await tx.query(
    '/* refunds.lock */ SELECT amount, refunded, refunds FROM refund_guard WHERE "paymentId" = $1 FOR NO KEY UPDATE',
    [paymentId],
  );
  return guard;
}

/** Books a refund that was decided under the lock of the payment's guard, and tells of it. Gives when it was recorded. */
export async function bookRefund(
  tx: Tx, cause: { traceparent?: string | undefined },
  { payment, guard, refund, refundId, description, by }: {
    payment: PaymentRow; guard: Guard; refund: bigint; refundId: string; /** Sealed for the refund. */ description?: string | undefined;
    /** The person who gives it back; none where a deadline or an operator decided. */ by?: string | undefined;
  },
): Promise<Date> {
  const { id: paymentId, currency, walletId, merchantId, personId } = payment;
  const refundedTotal = guard.refunded + refund;
  await lockWallets(tx, [walletId]);
  await tx.query(
    '/* refunds.count */ UPDATE refund_guard SET refunded = $2, refunds = refunds + 1 WHERE "paymentId" = $1',
    [paymentId, String(refundedTotal)],
  );
  const posted = await post(tx, {
    id: refundId, kind: 'REFUND', currency, amount: refund, personId, walletId, merchantId, parentId: paymentId, description,
    legs: [{ debit: merchantInflowId(merchantId, currency), credit: walletId, amount: refund }],
  });
  if (by !== undefined) await noteRefundPerson(tx, refundId, payment, by);
  await emit(tx, cause, [{
    type: 'payment.refunded',
    data: {
      transactionId: refundId, personId, walletId, currency, amount: refund, merchantId, paymentId,
      balanceAfter: posted.balances.get(walletId)!.posted, occurredAt: posted.recordedAt,
      paymentAmount: guard.amount, refundedTotal, refundOrdinal: guard.refunds + 1,
    },
  }]);
  return posted.recordedAt;
}
