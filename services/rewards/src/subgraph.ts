import { buildSubgraph } from '@tael/graphql';
import type { GraphQLSchema } from 'graphql';
import { CampaignAuditResolver } from './campaigns/campaign-audit.resolver';
import { CampaignResolver } from './campaigns/campaign.resolver';
import { viewCampaign } from './campaigns/campaign.view';
import type { Loaders } from './loaders';
import { QuoteRewardsResolver, TransactionRewardsResolver, UserRewardsResolver } from './rewards/rewards.resolver';
import { PaymentQuoteStub, TransactionStub, UserStub } from './rewards/rewards.type';
import type { Services } from './services';

/** Builds the subgraph: the schema that answers, and its SDL. Without services it can only be printed. */
export function rewardsSubgraph(services?: Services): { schema: GraphQLSchema; sdl: string } {
  const now = services?.now ?? (() => new Date());
  const instances = new Map<Function, unknown>(
    services
      ? [
        [CampaignResolver, new CampaignResolver(services)],
        [CampaignAuditResolver, new CampaignAuditResolver(services)],
        [UserRewardsResolver, new UserRewardsResolver(services)],
        [TransactionRewardsResolver, new TransactionRewardsResolver(services)],
        [QuoteRewardsResolver, new QuoteRewardsResolver(services.rewards)],
      ]
      : [],
  );
  return buildSubgraph<Loaders>({
    resolvers: [CampaignResolver, CampaignAuditResolver, UserRewardsResolver, TransactionRewardsResolver, QuoteRewardsResolver],
    orphanedTypes: [UserStub, TransactionStub, PaymentQuoteStub],
    container: instances,
    references: {
      // What was once active was public then, so that a reward of a paused or ended campaign can still be shown.
      Campaign: async ({ id }, { identity, loaders }) => {
        const isOperator = identity.principal?.roles.includes('OPERATOR') ?? false;
        const campaign = identity.principal ? await loaders.campaign.load(id) : null;
        const isHidden = !campaign || (campaign.status === 'DRAFT' && !isOperator);
        return isHidden ? null : { __typename: 'Campaign', ...viewCampaign(campaign, { now: now(), isOperator }) };
      },
    },
  });
}
