import { dispatcher, TOPICS } from '@tael/events';
import type { BusMessage } from '@tael/platform/bus';
import type { Tx } from '@tael/platform/postgres';
import { traceparent } from '@tael/platform/telemetry';
import type { BenefitService } from '../benefits/benefit.service';
import type { EvaluationService } from '../evaluations/evaluation.service';
import type { PersonService } from '../people/person.service';
import type { ReferralService } from '../referrals/referral.service';

export const CONSUMER_GROUP = 'rewards';
/** A transaction that grants holds the turn to spend until it commits: short ones let the other partitions go on. */
export const BATCH_SIZE_MAX = 50;
export const CONSUMED_TOPICS: readonly string[] = [TOPICS.accounts, TOPICS.payments];

export interface ConsumerParts {
  readonly evaluations: EvaluationService;
  readonly benefits: BenefitService;
  readonly people: PersonService;
  readonly referrals: ReferralService;
}

/** Works off one message in a transaction. Every effect has a key of its own, besides the inbox: a repeat changes nothing. */
export type EventHandler = (tx: Tx, message: Pick<BusMessage, 'topic' | 'key' | 'headers' | 'value'>) => Promise<void>;

/** Makes the function that works off the events that rewards hears. */
export function createEventHandler({ evaluations, benefits, people, referrals }: ConsumerParts): EventHandler {
  return dispatcher<Tx>({
    'person.registered': async (tx, { data, traceparent: parent }) => {
      const trace = traceparent(parent);
      await people.note(tx, { id: data.personId, contact: data.contact, registeredAt: data.occurredAt });
      if (!data.referredBy) return;
      const joined = { friendId: data.personId, referrerId: data.referredBy, joinedAt: data.occurredAt };
      if (await referrals.join(tx, joined, trace)) await evaluations.reconsiderReferral(tx, data.personId, trace);
    },
    'payment.settled': (tx, { data, traceparent: parent }) => {
      const { transactionId: id, ...facts } = data;
      return evaluations.settle(tx, { ...facts, id }, traceparent(parent));
    },
    'payment.refunded': (tx, { data, traceparent: parent }) => {
      const { paymentId, refundedTotal, transactionId: refundTransactionId } = data;
      return evaluations.refund(tx, { paymentId, refundedTotal, refundTransactionId }, traceparent(parent));
    },
    'reward.posted': (tx, { data, traceparent: parent }) => benefits.posted(tx, data, traceparent(parent)),
    'reward.refused': (tx, { data, traceparent: parent }) => benefits.refused(tx, data, traceparent(parent)),
    'reward.reversed': (tx, { data }) => benefits.reversalConfirmed(tx, data),
  });
}
