import { type MessageDraft, newsUntil } from './message.domain';

interface Dispute {
  readonly disputeId: string;
  readonly transactionId: string;
  readonly personId: string;
  readonly merchantId: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly merchantPeople: readonly string[];
  readonly occurredAt: Date;
}

type Template = 'dispute.opened' | 'dispute.contested' | 'dispute.decided' | 'dispute.closed' | 'dispute.payer-document' | 'dispute.merchant-document';

const notice = (
  template: Template, personId: string, dispute: Dispute, change: { of?: string; validUntil?: Date; words?: Readonly<Record<string, string>> } = {},
): MessageDraft => ({
  dedupeKey: `${template}/${change.of ?? dispute.disputeId}/${personId}`,
  personId,
  class: 'TRANSACTIONAL',
  template,
  transactionId: dispute.transactionId,
  merchantId: dispute.merchantId,
  facts: { currency: dispute.currency, amounts: { amount: dispute.amount.toString() }, ...(change.words ? { words: change.words } : {}) },
  validUntil: change.validUntil ?? newsUntil('TRANSACTIONAL', dispute.occurredAt),
});

/** Tells the merchant's owners and managers that they must answer; it is news until then. */
export function disputeOpenedNotices(dispute: Dispute & { respondBy: Date }): MessageDraft[] {
  return dispute.merchantPeople.map((personId) => notice('dispute.opened', personId, dispute, { validUntil: dispute.respondBy }));
}

/** Tells the person that the merchant does not agree; that it does is told by the decision. */
export function disputeAnsweredNotices(dispute: Dispute & { answer: 'ACCEPTED' | 'CONTESTED' }): MessageDraft[] {
  return dispute.answer === 'CONTESTED' ? [notice('dispute.contested', dispute.personId, dispute)] : [];
}

/** Tells both sides how it ended; who withdraws a dispute knows. */
export function disputeDecidedNotices(dispute: Dispute & { outcome: 'PERSON' | 'MERCHANT' | 'WITHDRAWN' }): MessageDraft[] {
  const words = { outcome: dispute.outcome };
  const person = dispute.outcome === 'WITHDRAWN' ? [] : [notice('dispute.decided', dispute.personId, dispute, { words })];
  return [...person, ...dispute.merchantPeople.map((personId) => notice('dispute.closed', personId, dispute, { words }))];
}

/**
 * Tells the other side that documents came in, and nothing of what is in them: once a day (UTC) for each dispute and side, since five may come, be
 * withdrawn and come again, and the first message says all that the others would. A payer who answers for the
 * merchant too stands on the payer's side, and is not told of what they handed in themselves.
 */
export function disputeDocumentNotices(dispute: Dispute & { side: 'PERSON' | 'MERCHANT' }): MessageDraft[] {
  const of = `${dispute.disputeId}/${dispute.occurredAt.toISOString().slice(0, 10)}`;
  if (dispute.side === 'MERCHANT') return [notice('dispute.merchant-document', dispute.personId, dispute, { of })];
  const others = dispute.merchantPeople.filter((personId) => personId !== dispute.personId);
  return others.map((personId) => notice('dispute.payer-document', personId, dispute, { of }));
}
