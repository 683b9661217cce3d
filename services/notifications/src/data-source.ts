import { createDataSource } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { PushSubscriptionEntity } from './channels/push-subscription.entity';
import { DeliveryEntity } from './deliveries/delivery.entity';
import { NotificationEntity } from './inbox/notification.entity';
import { MerchantEntity } from './merchants/merchant.entity';
import { IntentEntity } from './messages/intent.entity';
import { CreateNotifications1795370000000 } from './migrations/1795370000000-create-notifications';
import { MessageTraces1795370100000 } from './migrations/1795370100000-message-traces';
import { KeysThatTurn1795370200000 } from './migrations/1795370200000-keys-that-turn';
import { AffinityEntity, CampaignEntity, OfferScanEntity, PurchaseEntity } from './offers/offer.entity';
import { PersonEntity } from './people/person.entity';
import { PreferencesEntity } from './preferences/preferences.entity';
import { UnsubscribeLinkEntity } from './preferences/unsubscribe-link.entity';

/** Makes the data source of notifications: its entities and migrations, by name. */
export function notificationsDataSource(url: string, poolSize: number): DataSource {
  return createDataSource({
    url,
    service: 'notifications',
    poolSize,
    entities: [
      PersonEntity,
      MerchantEntity,
      PreferencesEntity,
      UnsubscribeLinkEntity,
      IntentEntity,
      NotificationEntity,
      DeliveryEntity,
      PushSubscriptionEntity,
      PurchaseEntity,
      AffinityEntity,
      CampaignEntity,
      OfferScanEntity,
    ],
    migrations: [CreateNotifications1795370000000, MessageTraces1795370100000, KeysThatTurn1795370200000],
    rights: {
      kept: [
        'person', 'merchant', 'preferences', 'intent', 'notification', 'delivery', 'affinity', 'campaign', 'offer_scan',
        'outbox_cursor',
      ],
    },
  });
}
