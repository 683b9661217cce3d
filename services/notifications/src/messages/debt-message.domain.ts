import { type MessageDraft, newsUntil } from './message.domain';

interface DebtChange {
  /** The collection, or the write-off. */
  readonly transactionId: string;
  readonly topUpId: string;
  readonly personId: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly left: bigint;
  readonly occurredAt: Date;
}

/** Tells who owes for a returned top-up that some of it was settled, or written off, and what is left. It shows the top-up, which they know. */
export const debtNotice = (
  change: 'collected' | 'written-off', { transactionId, topUpId, personId, currency, amount, left, occurredAt }: DebtChange,
): MessageDraft => ({
  dedupeKey: `debt.${change}/${transactionId}`,
  personId,
  class: 'TRANSACTIONAL',
  template: `debt.${change}`,
  transactionId: topUpId,
  facts: { currency, amounts: { amount: String(amount), left: String(left) }, words: { rest: left > 0n ? 'some' : 'none' } },
  validUntil: newsUntil('TRANSACTIONAL', occurredAt),
});

/** Tells an owner of a merchant that some of what it owes is not asked for any more, and what is left. */
export const merchantDebtNotice = ({ transactionId, personId, merchantId, currency, amount, left, occurredAt }: {
  transactionId: string; personId: string; merchantId: string; currency: string; amount: bigint; left: bigint; occurredAt: Date;
}): MessageDraft => ({
  dedupeKey: `merchant-debt.written-off/${transactionId}/${personId}`,
  personId,
  class: 'TRANSACTIONAL',
  template: 'merchant-debt.written-off',
  merchantId,
  facts: { currency, amounts: { amount: String(amount), left: String(left) }, words: { rest: left > 0n ? 'some' : 'none' } },
  validUntil: newsUntil('TRANSACTIONAL', occurredAt),
});
