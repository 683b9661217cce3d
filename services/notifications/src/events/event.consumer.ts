import { dispatcher, type EventHandlers, MalformedEvent, TOPICS } from '@tael/events';
import type { Bus, BusMessage } from '@tael/platform/bus';
import { type EventConsumer, Poison, startEventConsumer } from '@tael/platform/inbox';
import type { Logger } from '@tael/platform/log';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import {
  cardAlarm,
  type MessageDraft,
  paymentReceipt,
  refundNotice,
  reuseAlarm,
  rewardNotice,
  rewardReversalNotice,
  topUpNotice,
  transferNotice,
  walletWelcome,
} from '../messages/message.domain';
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

/** What notifications does on the events of others, by type. */
export function eventHandlers({ people, merchants, messages, offers, now }: EventServices): EventHandlers<Tx> {
  const raise = async (tx: Tx, draft: MessageDraft | null): Promise<void> => {
    if (draft) await messages.raise(tx, draft);
  };
  return {
    'person.registered': (tx, event) => people.register(tx, event.data, now()),
    'wallet.opened': (tx, event) => raise(tx, walletWelcome(event.data)),
    'card.added': (tx, event) => raise(tx, cardAlarm(event.data)),
    'session.reuse-detected': (tx, event) => raise(tx, reuseAlarm(event.data)),
    'merchant.changed': (tx, event) => merchants.change(tx, event.data, now()),
    'payment.settled': async (tx, event) => {
      await raise(tx, paymentReceipt(event.data));
      await offers.purchase(tx, event.data);
    },
    'payment.refunded': (tx, event) => raise(tx, refundNotice(event.data)),
    'transfer.settled': (tx, event) => raise(tx, transferNotice('sent', event.data)),
    'transfer.received': (tx, event) => raise(tx, transferNotice('received', event.data)),
    'topup.settled': (tx, event) => raise(tx, topUpNotice(event.data)),
    'topup.failed': (tx, event) => raise(tx, topUpNotice(event.data, event.data.reason)),
    'reward.posted': (tx, event) => raise(tx, rewardNotice(event.data)),
    'reward.reversed': (tx, event) => raise(tx, rewardReversalNotice(event.data)),
    'campaign.changed': (tx, event) => offers.changeCampaign(tx, event.data),
  };
}

/** Makes the function that works off one message of the bus. What is no event can never work: it is poison. */
export function eventHandler(services: EventServices): (tx: Tx, message: BusMessage) => Promise<void> {
  const handle = dispatcher(eventHandlers(services));
  return async (tx, message) => {
    try {
      await handle(tx, message);
    } catch (error) {
      if (error instanceof MalformedEvent) throw new Poison(`${error.name}: ${error.message}`, { cause: error });
      throw error;
    }
  };
}

/** Starts the consumer group `notifications`. */
export function startNotificationsConsumer(parts: {
  bus: Bus;
  dataSource: DataSource;
  log: Logger;
  services: EventServices;
}): Promise<EventConsumer> {
  return startEventConsumer({
    bus: parts.bus,
    dataSource: parts.dataSource,
    log: parts.log,
    group: 'notifications',
    topics: [TOPICS.accounts, TOPICS.payments, TOPICS.merchants, TOPICS.rewards],
    handle: eventHandler(parts.services),
  });
}
