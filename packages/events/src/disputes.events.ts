import { z } from 'zod';
import { currency, id, instant, minor } from './fields';
import { defineEvent, TOPICS } from './define';

const dispute = {
  disputeId: id,
  /** The payment. */
  transactionId: id,
  personId: id,
  walletId: id,
  merchantId: id,
  currency,
  /** What is disputed of the payment. */
  amount: minor,
  /** The owners and managers of the merchant at that time: who answers for it. */
  merchantPeople: z.array(id),
  occurredAt: instant,
};

export const disputeOpened = defineEvent({
  type: 'dispute.opened',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'A person disputes a payment of theirs. Without an answer of the merchant by respondBy it is decided for the person.',
  data: z.object({
    ...dispute,
    reason: z.enum(['NOT_RECEIVED', 'NOT_AS_DESCRIBED', 'PAID_TWICE', 'WRONG_AMOUNT', 'NOT_RECOGNISED', 'REFUND_NOT_RECEIVED', 'OTHER']),
    respondBy: instant,
  }),
});

export const disputeAnswered = defineEvent({
  type: 'dispute.answered',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'The merchant gave in, which decides the dispute, or contests it with evidence: then an operator decides.',
  data: z.object({ ...dispute, answer: z.enum(['ACCEPTED', 'CONTESTED']) }),
});

export const disputeDecided = defineEvent({
  type: 'dispute.decided',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'A dispute is at its end. What the person gets back is a refund of the payment, told of by payment.refunded too.',
  data: z.object({
    ...dispute,
    outcome: z.enum(['PERSON', 'MERCHANT', 'WITHDRAWN']),
    /** Who ended it; DEADLINE: the merchant did not answer. */
    by: z.enum(['PERSON', 'MERCHANT', 'OPERATOR', 'DEADLINE']),
    /** Null where nothing was left to give back, or nothing was won. */
    refundId: id.nullable(),
    refunded: minor,
  }),
});

export const disputeDocumentAdded = defineEvent({
  type: 'dispute.document-added',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'A side of a dispute has handed in a document, all of it: the other side is told that there is one, and nothing of what is in it.',
  data: z.object({
    ...dispute,
    documentId: id,
    /** Who handed it in. */
    side: z.enum(['PERSON', 'MERCHANT']),
  }),
});
