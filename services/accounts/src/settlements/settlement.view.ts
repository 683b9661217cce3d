import { toMoneyType } from '@tael/graphql';
import type { SettlementLine } from './settlement-document.domain';
import type { SettlementLineType, SettlementType } from './settlement.type';
import type { SettlementView } from './settlement-view.service';

/** Writes a settlement for the API. */
export function toSettlementType(view: SettlementView): SettlementType {
  const money = (minor: bigint) => toMoneyType({ minor, currency: view.currency });
  return {
    id: view.id, merchantId: view.merchantId, currency: view.currency, number: view.number, businessDay: view.businessDay, closedAt: view.closedAt,
    gross: money(view.gross), refunds: money(view.refunds), adjustments: money(view.adjustments), fees: money(view.fees),
    reserveHeld: money(view.reserveHeld), reserveReleased: money(view.reserveReleased), net: money(view.net), openingBalance: money(view.opening),
    closingBalance: money(view.closing), paymentCount: view.paymentCount, refundCount: view.refundCount, feeBasisPoints: view.feeBasisPoints,
    feePerPayment: money(view.feeFixed), reserveReleaseDay: view.reserveReleaseDay,
    payout: view.payoutId === null ? null : {
      id: view.payoutId, status: view.payoutStatus!, failureReason: view.payoutFailure, amount: money(view.payoutAmount!), last4: view.payoutLast4!,
      createdAt: view.payoutCreatedAt!, endedAt: view.payoutEndedAt,
    },
    view,
  };
}

/** Writes a line of one. */
export function toLineType(line: SettlementLine, { currency }: SettlementView): SettlementLineType {
  const kind = line.kind === 'PAYMENT' || line.kind === 'REFUND' ? line.kind : 'ADJUSTMENT';
  return {
    transactionId: line.transactionId, kind, amount: toMoneyType({ minor: line.amount, currency }), paymentId: line.kind === 'REFUND' ? line.parentId : null,
    bookedAt: line.bookedAt,
  };
}
