import { createDataSource } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { CategoryEntity } from './categories/category.entity';
import { FeePlanEntity } from './merchants/fee-plan.entity';
import { MerchantEntity, MerchantPersonEntity } from './merchants/merchant.entity';
import { Merchants1763800000000 } from './migrations/1763800000000-merchants';
import { Webhooks1764300000000 } from './migrations/1764300000000-webhooks';
import { KeysThatTurn1764000000000 } from './migrations/1764000000000-keys-that-turn';
import { WebhookDeliveryEntity, WebhookEndpointEntity, WebhookKeyEntity, WebhookLaneEntity } from './webhooks/webhook.entity';

/** Makes the data source of merchants. */
export function merchantsDataSource(settings: { url: string; poolSize: number }): DataSource {
  return createDataSource({
    ...settings,
    service: 'merchants',
    entities: [CategoryEntity, FeePlanEntity, MerchantEntity, MerchantPersonEntity,
      WebhookEndpointEntity, WebhookKeyEntity, WebhookLaneEntity, WebhookDeliveryEntity],
    migrations: [Merchants1763800000000, KeysThatTurn1764000000000, Webhooks1764300000000],
    rights: { readOnly: ['category', 'fee_plan'], kept: ['merchant', 'outbox_cursor', 'webhook_endpoint', 'webhook_lane'] },
  });
}
