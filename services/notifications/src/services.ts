import type { Logger } from '@tael/platform/log';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { MailChannel } from './channels/mail.channel';
import { PushChannel, type PushSettings } from './channels/push.channel';
import { PushSubscriptionService } from './channels/push-subscription.service';
import { DeliveryService } from './deliveries/delivery.service';
import { InboxService } from './inbox/inbox.service';
import { LiveFeed } from './inbox/live-feed';
import { MerchantService } from './merchants/merchant.service';
import { MessageService } from './messages/message.service';
import { OfferService } from './offers/offer.service';
import { PersonService } from './people/person.service';
import { PreferencesService } from './preferences/preferences.service';
import { UnsubscribeService } from './preferences/unsubscribe.service';

export interface NotificationsParts {
  readonly dataSource: DataSource;
  readonly log: Logger;
  readonly sealer: Sealer;
  readonly mail: { readonly smtpUrl: string; readonly from: string; readonly unsubscribeBase: string };
  readonly push: PushSettings;
  readonly now: () => Date;
  /** The time of the world outside: that of `now`, but in a sandbox whose clock was moved. */
  readonly real?: () => Date;
  /** How long a claim of a delivery holds; a minute unless told. */
  readonly leaseMs?: number;
}

export type NotificationsServices = ReturnType<typeof createServices>;

/** Makes the services of notifications, each with exactly what it needs. */
export function createServices(parts: NotificationsParts) {
  const { dataSource, log, sealer, now } = parts;
  const people = new PersonService(sealer);
  const merchants = new MerchantService(sealer);
  const inbox = new InboxService({ dataSource, sealer, now });
  const offers: OfferService = new OfferService({ dataSource, now, raise: (tx, draft) => messages.raise(tx, draft) });
  const preferences = new PreferencesService({
    dataSource,
    now,
    onOptIn: (tx, personId) => offers.offerAll(tx, personId),
  });
  const subscriptions = new PushSubscriptionService({ dataSource, sealer, now, allowHttp: parts.push.allowHttp });
  const messages: MessageService = new MessageService({
    dataSource,
    log,
    people,
    merchants,
    preferences,
    subscriptions,
    offers,
    inbox,
    now,
  });
  const unsubscribe = new UnsubscribeService({ dataSource, sealer, base: parts.mail.unsubscribeBase });
  const mail = new MailChannel({
    smtpUrl: parts.mail.smtpUrl,
    from: parts.mail.from,
    unsubscribeUrl: (personId) => unsubscribe.urlFor(personId),
  });
  const push = new PushChannel({ settings: parts.push, subscriptions, now });
  const deliveries = new DeliveryService({
    dataSource,
    log,
    people,
    preferences,
    offers,
    inbox,
    now,
    channels: { EMAIL: mail, PUSH: push },
    ...(parts.leaseMs === undefined ? {} : { leaseMs: parts.leaseMs }),
  });
  const live = new LiveFeed({ dataSource, inbox, log });
  return {
    people, merchants, inbox, offers, preferences, unsubscribe, messages, subscriptions, mail, deliveries, live, now,
  };
}
