import type { CurrencyCode } from '@tael/money';

export const CAMPAIGN_STATUSES = ['DRAFT', 'ACTIVE', 'PAUSED', 'ENDED'] as const;
export type CampaignStatus = (typeof CAMPAIGN_STATUSES)[number];

/** What a campaign gives, exactly one. */
export type Effect =
  | { readonly kind: 'CASHBACK'; readonly rateBasisPoints: number; readonly maximumPerPayment: bigint | null }
  | { readonly kind: 'FEE_WAIVER'; readonly maximumPerPayment: bigint | null }
  | { readonly kind: 'REFERRAL_REWARD'; readonly referrerReward: bigint; readonly friendReward: bigint };

export type EffectKind = Effect['kind'];

/** A time in which a campaign was active: from (included) to (excluded), open where it still is. */
export interface ActiveTime {
  readonly from: Date;
  readonly to: Date | null;
}

/** All that decides on a payment; amounts are minor units of the campaign's currency. */
export interface CampaignRules {
  readonly id: string;
  readonly currency: CurrencyCode;
  readonly effect: Effect;
  readonly minimumAmount: bigint | null;
  readonly merchantIds: readonly string[] | null;
  readonly merchantCategoryCodes: readonly string[] | null;
  readonly firstPaymentOnly: boolean;
  readonly maximumRewardsPerUser: number | null;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly activeTimes: readonly ActiveTime[];
}

export interface Campaign extends CampaignRules {
  readonly name: string;
  /** As it was last set: whether the end has passed since is told by {@link statusAt}. */
  readonly status: CampaignStatus;
  readonly version: number;
  readonly budget: bigint;
  readonly spent: bigint;
}

/** Gives the status at `now`: an activated campaign has ended when its end has passed, also where nobody has noted it yet. */
export function statusAt(campaign: { status: CampaignStatus; endsAt: Date | null }, now: Date): CampaignStatus {
  const { status, endsAt } = campaign;
  const isOver = endsAt !== null && endsAt <= now;
  return isOver && (status === 'ACTIVE' || status === 'PAUSED') ? 'ENDED' : status;
}

export type Change =
  | { readonly ok: true; readonly status: CampaignStatus; readonly changed: boolean }
  | { readonly ok: false; readonly reason: 'CAMPAIGN_ENDED' | 'CAMPAIGN_NOT_ACTIVE' };

/** Activation: of a draft or a paused campaign, unless its end has passed. An active one stays as it is. */
export function activation(campaign: { status: CampaignStatus; endsAt: Date | null }, now: Date): Change {
  const status = statusAt(campaign, now);
  const isOver = status === 'ENDED' || (campaign.endsAt !== null && campaign.endsAt <= now);
  if (isOver) return { ok: false, reason: 'CAMPAIGN_ENDED' };
  return { ok: true, status: 'ACTIVE', changed: status !== 'ACTIVE' };
}

/** A pause: of an active campaign. A paused one stays as it is. */
export function pause(campaign: { status: CampaignStatus; endsAt: Date | null }, now: Date): Change {
  const status = statusAt(campaign, now);
  if (status === 'ENDED') return { ok: false, reason: 'CAMPAIGN_ENDED' };
  if (status === 'DRAFT') return { ok: false, reason: 'CAMPAIGN_NOT_ACTIVE' };
  return { ok: true, status: 'PAUSED', changed: status !== 'PAUSED' };
}

/** Says whether the campaign was active at the instant. */
export function wasActiveAt(times: readonly ActiveTime[], at: Date): boolean {
  return times.some((time) => time.from <= at && (time.to === null || at < time.to));
}

/** A campaign that stopped acting this long before a payment is not listed among its decisions any more. */
export const LISTED_AFTER_END_MS = 7 * 86_400_000;

/** What of a payment says which campaigns it may concern. */
export interface PaymentAtCampaigns {
  readonly currency: CurrencyCode;
  readonly merchantId: string;
  readonly occurredAt: Date;
  readonly waiverCampaignId: string | null;
}

/**
 * Says whether a campaign is decided on a payment: one that was activated, of its currency or at its merchant, and has not
 * ended long ago; and always the one whose waiver accounts has spent on it.
 */
export function concerns(campaign: CampaignRules & { status: CampaignStatus }, payment: PaymentAtCampaigns): boolean {
  if (campaign.id === payment.waiverCampaignId) return true;
  if (campaign.status === 'DRAFT') return false;
  if (campaign.currency !== payment.currency && !campaign.merchantIds?.includes(payment.merchantId)) return false;
  const since = new Date(payment.occurredAt.getTime() - LISTED_AFTER_END_MS);
  const isAfter = (end: Date | null): boolean => end === null || end > since;
  return isAfter(campaign.endsAt) && campaign.activeTimes.some(({ to }) => isAfter(to));
}
