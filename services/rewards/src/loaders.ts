import DataLoader from 'dataloader';
import type { BenefitRow } from './benefits/benefit.service';
import type { Campaign } from './campaigns/campaign.domain';
import type { CampaignService } from './campaigns/campaign.service';
import type { Decision, DecisionService } from './decisions/decision.service';
import type { RewardsService } from './rewards/rewards.service';

export interface Loaders {
  /** Any campaign by id, drafts too: who may see it is for the one who asks to say. */
  readonly campaign: DataLoader<string, Campaign | null>;
  /** By payment; of all people whom the payment brought something. */
  readonly benefits: DataLoader<string, readonly BenefitRow[]>;
  readonly decisions: DataLoader<string, readonly Decision[]>;
}

export interface LoaderParts {
  readonly campaigns: CampaignService;
  readonly decisions: DecisionService;
  readonly rewards: RewardsService;
}

/** Makes the loaders of one request: they remember nothing beyond it. */
export function createLoaders(parts: LoaderParts): Loaders {
  return {
    campaign: new DataLoader(async (ids) => {
      const found = await parts.campaigns.find(ids);
      return ids.map((id) => found.get(id.toLowerCase()) ?? null);
    }),
    benefits: new DataLoader(async (ids) => {
      const found = await parts.rewards.benefitsOf(ids);
      return ids.map((id) => found.get(id.toLowerCase()) ?? []);
    }),
    decisions: new DataLoader(async (ids) => {
      const found = await parts.decisions.ofPayments(ids);
      return ids.map((id) => found.get(id.toLowerCase()) ?? []);
    }),
  };
}
