import {
  type EventData,
  type EventHandlers,
  type EventType,
  fromMessage,
  MalformedEvent,
  type TaelEvent,
  TOPICS,
  withoutHandler,
} from '@tael/events';
import type { Bus, BusMessage } from '@tael/platform/bus';
import { type BatchHandler, type EventConsumer, Poison, startEventConsumer } from '@tael/platform/inbox';
import type { Logger } from '@tael/platform/log';
import type { Tx } from '@tael/platform/postgres';
import { isTracing } from '@tael/platform/telemetry';
import type { DataSource } from 'typeorm';
import {
  bankAccountAlarm,
  bankTopUpNotice,
  adjustmentNotice,
  applicationNotice,
  cardAlarm,
  consentAlarm,
  consentEndedAlarm,
  consentEndedByOperatorAlarm,
  deviceAlarm,
  type MessageDraft,
  paymentReceipt,
  refundNotice,
  reuseAlarm,
  rewardNotice,
  rewardReversalNotice,
  secondFactorAlarm,
  sessionsEndedAlarm,
  topUpNotice,
  transferNotice,
  walletWelcome,
  withdrawalNotice,
  payoutAccountAlarm,
  payoutsResumedAlarm,
} from '../messages/message.domain';
import { debtNotice, merchantDebtNotice } from '../messages/debt-message.domain';
import { cardTopUpReturnedNotice } from '../messages/charge-back-message.domain';
import { factorKeptAlarm, factorRemovalAlarm, factorRemovalCode, passwordAlarm, passwordResetCode, signedOutAlarm } from '../messages/password-message.domain';
import { merchantStatusAlarms } from '../messages/merchant-status-message.domain';
import { walletFreezeAlarm } from '../messages/wallet-freeze-message.domain';
import { merchantPeopleAlarms } from '../messages/merchant-people-message.domain';
import { disputeAnsweredNotices, disputeDecidedNotices, disputeDocumentNotices, disputeOpenedNotices } from '../messages/dispute-message.domain';
import type { MerchantService } from '../merchants/merchant.service';
import type { MessageService } from '../messages/message.service';
import type { OfferService } from '../offers/offer.service';
import type { PersonService } from '../people/person.service';

export interface EventServices {
  readonly people: PersonService;
  readonly merchants: MerchantService;
  readonly messages: MessageService;
  readonly offers: OfferService;
  readonly now: () => Date;
}

/** What notifications learns from the events of others, by type: before any message is written that may need it. */
export function factHandlers({ people, merchants, offers, now }: EventServices): EventHandlers<Tx> {
  return {
    'person.registered': (tx, event) => people.register(tx, event.data, now()),
    'person.contact-resealed': (tx, event) => people.resealed(tx, event.data, now()),
    'merchant.changed': (tx, event) => merchants.change(tx, event.data, now()),
    'campaign.changed': (tx, event) => offers.changeCampaign(tx, event.data),
  };
}

type Drafts = { [Type in EventType]?: (data: EventData<Type>) => MessageDraft | readonly MessageDraft[] | null };

/** The messages that events ask for, by type. */
const DRAFTS: Drafts = {
  'wallet.opened': walletWelcome,
  'wallet.frozen': (data) => walletFreezeAlarm('frozen', data),
  'wallet.unfrozen': (data) => walletFreezeAlarm('unfrozen', data),
  'card.added': cardAlarm,
  'session.reuse-detected': reuseAlarm,
  'device.added': deviceAlarm,
  'consent.given': consentAlarm,
  'consent.withdrawn': consentEndedAlarm,
  'consent.ended': consentEndedByOperatorAlarm,
  'password.changed': passwordAlarm,
  'password.reset-requested': passwordResetCode,
  'second-factor.changed': secondFactorAlarm,
  'second-factor.removal-requested': factorRemovalCode,
  'second-factor.removal-begun': factorRemovalAlarm,
  'second-factor.removal-stopped': factorKeptAlarm,
  'sessions.ended': sessionsEndedAlarm,
  'sessions.ended-by-operator': signedOutAlarm,
  'payment.settled': paymentReceipt,
  'payment.refunded': refundNotice,
  'dispute.opened': disputeOpenedNotices,
  'dispute.answered': disputeAnsweredNotices,
  'dispute.decided': disputeDecidedNotices,
  'dispute.document-added': disputeDocumentNotices,
  'transfer.settled': (data) => transferNotice('sent', data),
  'transfer.received': (data) => transferNotice('received', data),
  'topup.settled': (data) => (data.method === 'CARD' ? topUpNotice(data) : bankTopUpNotice(data)),
  'topup.failed': (data) => topUpNotice(data, data.reason),
  'bank-topup.failed': bankTopUpNotice,
  'debt.collected': (data) => debtNotice('collected', data),
  'debt.written-off': (data) => debtNotice('written-off', data),
  'merchant-debt.written-off': merchantDebtNotice,
  'card-topup.returned': cardTopUpReturnedNotice,
  'withdrawal.settled': (data) => withdrawalNotice('settled', data),
  'withdrawal.failed': (data) => withdrawalNotice('failed', data),
  'wallet.adjusted': adjustmentNotice,
  'bank-account.added': bankAccountAlarm,
  'payout-account.changed': payoutAccountAlarm,
  'merchant-application.decided': applicationNotice,
  'merchant.status-changed': merchantStatusAlarms,
  'merchant.people-changed': merchantPeopleAlarms,
  'payouts.resumed': payoutsResumedAlarm,
  'reward.posted': rewardNotice,
  'reward.reversed': rewardReversalNotice,
};

/**
 * Makes the function that works off messages of the bus, many at once: first what they let us know, then the messages
 * that they ask for, then the habits that they show. What is no event can never work: it is poison.
 */
export function eventHandler(services: EventServices): BatchHandler {
  const facts = factHandlers(services);
  return async (tx, messages) => {
    const events = messages.map(read);
    for (const event of events) {
      const learn = facts[event.type] as ((tx: Tx, event: TaelEvent) => Promise<void>) | undefined;
      await learn?.(tx, event);
    }
    await services.messages.raiseAll(
      tx,
      events.flatMap(draftsOf),
    );
    await services.offers.purchaseAll(
      tx,
      events.flatMap(({ type, data }) => (type === 'payment.settled' ? [data as EventData<'payment.settled'>] : [])),
    );
  };
}

function read(message: BusMessage): TaelEvent {
  try {
    return fromMessage(message);
  } catch (error) {
    if (error instanceof MalformedEvent) throw new Poison(`${error.name}: ${error.message}`, { cause: error });
    throw error;
  }
}

function draftsOf(event: TaelEvent): readonly MessageDraft[] {
  const draft = DRAFTS[event.type] as ((data: unknown) => MessageDraft | readonly MessageDraft[] | null) | undefined;
  const asked = [draft?.(event.data) ?? []].flat();
  return isTracing() ? asked.map((one) => ({ ...one, traceparent: event.traceparent })) : asked;
}

/** Starts the consumer group `notifications`. */
export function startNotificationsConsumer(parts: {
  bus: Bus;
  dataSource: DataSource;
  log: Logger;
  services: EventServices;
  inboxDays?: number;
}): Promise<EventConsumer> {
  const { services, ...rest } = parts;
  return startEventConsumer({
    ...rest,
    group: 'notifications',
    topics: [TOPICS.accounts, TOPICS.payments, TOPICS.merchants, TOPICS.rewards],
    handleBatch: eventHandler(services),
    passOver: withoutHandler({ ...factHandlers(services), ...DRAFTS }),
  });
}
