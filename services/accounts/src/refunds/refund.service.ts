import type { CurrencyCode, Money } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import { emit } from '../events/emission';
import { keyRefusals, once, type StoredAnswer } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { merchantInflowId } from '../ledger/account.ids';
import { lockWallets, post } from '../ledger/ledger.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { descriptionRefusals } from '../transactions/description.domain';
import type { Caller } from '../transactions/transaction.domain';
import { decideRefund, isLimited, mayRefund, type RefundParties } from './refund.domain';

export interface RefundPayment {
  readonly transactionId: string;
  /** All that remains where it is left out. */
  readonly amount: Money | undefined;
  readonly reason: string | undefined;
  readonly idempotencyKey: string;
}

interface PaymentRow extends RefundParties {
  readonly id: string;
  readonly currency: CurrencyCode;
  readonly walletId: string;
  readonly merchantId: string;
}

interface Guard {
  readonly amount: bigint;
  readonly refunded: bigint;
  readonly refunds: number;
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
    const payment = await this.find(tx, command.paymentId);
    const allowed = mayRefund(payment, caller);
    if (!allowed.ok) return allowed;
    const { id: paymentId, currency, walletId, merchantId, personId } = payment!;
    const guard = await this.lockGuard(tx, paymentId);
    const cap = isLimited(payment!, caller) ? await this.cashierCap(tx, currency) : undefined;
    const decided = decideRefund({ currency, ...guard }, command.amount, cap);
    if (!decided.ok) return decided;
    const refundedTotal = guard.refunded + decided.refund;
    await lockWallets(tx, [walletId]);
    await tx.query(
      '/* refunds.count */ UPDATE refund_guard SET refunded = $2, refunds = refunds + 1 WHERE "paymentId" = $1',
      [paymentId, String(refundedTotal)],
    );
    const posted = await post(tx, {
      id: command.refundId, kind: 'REFUND', currency, amount: decided.refund, personId, walletId, merchantId, parentId: paymentId,
      description: command.reason === undefined ? undefined : this.parts.sealer.seal(command.reason, command.refundId),
      legs: [{ debit: merchantInflowId(merchantId, currency), credit: walletId, amount: decided.refund }],
    });
    await emit(tx, caller, [{
      type: 'payment.refunded',
      data: {
        transactionId: command.refundId, personId, walletId, currency, amount: decided.refund, merchantId, paymentId,
        balanceAfter: posted.balances.get(walletId)!.posted, occurredAt: posted.recordedAt,
        paymentAmount: guard.amount, refundedTotal, refundOrdinal: guard.refunds + 1,
      },
    }]);
    return { ok: true };
  }

  private async find(tx: Tx, transactionId: string): Promise<PaymentRow | undefined> {
    const [row] = await tx.query(
      `/* refunds.payment */ SELECT t.id, t.kind, t.currency, t."personId", t."walletId", t."counterpartyId", t."merchantId",
         coalesce(m.people, '{}') AS "merchantPeople", coalesce(m.cashiers, '{}') AS cashiers
       FROM ledger_tx t LEFT JOIN merchant_copy m ON m."merchantId" = t."merchantId" WHERE t.id = $1`,
      [transactionId],
    );
    return row;
  }

  private async cashierCap(tx: Tx, currency: CurrencyCode): Promise<bigint> {
    const [row] = await tx.query(
      `/* refunds.cap */ SELECT cap FROM limit_definition WHERE currency = $1 AND 'CASHIER_REFUND' = ANY (kinds)`, [currency],
    );
    if (!row) throw new Error(`no limit on the refunds of cashiers in ${currency}`);
    return row.cap;
  }

  private async lockGuard(tx: Tx, paymentId: string): Promise<Guard> {
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
}
