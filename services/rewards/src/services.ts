import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { BenefitService } from './benefits/benefit.service';
import { CampaignAuditService } from './campaigns/campaign-audit.service';
import { CampaignService } from './campaigns/campaign.service';
import { SpendingService } from './campaigns/spending.service';
import { DecisionService } from './decisions/decision.service';
import { EvaluationService } from './evaluations/evaluation.service';
import { LinkService } from './links/link.service';
import { PaymentService } from './payments/payment.service';
import { PersonService } from './people/person.service';
import { ReferralService } from './referrals/referral.service';
import { RewardsService } from './rewards/rewards.service';

export interface ServiceParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly now: () => Date;
}

export type Services = ReturnType<typeof createServices>;

/** Makes the services of rewards and hands each what it needs. */
export function createServices({ dataSource, sealer, now }: ServiceParts) {
  const spending = new SpendingService();
  const payments = new PaymentService();
  const people = new PersonService(sealer);
  const links = new LinkService();
  const referrals = new ReferralService(now, links);
  const decisions = new DecisionService({ dataSource, now });
  const benefits = new BenefitService({ spending, referrals, decisions, now });
  const evaluations = new EvaluationService({ payments, spending, referrals, benefits, decisions });
  const campaigns = new CampaignService({ dataSource, now });
  const campaignAudits = new CampaignAuditService({ dataSource });
  const rewards = new RewardsService({ dataSource, sealer, spending, now });
  return { now, spending, payments, people, links, referrals, decisions, benefits, evaluations, campaigns, campaignAudits, rewards };
}
