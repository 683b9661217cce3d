import { currencyCode } from '@tael/money';
import type { ActiveTime, Campaign, CampaignStatus, Effect, EffectKind } from './campaign.domain';

/** A campaign with its budget and active times, as {@link CAMPAIGN_COLUMNS} reads it. */
export interface CampaignRow {
  id: string;
  name: string;
  currency: string;
  status: string;
  version: number;
  startsAt: Date | null;
  endsAt: Date | null;
  effect: string;
  rateBasisPoints: number | null;
  maximumPerPayment: bigint | null;
  referrerReward: bigint | null;
  friendReward: bigint | null;
  minimumAmount: bigint | null;
  merchantIds: string[] | null;
  merchantCategoryCodes: string[] | null;
  firstPaymentOnly: boolean;
  maximumRewardsPerUser: number | null;
  budget: bigint;
  spent: bigint;
  activeFrom: Date[] | null;
  activeTo: (Date | null)[] | null;
}

export const CAMPAIGN_COLUMNS = `c.*, b.budget, b.spent, t."activeFrom", t."activeTo"
  FROM campaign c
  JOIN campaign_budget b ON b."campaignId" = c.id
  CROSS JOIN LATERAL (
    SELECT array_agg(a."activeFrom" ORDER BY a."activeFrom") AS "activeFrom",
      array_agg(a."activeTo" ORDER BY a."activeFrom") AS "activeTo"
    FROM campaign_active_time a WHERE a."campaignId" = c.id
  ) t`;

function effectOf(row: CampaignRow): Effect {
  const { maximumPerPayment } = row;
  switch (row.effect as EffectKind) {
    case 'CASHBACK':
      return { kind: 'CASHBACK', rateBasisPoints: row.rateBasisPoints!, maximumPerPayment };
    case 'FEE_WAIVER':
      return { kind: 'FEE_WAIVER', maximumPerPayment };
    case 'REFERRAL_REWARD':
      return { kind: 'REFERRAL_REWARD', referrerReward: row.referrerReward!, friendReward: row.friendReward! };
  }
}

export function toCampaign(row: CampaignRow): Campaign {
  const activeTimes: ActiveTime[] = (row.activeFrom ?? []).map((from, index) => ({ from, to: row.activeTo?.[index] ?? null }));
  return {
    id: row.id,
    name: row.name,
    currency: currencyCode(row.currency),
    status: row.status as CampaignStatus,
    version: row.version,
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    effect: effectOf(row),
    minimumAmount: row.minimumAmount,
    merchantIds: row.merchantIds,
    merchantCategoryCodes: row.merchantCategoryCodes,
    firstPaymentOnly: row.firstPaymentOnly,
    maximumRewardsPerUser: row.maximumRewardsPerUser,
    budget: row.budget,
    spent: row.spent,
    activeTimes,
  };
}
