import { toMoneyType } from '@tael/graphql';
import { type Campaign, statusAt } from './campaign.domain';
import type { CampaignType } from './campaign.type';

/** A campaign as a viewer sees it at `now`: what it may give and has given is for operators. */
export function viewCampaign(campaign: Campaign, { now, isOperator }: { now: Date; isOperator: boolean }): CampaignType {
  const { id, name, startsAt, endsAt, currency, budget, spent } = campaign;
  return {
    id, name, status: statusAt(campaign, now), startsAt: startsAt ?? undefined, endsAt: endsAt ?? undefined,
    budget: isOperator ? toMoneyType({ minor: budget, currency }) : undefined,
    spent: isOperator ? toMoneyType({ minor: spent, currency }) : undefined,
  };
}
