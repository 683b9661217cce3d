import { type EventHandlers, fromMessage, type TaelEvent, TOPICS, withoutHandler } from '@tael/events';
import type { BusMessage } from '@tael/platform/bus';
import type { Tx } from '@tael/platform/postgres';
import { carriedOn } from '@tael/platform/telemetry';
import type { BenefitService } from '../benefits/benefit.service';
import type { EvaluationService } from '../evaluations/evaluation.service';
import type { LinkService } from '../links/link.service';
import type { PersonService } from '../people/person.service';
import type { ReferralService } from '../referrals/referral.service';

export const CONSUMER_GROUP = 'rewards';
/** A transaction holds the turn to spend until it commits: short ones let the other instances go on. */
export const BATCH_SIZE_MAX = 100;
export const CONSUMED_TOPICS: readonly string[] = [TOPICS.accounts, TOPICS.payments];

export interface ConsumerParts {
  readonly evaluations: EvaluationService;
  readonly benefits: BenefitService;
  readonly people: PersonService;
  readonly links: LinkService;
  readonly referrals: ReferralService;
}

type Message = Pick<BusMessage, 'topic' | 'key' | 'headers' | 'value'>;

/** Works off messages in one transaction. Every effect has a key of its own, besides the inbox: a repeat changes nothing. */
export type EventHandler = (tx: Tx, messages: readonly Message[]) => Promise<void>;

type Payment = TaelEvent<'payment.settled'>;
type Posting = TaelEvent<'reward.posted'>;

/** What rewards does on the events that are worked off one after the other, by type. */
function handlersOf({ evaluations, benefits, people, links, referrals }: ConsumerParts): EventHandlers<Tx> {
  return {
    'person.registered': async (tx, { data, traceparent: parent }) => {
      const trace = carriedOn(parent);
      await people.note(tx, { id: data.personId, contact: data.contact, registeredAt: data.occurredAt });
      if (!data.referredBy) return;
      const joined = { friendId: data.personId, referrerId: data.referredBy, joinedAt: data.occurredAt };
      if (await referrals.join(tx, joined, trace)) await evaluations.reconsiderReferral(tx, data.personId, trace);
    },
    'person.contact-resealed': (tx, { data }) => people.noteContact(tx, { id: data.personId, contact: data.contact }),
    'people.linked': async (tx, { data, traceparent: parent }) => {
      const [pair, trace] = [{ one: data.personId, other: data.otherId }, carriedOn(parent)];
      if (!(await links.note(tx, { ...pair, by: data.by, at: data.occurredAt }))) return;
      for (const paymentId of await referrals.link(tx, pair, trace)) await benefits.takeBackForLink(tx, paymentId, trace);
    },
    'payment.refunded': (tx, { data, traceparent: parent }) => {
      const { paymentId, refundedTotal, transactionId: refundTransactionId } = data;
      return evaluations.refund(tx, { paymentId, refundedTotal, refundTransactionId }, carriedOn(parent));
    },
    'reward.posted': (tx, { data, traceparent: parent }) => benefits.posted(tx, data, carriedOn(parent)),
    'reward.refused': (tx, { data, traceparent: parent }) => benefits.refused(tx, data, carriedOn(parent)),
    'reward.reversed': (tx, { data }) => benefits.reversalConfirmed(tx, data),
  };
}

/**
 * Makes the function that works off what rewards hears: settled payments together, in their order; then what accounts has
 * paid, together; then all else, one after the other. A payment may be told of before or after any of these anyway.
 */
export function createEventHandler(parts: ConsumerParts): EventHandler {
  const { evaluations, benefits } = parts;
  const handlers = handlersOf(parts);
  return async (tx, messages) => {
    const events = messages.map(fromMessage);
    const payments = events.filter((event) => event.type === 'payment.settled') as Payment[];
    const plain = events.filter(isPlainPosting) as Posting[];
    const others = events.filter((event) => event.type !== 'payment.settled' && !isPlainPosting(event));
    await evaluations.settleAll(tx, payments.map(({ data: { transactionId: id, ...facts }, traceparent: parent }) =>
      ({ payment: { ...facts, id }, traceparent: carriedOn(parent) })));
    await benefits.postedAll(tx, plain.map(({ data }) => data));
    for (const event of others) {
      const handle = handlers[event.type] as ((tx: Tx, event: TaelEvent) => Promise<void>) | undefined;
      await handle?.(tx, event);
    }
  };
}

/** A referral hangs on both of its rewards: its postings are looked at one by one. */
const isPlainPosting = (event: TaelEvent): boolean =>
  event.type === 'reward.posted' && (event as Posting).data.kind !== 'REFERRAL_REWARD';

/** Says of a message that rewards has nothing to do with it. */
export function passesOver(parts: ConsumerParts): (message: Message) => boolean {
  return withoutHandler({ ...handlersOf(parts), 'payment.settled': true });
}
