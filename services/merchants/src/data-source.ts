import { createDataSource } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { AuditEntryEntity } from './audit/audit-entry.entity';
import { CategoryEntity } from './categories/category.entity';
import { PaymentCodeEntity } from './codes/payment-code.entity';
import { PartnerDocumentEntity } from './partner-documents/partner-document.entity';
import { FeePlanEntity } from './merchants/fee-plan.entity';
import { MerchantEntity, MerchantPersonEntity } from './merchants/merchant.entity';
import { Merchants1763800000000 } from './migrations/1763800000000-merchants';
import { Onboarding1764240000000 } from './migrations/1764240000000-onboarding';
import { Webhooks1764300000000 } from './migrations/1764300000000-webhooks';
import { PartnerDocuments1764250000000 } from './migrations/1764250000000-partner-documents';
import { OwnEntries1764410100000 } from './migrations/1764410100000-own-entries';
import { OwnEntriesValidated1764410100001 } from './migrations/1764410100001-own-entries-validated';
import { KeyEnds1764410000000 } from './migrations/1764410000000-key-ends';
import { MerchantsToldAgain1764420000000 } from './migrations/1764420000000-merchants-told-again';
import { KeysThatTurn1764000000000 } from './migrations/1764000000000-keys-that-turn';
import { RedirectUris1764300100000 } from './migrations/1764300100000-redirect-uris';
import { Partners1764100000000 } from './migrations/1764100000000-partners';
import { LanesOfMerchants1795730000000 } from './migrations/1795730000000-lanes-of-merchants';
import { OperatorsInvitations1795830000000 } from './migrations/1795830000000-operators-invitations';
import { WebhookChoices1795970000000 } from './migrations/1795970000000-webhook-choices';
import { PartnerCostMax1796070000000 } from './migrations/1796070000000-partner-cost-max';
import { RevokedKeys1796070000001 } from './migrations/1796070000001-revoked-keys';
import { ApplicationEntity, DocumentChunkEntity, DocumentEntity, RemovedDocumentEntity } from './onboarding/application.entity';
import { RemovedDocuments1795720000000 } from './migrations/1795720000000-removed-documents';
import { WrongSums1795720000001 } from './migrations/1795720000001-wrong-sums';
import { LeftOutSubgraphs1764450000000 } from './migrations/1764450000000-left-out-subgraphs';
import { PartnerSubgraphs1764210000000 } from './migrations/1764210000000-partner-subgraphs';
import { PartnerSubgraphEntity } from './subgraphs/partner-subgraph.entity';
import { PartnerClientEntity, PartnerEntity, PartnerInvitationEntity, PartnerKeyEntity } from './partners/partner.entity';
import { RolesAndStores1764200000000 } from './migrations/1764200000000-roles-and-stores';
import { RolesValidated1764200000001 } from './migrations/1764200000001-roles-validated';
import { Stores1764200000002 } from './migrations/1764200000002-stores';
import { PaymentCodes1764200000003 } from './migrations/1764200000003-payment-codes';
import { InvitationEntity } from './people/invitation.entity';
import { StoreEntity } from './stores/store.entity';
import { WebhookDeliveryEntity, WebhookEndpointEntity, WebhookKeyEntity, WebhookLaneEntity } from './webhooks/webhook.entity';

const PARTNERS = [PartnerEntity, PartnerInvitationEntity, PartnerClientEntity, PartnerKeyEntity, PartnerDocumentEntity];
const WEBHOOKS = [WebhookEndpointEntity, WebhookKeyEntity, WebhookLaneEntity, WebhookDeliveryEntity];

/** Makes the data source of merchants. */
export function merchantsDataSource(settings: { url: string; poolSize: number }): DataSource {
  return createDataSource({
    ...settings,
    service: 'merchants',
    entities: [
      CategoryEntity, FeePlanEntity, MerchantEntity, MerchantPersonEntity, InvitationEntity, StoreEntity, PaymentCodeEntity, ...PARTNERS, AuditEntryEntity,
      ...WEBHOOKS, PartnerSubgraphEntity,
      ApplicationEntity, DocumentEntity, DocumentChunkEntity, RemovedDocumentEntity,
    ],
    migrations: [
      Merchants1763800000000, KeysThatTurn1764000000000, Partners1764100000000, RolesAndStores1764200000000, RolesValidated1764200000001,
      Stores1764200000002, PaymentCodes1764200000003, PartnerSubgraphs1764210000000, Onboarding1764240000000, PartnerDocuments1764250000000,
      Webhooks1764300000000, RedirectUris1764300100000, MerchantsToldAgain1764420000000,
      KeyEnds1764410000000, OwnEntries1764410100000, OwnEntriesValidated1764410100001,
      LeftOutSubgraphs1764450000000, RemovedDocuments1795720000000, WrongSums1795720000001, LanesOfMerchants1795730000000,
      OperatorsInvitations1795830000000, WebhookChoices1795970000000, PartnerCostMax1796070000000, RevokedKeys1796070000001,
    ],
    rights: {
      readOnly: ['category', 'fee_plan'],
      appendOnly: ['audit_entry', 'payment_code', 'merchant_document_removed'],
      kept: [
        'merchant', 'merchant_application', 'store', 'outbox_cursor', 'partner', 'partner_invitation', 'partner_client', 'partner_key',
        'partner_subgraph', 'webhook_endpoint', 'webhook_lane',
      ],
    },
  });
}
