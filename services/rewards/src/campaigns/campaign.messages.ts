import { type EventMessage, toMessage } from '@tael/events';
import type { Campaign, CampaignStatus } from './campaign.domain';

interface Moment {
  readonly now: Date;
  readonly traceparent: string;
}

const copy = (values: readonly string[] | null): string[] | null => values && [...values];

/** What others are told when a campaign changes: its state, and for accounts the offer that it alone spends. */
export function campaignMessages(campaign: Campaign, status: CampaignStatus, { now, traceparent }: Moment): EventMessage[] {
  if (status === 'DRAFT') return [];
  const origin = { source: 'rewards', time: now, traceparent };
  const { id: campaignId, version, currency, effect, startsAt, endsAt } = campaign;
  const merchantIds = copy(campaign.merchantIds);
  const merchantCategoryCodes = copy(campaign.merchantCategoryCodes);
  const rateBasisPoints = effect.kind === 'CASHBACK' ? effect.rateBasisPoints : null;
  const changed = toMessage('campaign.changed', {
    campaignId, version, status, effect: effect.kind, currency, rateBasisPoints, merchantIds, merchantCategoryCodes, startsAt,
    endsAt, occurredAt: now,
  }, origin);
  if (effect.kind !== 'FEE_WAIVER') return [changed];
  const { budget, minimumAmount, firstPaymentOnly, maximumRewardsPerUser } = campaign;
  const offered = toMessage('fee-waiver.offered', {
    campaignId, version, currency, budget, activeTimes: campaign.activeTimes.map((time) => ({ ...time })), startsAt, endsAt,
    minimumAmount, merchantIds, merchantCategoryCodes, firstPaymentOnly, maximumRewardsPerUser,
    maximumPerPayment: effect.maximumPerPayment, occurredAt: now,
  }, origin);
  return [offered, changed];
}
