import { createDataSource } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { BenefitEntity, BenefitReversalEntity } from './benefits/benefit.entity';
import {
  CampaignActiveTimeEntity, CampaignBudgetEntity, CampaignEntity, CampaignPersonEntity,
} from './campaigns/campaign.entity';
import { CampaignAuditEntity } from './campaigns/campaign-audit.entity';
import { DecisionEntity } from './decisions/decision.entity';
import { LinkEntity } from './links/link.entity';
import { Rewards1763800000000 } from './migrations/1763800000000-rewards';
import { RewardDebts1763900000000 } from './migrations/1763900000000-reward-debts';
import { KeysThatTurn1764000000000 } from './migrations/1764000000000-keys-that-turn';
import { CampaignAudit1795860000000 } from './migrations/1795860000000-campaign-audit';
import { PersonLinks1795900000000 } from './migrations/1795900000000-person-links';
import { PaymentEntity, RefundProgressEntity } from './payments/payment.entity';
import { PersonEntity } from './people/person.entity';
import { ReferralEntity } from './referrals/referral.entity';

/** Makes the data source of rewards. */
export function rewardsDataSource(settings: { url: string; poolSize: number }): DataSource {
  return createDataSource({
    ...settings,
    service: 'rewards',
    entities: [
      CampaignEntity, CampaignActiveTimeEntity, CampaignBudgetEntity, CampaignPersonEntity, CampaignAuditEntity, PaymentEntity,
      RefundProgressEntity, DecisionEntity, BenefitEntity, BenefitReversalEntity, PersonEntity, ReferralEntity, LinkEntity,
    ],
    migrations: [
      Rewards1763800000000, RewardDebts1763900000000, KeysThatTurn1764000000000, CampaignAudit1795860000000, PersonLinks1795900000000,
    ],
    rights: {
      appendOnly: ['payment', 'campaign_audit', 'person_link'],
      kept: [
        'campaign', 'campaign_active_time', 'campaign_budget', 'campaign_person', 'refund_progress', 'reward_decision', 'benefit',
        'benefit_reversal', 'person', 'referral', 'outbox_cursor',
      ],
    },
  });
}
