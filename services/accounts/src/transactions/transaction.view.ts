import { toMoneyType } from '@tael/graphql';
import type { TransactionView } from './transaction.domain';
import type { TransactionType } from './transaction.type';

/** Writes a transaction for the API. */
export function toTransactionType(view: TransactionView): TransactionType {
  const money = (minor: bigint) => toMoneyType({ minor, currency: view.currency });
  return {
    id: view.id,
    kind: view.kind,
    status: view.status,
    failureReason: view.failureReason,
    direction: view.direction,
    amount: money(view.amount),
    fee: money(view.fee),
    balanceAfter: view.balanceAfter === null ? null : money(view.balanceAfter),
    description: view.description,
    createdAt: view.createdAt,
    merchant: view.merchantId === null ? null : { id: view.merchantId },
    otherPersonId: view.otherPersonId,
    ownerId: view.ownerId,
  };
}
