/** How often somebody must have paid in the last 30 days for "often". */
export const OFTEN_PAYMENTS_MIN = 3;
export const OFTEN_DAYS = 30;
/** An offer of a category must be about one of the person's favourite ones. */
export const FAVOURITE_CATEGORIES_MAX = 3;

const DAY_MS = 86_400_000;
const HALF_LIFE_MS = 45 * DAY_MS;
const OFFER_DAYS = 7;

/** How much a person is drawn to a category at an instant. */
export interface Affinity {
  readonly score: number;
  readonly at: Date;
}

const decayed = (score: number, ms: number): number => score * 2 ** (-ms / HALF_LIFE_MS);

/**
 * Adds one payment: what was there halves every 45 days. Late payments count as little as they would by now, so that
 * the order in which events arrive makes no difference.
 */
export function withPayment(before: Affinity | null, occurredAt: Date): Affinity {
  if (!before) return { score: 1, at: occurredAt };
  const ms = occurredAt.getTime() - before.at.getTime();
  return ms >= 0
    ? { score: decayed(before.score, ms) + 1, at: occurredAt }
    : { score: before.score + decayed(1, -ms), at: before.at };
}

/** Gives the score as of `at`: comparable between categories. */
export function scoreAt(affinity: Affinity, at: Date): number {
  return decayed(affinity.score, at.getTime() - affinity.at.getTime());
}

export interface Campaign {
  readonly id: string;
  readonly status: string;
  readonly effect: string;
  readonly currency: string;
  readonly rateBasisPoints: number | null;
  readonly merchantIds: readonly string[] | null;
  readonly merchantCategoryCodes: readonly string[] | null;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
}

/** Says whether a campaign acts at an instant. */
export function actsAt(campaign: Pick<Campaign, 'status' | 'startsAt' | 'endsAt'>, at: Date): boolean {
  const begun = !campaign.startsAt || campaign.startsAt <= at;
  return campaign.status === 'ACTIVE' && begun && !(campaign.endsAt && campaign.endsAt <= at);
}

/** Gives the template of a personal offer of this campaign; null where it is nothing that habits speak for. */
export function offerTemplate(campaign: Campaign): 'offer.cashback' | 'offer.fee-waiver' | null {
  const targeted = (campaign.merchantIds?.length ?? 0) > 0 || (campaign.merchantCategoryCodes?.length ?? 0) > 0;
  if (!targeted) return null;
  if (campaign.effect === 'CASHBACK' && campaign.rateBasisPoints) return 'offer.cashback';
  return campaign.effect === 'FEE_WAIVER' ? 'offer.fee-waiver' : null;
}

/** What a person has bought lately that the campaign would have rewarded. */
export interface Habit {
  readonly payments: number;
  /** The merchant of most of them. */
  readonly merchantId: string;
  readonly merchantCategoryCode: string;
}

/** Says why a campaign is, or is not, for a person with this habit. `favourites`: their categories, dearest first. */
export function offerFits(
  campaign: Campaign,
  habit: Habit | null,
  favourites: readonly string[],
): { fits: boolean; because: string } {
  if (!offerTemplate(campaign)) return { fits: false, because: 'NOT_TARGETED' };
  if (!habit || habit.payments < OFTEN_PAYMENTS_MIN)
    return { fits: false, because: `PAYMENTS ${habit?.payments ?? 0}` };
  const byMerchant = (campaign.merchantIds?.length ?? 0) > 0;
  const place = favourites.indexOf(habit.merchantCategoryCode);
  if (!byMerchant && (place < 0 || place >= FAVOURITE_CATEGORIES_MAX))
    return { fits: false, because: 'NOT_A_FAVOURITE_CATEGORY' };
  return {
    fits: true,
    because: `PAYMENTS ${habit.payments} OF 30 DAYS, CATEGORY ${habit.merchantCategoryCode} IS NUMBER ${place + 1}`,
  };
}

/** Gives until when an offer is worth sending. */
export function offerValidUntil(campaign: Campaign, now: Date): Date {
  const bound = now.getTime() + OFFER_DAYS * DAY_MS;
  return new Date(campaign.endsAt ? Math.min(bound, campaign.endsAt.getTime()) : bound);
}
