import { createDataSource } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { AuditEntryEntity } from './audit/audit-entry.entity';
import { CategoryEntity } from './categories/category.entity';
import { FeePlanEntity } from './merchants/fee-plan.entity';
import { MerchantEntity, MerchantPersonEntity } from './merchants/merchant.entity';
import { Merchants1763800000000 } from './migrations/1763800000000-merchants';
import { KeysThatTurn1764000000000 } from './migrations/1764000000000-keys-that-turn';
import { Partners1764100000000 } from './migrations/1764100000000-partners';
import { PartnerClientEntity, PartnerEntity, PartnerInvitationEntity, PartnerKeyEntity } from './partners/partner.entity';

const PARTNERS = [PartnerEntity, PartnerInvitationEntity, PartnerClientEntity, PartnerKeyEntity];

/** Makes the data source of merchants. */
export function merchantsDataSource(settings: { url: string; poolSize: number }): DataSource {
  return createDataSource({
    ...settings,
    service: 'merchants',
    entities: [CategoryEntity, FeePlanEntity, MerchantEntity, MerchantPersonEntity, ...PARTNERS, AuditEntryEntity],
    migrations: [Merchants1763800000000, KeysThatTurn1764000000000, Partners1764100000000],
    rights: {
      readOnly: ['category', 'fee_plan'],
      appendOnly: ['audit_entry'],
      kept: ['merchant', 'outbox_cursor', 'partner', 'partner_invitation', 'partner_client', 'partner_key'],
    },
  });
}
